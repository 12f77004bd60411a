"""Groups, the professionals in them, invitations, the logbook that nobody can change, letters; the tables of the kit."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WRITTEN_STAYS = "the logbook is never changed"
# (act, when it is refused): an entry goes only with the whole group, once its content is erased.
GUARDS = (
    ("UPDATE", "1 = 1"),
    ("DELETE", "(SELECT erased_at FROM youth_groups WHERE id = OLD.group_id) IS NULL"),
)


def upgrade() -> None:
    op.create_table(
        "letters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.UniqueConstraint("key", name=op.f("uq_letters_key")),
    )
    op.create_index(op.f("ix_letters_next_attempt_at"), "letters", ["next_attempt_at"], unique=False)
    op.create_table(
        "professionals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sub", sa.String(length=40), nullable=False),
        sa.Column("organisation_code", sa.String(length=40), nullable=False),
        sa.Column("organisation_name", sa.String(length=200), nullable=False),
        sa.Column("full_name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("function", sa.String(length=20), nullable=False),
        sa.Column("function_words", sa.String(length=80), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("leader_email", sa.String(length=254), nullable=False),
        sa.Column("notes_seen", sa.String(length=20), nullable=False),
        sa.Column("log_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_professionals")),
        sa.UniqueConstraint("sub", "organisation_code", name=op.f("uq_professionals_sub_organisation_code")),
    )
    op.create_index(op.f("ix_professionals_email_key"), "professionals", ["email_key"], unique=False)
    op.create_table(
        "organisation_terms",
        sa.Column("organisation_code", sa.String(length=40), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("months BETWEEN 1 AND 60", name=op.f("ck_organisation_terms_months")),
        sa.ForeignKeyConstraint(["set_by"], ["professionals.id"], name=op.f("fk_organisation_terms_set_by")),
        sa.PrimaryKeyConstraint("organisation_code", name=op.f("pk_organisation_terms")),
    )
    op.create_table(
        "youth_groups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_code", sa.String(length=40), nullable=False),
        sa.Column("organisation_name", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("retain_until", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_counts", sa.JSON(), nullable=True),
        sa.CheckConstraint("(erased_at IS NULL) = (erased_counts IS NULL)", name=op.f("ck_youth_groups_erased")),
        sa.ForeignKeyConstraint(["created_by"], ["professionals.id"], name=op.f("fk_youth_groups_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_youth_groups")),
    )
    op.create_index(op.f("ix_youth_groups_organisation_code"), "youth_groups", ["organisation_code"], unique=False)
    op.create_index(op.f("ix_youth_groups_retain_until"), "youth_groups", ["retain_until"], unique=False)
    op.create_table(
        "invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(length=20), nullable=True),
        sa.CheckConstraint(
            "answer IS NULL OR answer IN ('accepted', 'declined', 'withdrawn')", name=op.f("ck_invitations_answer")
        ),
        sa.CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name=op.f("ck_invitations_answered")),
        sa.ForeignKeyConstraint(["group_id"], ["youth_groups.id"], name=op.f("fk_invitations_group_id")),
        sa.ForeignKeyConstraint(["invited_by"], ["professionals.id"], name=op.f("fk_invitations_invited_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
    )
    op.create_index(op.f("ix_invitations_email_key"), "invitations", ["email_key"], unique=False)
    op.create_index(
        "uq_invitations_open",
        "invitations",
        ["group_id", "email_key"],
        unique=True,
        sqlite_where=sa.text("answered_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.create_table(
        "log_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("about_id", sa.Uuid(), nullable=True),
        sa.Column("youngster_id", sa.Uuid(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["about_id"], ["professionals.id"], name=op.f("fk_log_entries_about_id")),
        sa.ForeignKeyConstraint(["actor_id"], ["professionals.id"], name=op.f("fk_log_entries_actor_id")),
        sa.ForeignKeyConstraint(["group_id"], ["youth_groups.id"], name=op.f("fk_log_entries_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_entries")),
    )
    op.create_index("ix_log_entries_group_id_at", "log_entries", ["group_id", "at", "id"], unique=False)
    op.create_table(
        "memberships",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("professional_id", sa.Uuid(), nullable=False),
        sa.Column("beheerder", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=20), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "end_reason IS NULL OR end_reason IN ('left', 'removed', 'right_ended')",
            name=op.f("ck_memberships_end_reason"),
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name=op.f("ck_memberships_end_has_reason")),
        sa.ForeignKeyConstraint(["ended_by"], ["professionals.id"], name=op.f("fk_memberships_ended_by")),
        sa.ForeignKeyConstraint(["group_id"], ["youth_groups.id"], name=op.f("fk_memberships_group_id")),
        sa.ForeignKeyConstraint(["professional_id"], ["professionals.id"], name=op.f("fk_memberships_professional_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
    )
    op.create_index(op.f("ix_memberships_professional_id"), "memberships", ["professional_id"], unique=False)
    op.create_index(
        "uq_memberships_open",
        "memberships",
        ["group_id", "professional_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "kit_ended_sessions",
        sa.Column("name_hash", sa.String(length=64), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name_hash", name=op.f("pk_kit_ended_sessions")),
    )
    op.create_index(op.f("ix_kit_ended_sessions_known_until"), "kit_ended_sessions", ["known_until"], unique=False)
    op.create_table(
        "kit_heard_notices",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("known_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_kit_heard_notices")),
    )
    op.create_index(op.f("ix_kit_heard_notices_known_until"), "kit_heard_notices", ["known_until"], unique=False)
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
    op.create_index(op.f("ix_kit_kept_forms_created_at"), "kit_kept_forms", ["created_at"], unique=False)
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
    op.create_index(op.f("ix_kit_sessions_created_at"), "kit_sessions", ["created_at"], unique=False)
    op.create_index(op.f("ix_kit_sessions_sid"), "kit_sessions", ["sid"], unique=False)
    for act, when in GUARDS:
        _guard(act, when)


def _guard(act: str, when: str) -> None:
    name = f"log_entries_{act.lower()}"
    if op.get_bind().dialect.name == "postgresql":
        # A trigger's own WHEN cannot look into another table.
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {when} THEN"
            f" RAISE EXCEPTION '{WRITTEN_STAYS}' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON log_entries FOR EACH ROW EXECUTE FUNCTION {name}()")
    else:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {act} ON log_entries WHEN {when}"
            f" BEGIN SELECT RAISE(ABORT, '{WRITTEN_STAYS}'); END"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":  # SQLite drops a trigger with its table
        for act, _when in GUARDS:
            op.execute(f"DROP TRIGGER log_entries_{act.lower()} ON log_entries")
            op.execute(f"DROP FUNCTION log_entries_{act.lower()}()")
    op.drop_index(op.f("ix_kit_sessions_sid"), table_name="kit_sessions")
    op.drop_index(op.f("ix_kit_sessions_created_at"), table_name="kit_sessions")
    op.drop_table("kit_sessions")
    op.drop_index(op.f("ix_kit_kept_forms_created_at"), table_name="kit_kept_forms")
    op.drop_table("kit_kept_forms")
    op.drop_index(op.f("ix_kit_heard_notices_known_until"), table_name="kit_heard_notices")
    op.drop_table("kit_heard_notices")
    op.drop_index(op.f("ix_kit_ended_sessions_known_until"), table_name="kit_ended_sessions")
    op.drop_table("kit_ended_sessions")
    op.drop_index(
        "uq_memberships_open",
        table_name="memberships",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index(op.f("ix_memberships_professional_id"), table_name="memberships")
    op.drop_table("memberships")
    op.drop_index("ix_log_entries_group_id_at", table_name="log_entries")
    op.drop_table("log_entries")
    op.drop_index(
        "uq_invitations_open",
        table_name="invitations",
        sqlite_where=sa.text("answered_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.drop_index(op.f("ix_invitations_email_key"), table_name="invitations")
    op.drop_table("invitations")
    op.drop_index(op.f("ix_youth_groups_retain_until"), table_name="youth_groups")
    op.drop_index(op.f("ix_youth_groups_organisation_code"), table_name="youth_groups")
    op.drop_table("youth_groups")
    op.drop_table("organisation_terms")
    op.drop_index(op.f("ix_professionals_email_key"), table_name="professionals")
    op.drop_table("professionals")
    op.drop_index(op.f("ix_letters_next_attempt_at"), table_name="letters")
    op.drop_table("letters")
