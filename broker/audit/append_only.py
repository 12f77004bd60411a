"""What keeps the audit append-only in the database itself: the triggers, per dialect, for the migration to run (threats AU2).

Owns the SQL. An event and its seal can be inserted and never changed or deleted; a source address can only be erased.
"""

REFUSAL = "the audit is append-only"

# table -> the statements that are refused on it. A source address is personal data: it may be erased, never rewritten.
REFUSED = {
    "audit_events": ("UPDATE", "DELETE"),
    "audit_seals": ("UPDATE", "DELETE"),
    "audit_sources": ("UPDATE",),
}


def install_sql(dialect: str) -> list[str]:
    """The statements, in order, that put the triggers on the tables of `dialect` ("sqlite" or "postgresql")."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            for table, verbs in REFUSED.items()
            for verb in verbs
        ]
    statements = [
        "CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$"
    ]
    for table, verbs in REFUSED.items():
        statements.append(
            f"CREATE TRIGGER {table}_append_only BEFORE {' OR '.join(verbs)} ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION audit_refuse_change()"
        )
        if "DELETE" in verbs:
            statements.append(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()"
            )
    return statements


def remove_sql(dialect: str) -> list[str]:
    """The statements that take the triggers away again: for the downgrade of the migration only."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER {table}_no_{verb.lower()}" for table, verbs in REFUSED.items() for verb in verbs]
    statements = []
    for table, verbs in REFUSED.items():
        statements.append(f"DROP TRIGGER {table}_append_only ON {table}")
        if "DELETE" in verbs:
            statements.append(f"DROP TRIGGER {table}_no_truncate ON {table}")
    return [*statements, "DROP FUNCTION audit_refuse_change()"]
