"""What the database itself refuses to change, whoever asks: the triggers, per dialect, for the migrations to run.

An ended row stays as it ended (lifecycles §0); what was asked stays as it was asked (§1); a decided task stays decided
(§2). Owns the SQL, not the tables. The audit has triggers of its own (`audit.append_only`). Nothing here stands in the way
of erasing personal data at its time: what names somebody may still become empty.
"""

ENDED_IS_OVER = "an ended row never changes"
ASKED_STAYS = "what was asked never changes"
DECIDED_STAYS = "a decided task never changes"
AGREED_STAYS = "what somebody agreed to never changes"
CONFIRMED_STAYS = "what was confirmed never changes"

# What an applicant asked, for what and as whom. The organisation may be filled in once, when a new one is admitted.
_ASKED = (
    "number",
    "person_id",
    "identity_source",
    "applicant_key",
    "entitlement_code",
    "application_code",
    "right_code",
    "context_code",
    "target_group",
    "organisation_type",
    "submission_id",
    "created_at",
)
_ASKED_PERSONAL = {"given_name": "''", "family_name": "''", "email": "''", "phone": "NULL", "answers": "'{}'"}
_TEXT = "::text"  # json has no equality of its own on PostgreSQL
_AFFILIATION = ("person_id", "organisation_id", "valid_from", "valid_until", "ended_at", "ended_by", "end_reason")
_AFFILIATION_PERSONAL = {"email": "NULL", "email_source": "NULL", "phone": "NULL"}


def _changed(columns: tuple[str, ...], erasable: dict[str, str]) -> str:
    """One of `columns` changes, or one of `erasable` into anything but its empty value."""
    return " OR ".join(
        [
            *(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns),
            *(
                f"(OLD.{column}{_TEXT} IS DISTINCT FROM NEW.{column}{_TEXT} AND NEW.{column}{_TEXT} IS DISTINCT FROM {empty})"
                for column, empty in erasable.items()
            ),
        ]
    )


_ENDED = "OLD.ended_at IS NOT NULL"

FIRST = "0001"

# (since which migration, name, table, refusal, condition): an UPDATE of the table is refused where the condition holds. Written for
# PostgreSQL. A guard names only columns that its migration knows: what a later one adds gets a guard of its own.
_GUARDS: tuple[tuple[str, str, str, str, str], ...] = (
    (FIRST, "grants_ended_is_over", "grants", ENDED_IS_OVER, _ENDED),
    (FIRST, "labels_ended_is_over", "labels", ENDED_IS_OVER, _ENDED),
    (FIRST, "mandates_ended_is_over", "mandates", ENDED_IS_OVER, _ENDED),
    (
        FIRST,
        "affiliations_ended_is_over",
        "affiliations",
        ENDED_IS_OVER,
        f"{_ENDED} AND ({_changed(_AFFILIATION, _AFFILIATION_PERSONAL)})",
    ),
    (
        FIRST,
        "access_requests_asked_stays",
        "access_requests",
        ASKED_STAYS,
        _changed(_ASKED, _ASKED_PERSONAL)
        + " OR (OLD.organisation_id IS NOT NULL AND OLD.organisation_id IS DISTINCT FROM NEW.organisation_id)"
        " OR (NEW.number_sealed IS NOT NULL AND OLD.number_sealed IS NULL)",
    ),
    (FIRST, "tasks_decided_stays", "tasks", DECIDED_STAYS, "OLD.closed_at IS NOT NULL"),
    (
        "0006",
        "affiliations_ended_general_email",
        "affiliations",
        ENDED_IS_OVER,
        f"{_ENDED} AND ({_changed((), {'general_email': 'NULL'})})",
    ),
    ("0007", "deputies_ended_is_over", "deputies", ENDED_IS_OVER, _ENDED),
    ("0008", "campaign_items_decided_stays", "campaign_items", CONFIRMED_STAYS, "OLD.outcome IS NOT NULL"),
    (
        "0008",
        "recertification_campaigns_closed_stays",
        "recertification_campaigns",
        CONFIRMED_STAYS,
        "OLD.closed_at IS NOT NULL",
    ),
    ("0012", "access_requests_charter_stays", "access_requests", ASKED_STAYS, _changed(("charter_version",), {})),
    ("0012", "charter_acceptances_stay", "charter_acceptances", AGREED_STAYS, "OLD.id = OLD.id"),
)


def install_sql(dialect: str, *, since: str | None = None) -> list[str]:
    """The statements, in order, that put the triggers on the tables of `dialect` ("sqlite" or "postgresql"): those that came with
    the migration `since`, or all."""
    function = [] if since not in (None, FIRST) or dialect == "sqlite" else [_REFUSING_FUNCTION]
    return [*function, *(_trigger(dialect, *guard) for came, *guard in _GUARDS if since in (None, came))]


def put_back_sql(dialect: str, tables: tuple[str, ...], *, below: str) -> list[str]:
    """The triggers of migrations before `below` for `tables` that SQLite rewrote (batch mode), which lost them."""
    if dialect != "sqlite":
        return []
    return [_trigger(dialect, *guard) for came, *guard in _GUARDS if guard[1] in tables and came < below]


def remove_sql(dialect: str, *, since: str | None = None) -> list[str]:
    """The statements that take the triggers of `since`, or all, away again: for the downgrade of a migration only."""
    names = [(name, table) for came, name, table, *_ in _GUARDS if since in (None, came)]
    if dialect == "sqlite":
        return [f"DROP TRIGGER {name}" for name, _ in names]
    function = ["DROP FUNCTION refuse_change()"] if since in (None, FIRST) else []
    return [*(f"DROP TRIGGER {name} ON {table}" for name, table in names), *function]


_REFUSING_FUNCTION = (
    "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation'; END $$"
)


def _trigger(dialect: str, name: str, table: str, refusal: str, condition: str) -> str:
    if dialect == "sqlite":
        return (
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN {_for_sqlite(condition)}"
            f" BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        )
    return (
        f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({condition})"
        f" EXECUTE FUNCTION refuse_change('{refusal}')"
    )


def _for_sqlite(condition: str) -> str:
    return condition.replace("IS DISTINCT FROM", "IS NOT").replace(_TEXT, "")
