"""A role of PostgreSQL that the broker runs under: it may add to the audit, and neither change nor take away (threats AU2).

The triggers refuse a change to whoever works through the broker; this refuses it to whoever got hold of the broker's own password,
as only the owner of the tables could drop the triggers. Owns the statements; SQLite has no roles.
"""

import re

_ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_APPENDED = "audit_events, audit_seals"


def is_role_name(name: str) -> bool:
    """Whether it can stand in a statement as it is."""
    return _ROLE.fullmatch(name) is not None


def restrict_sql(role: str) -> list[str]:
    """For the owner of the tables to run, once and again after every migration: everything for `role`, but of the audit only
    reading and adding. A source address may be erased, never rewritten; migrations are the owner's.

    Raises:
        ValueError: no name of a role.
    """
    if not is_role_name(role):
        raise ValueError("a role has small letters, digits and underscores")
    return [
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {_APPENDED} FROM {role}",
        f"REVOKE UPDATE, TRUNCATE ON audit_sources FROM {role}",
        f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {role}",
    ]
