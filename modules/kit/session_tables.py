"""The tables of the kit, in the database of the application that uses it.

Owns: their shape. Does not own when rows come and go (session.py, refresh.py, end_by_notice.py, kept_form.py).
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
    Column("sid", String(255), index=True),
    Column("issued_at", Instant),
    Column("refresh_due_at", Instant),
    Column("refreshing_until", Instant),
)
"""One signed-in browser. `id_hash` is the fingerprint of what its cookie holds; the tokens open only with that.

`sid` is the broker's name for the session, `issued_at` when the broker made it, by the broker's clock. From `refresh_due_at` on
the tokens are renewed before they are believed again; until `refreshing_until` one request does so and the others wait."""

ended_sessions = Table(
    "kit_ended_sessions",
    metadata,
    Column("name_hash", String(64), primary_key=True),
    Column("ended_at", Instant, nullable=False),
    Column("known_until", Instant, nullable=False, index=True),
)
"""What the broker ended lately: a session, or all that a person had until `ended_at`. A sign-in that was under way at that
moment finds it here (threats BC3)."""

heard_notices = Table(
    "kit_heard_notices",
    metadata,
    Column("id_hash", String(64), primary_key=True),
    Column("known_until", Instant, nullable=False, index=True),
)
"""Logout tokens and events that have had their effect: each counts once (threats BC2)."""

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
