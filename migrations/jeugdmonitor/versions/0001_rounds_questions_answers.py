"""Rounds, their questions and answers; what the database itself refuses; the tables of the kit.

The tables with anything of a respondent have no row number on SQLite: their only order is that of random keys.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CLOSED_STAYS = "a closed round never changes"
ASKED_STAYS = "the questions of a round change while it is a draft"
ONLY_WHEN_OPEN = "answers come in while the round is open"
SAID_STAYS = "what was said or done never changes"

_ROUND = "(SELECT state FROM rounds WHERE id = {row}.round_id)"
_ROUND_OF_RESPONSE = (
    "(SELECT rounds.state FROM rounds JOIN responses ON responses.round_id = rounds.id"
    " WHERE responses.id = {row}.response_id)"
)
_ROUND_OF_QUESTION = (
    "(SELECT rounds.state FROM rounds JOIN round_questions ON round_questions.round_id = rounds.id"
    " WHERE round_questions.id = {row}.question_id)"
)


def _answers(table: str, state: str) -> tuple[tuple[str, str, str, str], ...]:
    return (
        (table, "INSERT", ONLY_WHEN_OPEN, f"{state.format(row='NEW')} <> 'open'"),
        (table, "UPDATE", SAID_STAYS, "1 = 1"),
        (table, "DELETE", CLOSED_STAYS, f"{state.format(row='OLD')} = 'closed'"),
    )


# (table, what is done to a row, why it is refused, when)
GUARDS = (
    ("rounds", "UPDATE", CLOSED_STAYS, "OLD.state = 'closed' OR (OLD.state = 'open' AND NEW.state = 'draft')"),
    ("rounds", "DELETE", CLOSED_STAYS, "OLD.state <> 'draft'"),
    ("round_questions", "INSERT", ASKED_STAYS, f"{_ROUND.format(row='NEW')} <> 'draft'"),
    ("round_questions", "UPDATE", ASKED_STAYS, f"{_ROUND.format(row='OLD')} <> 'draft'"),
    ("round_questions", "DELETE", ASKED_STAYS, f"{_ROUND.format(row='OLD')} <> 'draft'"),
    ("privacy_readings", "UPDATE", SAID_STAYS, "1 = 1"),
    ("privacy_readings", "DELETE", SAID_STAYS, f"{_ROUND.format(row='OLD')} <> 'draft'"),
    ("round_events", "UPDATE", SAID_STAYS, "1 = 1"),
    ("round_events", "DELETE", SAID_STAYS, f"{_ROUND.format(row='OLD')} <> 'draft'"),
    *_answers("responses", _ROUND),
    *_answers("answers", _ROUND_OF_RESPONSE),
    *_answers("text_answers", _ROUND_OF_QUESTION),
)


def upgrade() -> None:
    _rounds()
    _answers_tables()
    _kit()
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation'; END $$"
        )
    for table, act, why, when in GUARDS:
        name = f"{table}_{act.lower()}"
        if dialect == "postgresql" and "SELECT" in when:  # the WHEN of a trigger may not look into another table there
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {when} THEN"
                f" RAISE EXCEPTION '{why}' USING ERRCODE = 'check_violation'; END IF;"
                f" RETURN {'OLD' if act == 'DELETE' else 'NEW'}; END $$"
            )
            op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
        elif dialect == "postgresql":
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse('{why}')"
            )
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {act} ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, '{why}'); END"
            )


def _rounds() -> None:
    op.create_table(
        "rounds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_code", sa.String(length=40), nullable=False),
        sa.Column("organisation_name", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("introduction", sa.Text(), nullable=False),
        sa.Column("lowest_age", sa.Integer(), nullable=False),
        sa.Column("highest_age", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("with_codes", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("link_key", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('draft', 'open', 'closed')", name=op.f("ck_rounds_state")),
        sa.CheckConstraint(
            "6 <= lowest_age AND lowest_age <= highest_age AND highest_age <= 25", name=op.f("ck_rounds_ages")
        ),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_rounds_period")),
        sa.CheckConstraint("(state = 'draft') = (opened_at IS NULL)", name=op.f("ck_rounds_opened")),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_rounds_closed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rounds")),
        sa.UniqueConstraint("link_key", name=op.f("uq_rounds_link_key")),
    )
    op.create_index("ix_rounds_organisation_code", "rounds", ["organisation_code"])
    op.create_table(
        "round_questions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("bank_code", sa.String(length=40), nullable=True),
        sa.Column("theme", sa.String(length=20), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=True),
        sa.Column("prompt", sa.Text(), nullable=True),
        sa.Column("options", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "(bank_code IS NULL) = (prompt IS NOT NULL) AND (prompt IS NULL) = (kind IS NULL)"
            " AND (prompt IS NULL) = (theme IS NULL) AND (prompt IS NULL) = (options IS NULL)",
            name=op.f("ck_round_questions_bank_or_own"),
        ),
        sa.CheckConstraint("kind IS NULL OR kind IN ('one', 'several', 'text')", name=op.f("ck_round_questions_kind")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_round_questions_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_questions")),
        sa.UniqueConstraint("round_id", "position", name=op.f("uq_round_questions_round_id_position")),
        sa.UniqueConstraint("round_id", "bank_code", name=op.f("uq_round_questions_round_id_bank_code")),
    )
    op.create_index("ix_round_questions_bank_code", "round_questions", ["bank_code"])
    op.create_table(
        "privacy_readings",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("points_version", sa.String(length=20), nullable=False),
        sa.Column("charter_version", sa.String(length=20), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_sub", sa.String(length=40), nullable=False),
        sa.Column("person_name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_privacy_readings_round_id")),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_privacy_readings")),
    )
    op.create_table(
        "round_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_sub", sa.String(length=40), nullable=True),
        sa.Column("person_name", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "kind IN ('created', 'changed', 'opened', 'prolonged', 'codes_made', 'closed')",
            name=op.f("ck_round_events_kind"),
        ),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_round_events_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_events")),
        sa.UniqueConstraint("round_id", "version", name=op.f("uq_round_events_round_id_version")),
    )


def _answers_tables() -> None:
    op.create_table(
        "responses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("age_group", sa.String(length=10), nullable=True),
        sa.Column("gender", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_responses_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responses")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_responses_round_id", "responses", ["round_id"])
    op.create_table(
        "answers",
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("option_code", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["response_id"], ["responses.id"], name=op.f("fk_answers_response_id")),
        sa.ForeignKeyConstraint(["question_id"], ["round_questions.id"], name=op.f("fk_answers_question_id")),
        sa.PrimaryKeyConstraint("response_id", "question_id", "option_code", name=op.f("pk_answers")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_answers_question_id", "answers", ["question_id"])
    op.create_table(
        "text_answers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["round_questions.id"], name=op.f("fk_text_answers_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_answers")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_text_answers_question_id", "text_answers", ["question_id"])
    op.create_table(
        "partial_responses",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_partial_responses_round_id")),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_partial_responses")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_partial_responses_round_id", "partial_responses", ["round_id"])
    op.create_table(
        "entry_codes",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_entry_codes_round_id")),
        sa.PrimaryKeyConstraint("round_id", "code_hash", name=op.f("pk_entry_codes")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rate_notes",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_rate_notes_round_id")),
        sa.PrimaryKeyConstraint("round_id", "day", name=op.f("pk_rate_notes")),
        sqlite_with_rowid=False,
    )


def _kit() -> None:
    op.create_table(
        "kit_sessions",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("sub", sa.String(length=40), nullable=False),
        sa.Column("organisation_code", sa.String(length=40), nullable=False),
        sa.Column("sealed_tokens", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sid", sa.String(length=255), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refresh_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refreshing_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_kit_sessions")),
    )
    op.create_index("ix_kit_sessions_created_at", "kit_sessions", ["created_at"])
    op.create_index("ix_kit_sessions_sid", "kit_sessions", ["sid"])
    op.create_table(
        "kit_kept_forms",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("sub", sa.String(length=40), nullable=False),
        sa.Column("organisation_code", sa.String(length=40), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sealed_form", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_kit_kept_forms")),
    )
    op.create_index("ix_kit_kept_forms_created_at", "kit_kept_forms", ["created_at"])
    op.create_table(
        "kit_ended_sessions",
        sa.Column("name_hash", sa.String(length=64), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name_hash", name=op.f("pk_kit_ended_sessions")),
    )
    op.create_index("ix_kit_ended_sessions_known_until", "kit_ended_sessions", ["known_until"])
    op.create_table(
        "kit_heard_notices",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("known_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_kit_heard_notices")),
    )
    op.create_index("ix_kit_heard_notices_known_until", "kit_heard_notices", ["known_until"])


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":  # SQLite drops a trigger with its table
        for table, act, _why, _when in GUARDS:
            op.execute(f"DROP TRIGGER {table}_{act.lower()} ON {table}")
        for table, act, _why, when in GUARDS:
            if "SELECT" in when:
                op.execute(f"DROP FUNCTION {table}_{act.lower()}()")
        op.execute("DROP FUNCTION refuse()")
    for table in (
        "kit_heard_notices",
        "kit_ended_sessions",
        "kit_kept_forms",
        "kit_sessions",
        "rate_notes",
        "entry_codes",
        "partial_responses",
        "text_answers",
        "answers",
        "responses",
        "round_events",
        "privacy_readings",
        "round_questions",
        "rounds",
    ):
        op.drop_table(table)
