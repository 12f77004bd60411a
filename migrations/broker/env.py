"""How Alembic reaches the database of the broker: one connection, one lock, limits on waiting.

Two nodes that start at once must not migrate at once: PostgreSQL has an advisory lock for that, SQLite its one writer. A migration
that waits longer than a few seconds for a table stops, rather than have every request queue up behind it.
"""

import os
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, create_engine, text

from broker.database import UtcDateTime, configure_engine
from broker.tables import metadata

ADVISORY_LOCK = 4_712_026
LOCK_TIMEOUT = "4s"
STATEMENT_TIMEOUT = "60s"


def written_type(kind: str, item: object, writing: Any) -> str | Literal[False]:
    """How a column type of ours is written in a new migration."""
    if kind == "type" and isinstance(item, UtcDateTime):
        writing.imports.add("from broker.database import UtcDateTime")
        return "UtcDateTime()"
    return False


def migrate(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.execute(text(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'"))
        connection.execute(text(f"SELECT pg_advisory_lock({ADVISORY_LOCK})"))
        connection.commit()
    else:
        # A table that is rewritten is dropped for a moment; the rows that refer to it must not mind. Outside a transaction only.
        connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=OFF")
    try:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=True,
            compare_type=True,
            render_item=written_type,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    finally:
        connection.rollback()
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_unlock({ADVISORY_LOCK})"))
            connection.execute(text("RESET lock_timeout"))
            connection.execute(text("RESET statement_timeout"))
            connection.commit()
        else:
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=ON")


def main() -> None:
    given = context.config.attributes.get("connection")
    if given is not None:
        migrate(given)
        return
    engine = create_engine(os.environ["BROKER_DATABASE_URL"])
    configure_engine(engine)
    with engine.connect() as connection:
        migrate(connection)


main()
