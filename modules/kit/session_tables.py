"""The two tables of the kit, in the database of the application that uses it.

Owns: their shape. Does not own when rows come and go (session.py, kept_form.py).
"""

from sqlalchemy import Column, MetaData, String, Table, Text

from modules.kit.database import NAMING, Instant

metadata = MetaData(naming_convention=NAMING)

sessions = Table(
    "kit_sessions",
    metadata,
    Column("id_hash", String(64), primary_key=True),
    Column("sub", String(40), nullable=False),
    Column("organisation_code", String(40), nullable=False),
    Column("sealed_tokens", Text, nullable=False),
    Column("created_at", Instant, nullable=False, index=True),
)
"""One signed-in browser. `id_hash` is the fingerprint of what its cookie holds; the tokens open only with that."""

kept_forms = Table(
    "kit_kept_forms",
    metadata,
    Column("key_hash", String(64), primary_key=True),
    Column("sub", String(40), nullable=False),
    Column("organisation_code", String(40), nullable=False),
    Column("path", Text, nullable=False),
    Column("sealed_form", Text, nullable=False),
    Column("created_at", Instant, nullable=False, index=True),
)
"""What somebody typed when the sign-in ran out under it; shown again to the same person for the same organisation."""
