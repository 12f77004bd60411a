"""Somebody with a right asks for an account for a colleague; the administrators of that colleague's organisation get a task.

Why: in PlusMinMee a group is made of people of several organisations, and only a local administrator may vouch for a new one (issue 5,
seed-sentences M11). The downgrade forgets what was asked, with its tasks.
"""

import sqlalchemy as sa
from alembic import op

from broker import unchanging
from broker.database import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_ABOUT_BEFORE = (
    "(request_id IS NOT NULL) = (kind = 'request') AND (label_id IS NOT NULL) = (kind = 'label')"
    " AND (proposal_id IS NOT NULL) = (kind = 'admission') AND (report_id IS NOT NULL) = (kind = 'report')"
    " AND (doubted_person_id IS NOT NULL) = (kind = 'doubt')"
    " AND (kind <> 'vacancy' OR organisation_id IS NOT NULL)"
    " AND kind IN ('request', 'label', 'admission', 'report', 'doubt', 'vacancy')"
)
_ABOUT_NOW = (
    "(request_id IS NOT NULL) = (kind = 'request') AND (label_id IS NOT NULL) = (kind = 'label')"
    " AND (proposal_id IS NOT NULL) = (kind = 'admission') AND (report_id IS NOT NULL) = (kind = 'report')"
    " AND (doubted_person_id IS NOT NULL) = (kind = 'doubt')"
    " AND (nomination_id IS NOT NULL) = (kind = 'nomination')"
    " AND (kind <> 'vacancy' OR organisation_id IS NOT NULL)"
    " AND kind IN ('request', 'label', 'admission', 'report', 'doubt', 'vacancy', 'nomination')"
)
_OPEN = sa.text("closed_at IS NULL AND nomination_id IS NOT NULL")
_WAITING = sa.text("settled_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "nominations",
        sa.Column("application_code", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("nominated_by", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("given_name", sa.String(), nullable=False),
        sa.Column("family_name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "settled_at IS NULL OR (given_name = '' AND family_name = '' AND email = '' AND note = '')",
            name=op.f("ck_nominations_erased_when_settled"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_nominations_organisation_id")),
        sa.ForeignKeyConstraint(["nominated_by"], ["persons.id"], name=op.f("fk_nominations_nominated_by")),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name=op.f("fk_nominations_grant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nominations")),
    )
    op.create_index("ix_nominations_by", "nominations", ["nominated_by", "created_at"])
    op.create_index("ix_nominations_open", "nominations", ["created_at"], sqlite_where=_WAITING, postgresql_where=_WAITING)

    with op.batch_alter_table("tasks", recreate="auto") as tasks:
        tasks.add_column(sa.Column("nomination_id", sa.Uuid(), nullable=True))
        tasks.create_foreign_key(op.f("fk_tasks_nomination_id"), "nominations", ["nomination_id"], ["id"])
        tasks.drop_constraint(op.f("ck_tasks_about_one_thing"), type_="check")
        tasks.create_check_constraint(op.f("ck_tasks_about_one_thing"), _ABOUT_NOW)
    op.create_index(
        "uq_tasks_nomination", "tasks", ["nomination_id"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    _put_back_triggers()


def downgrade() -> None:
    op.execute("DELETE FROM tasks WHERE kind = 'nomination'")
    op.drop_index("uq_tasks_nomination", "tasks")
    with op.batch_alter_table("tasks", recreate="auto") as tasks:
        tasks.drop_constraint(op.f("ck_tasks_about_one_thing"), type_="check")
        tasks.drop_constraint(op.f("fk_tasks_nomination_id"), type_="foreignkey")
        tasks.drop_column("nomination_id")
        tasks.create_check_constraint(op.f("ck_tasks_about_one_thing"), _ABOUT_BEFORE)
    op.drop_table("nominations")
    _put_back_triggers()


def _put_back_triggers() -> None:
    """SQLite rewrote the table, and a table that is rewritten loses its triggers."""
    for statement in unchanging.put_back_sql(op.get_bind().dialect.name, ("tasks",), below=revision):
        op.execute(statement)
