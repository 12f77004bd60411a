"""Alembic for the database of the PlusMinMee: on the connection that modules.kit.database hands over, in its transaction."""

from alembic import context

from modules.kit.session_tables import metadata as kit_metadata
from modules.plusminmee.model import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=[Base.metadata, kit_metadata],
    render_as_batch=True,
)
context.run_migrations()
