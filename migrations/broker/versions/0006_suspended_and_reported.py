"""A right can be suspended and handed over for a while, a colleague can be reported, and a job has a general address.

Why: an administrator stops a right without losing it, lets a colleague stand in during a long absence, and hears from holders who
should no longer have one. Suspension is a window on the right itself, so that tokens read it in the statement they read anyway. A
task may now also be about a report, about somebody whose identity is doubted, and about an organisation without an administrator.
The downgrade lets suspended rights work again and forgets reports, with the tasks of these three kinds.
"""

import sqlalchemy as sa
from alembic import op

from broker import unchanging
from broker.database import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ABOUT_BEFORE = (
    "(kind = 'request' AND request_id IS NOT NULL AND label_id IS NULL AND proposal_id IS NULL)"
    " OR (kind = 'label' AND request_id IS NULL AND label_id IS NOT NULL AND proposal_id IS NULL)"
    " OR (kind = 'admission' AND request_id IS NULL AND label_id IS NULL AND proposal_id IS NOT NULL)"
)
_ABOUT_NOW = (
    "(request_id IS NOT NULL) = (kind = 'request') AND (label_id IS NOT NULL) = (kind = 'label')"
    " AND (proposal_id IS NOT NULL) = (kind = 'admission') AND (report_id IS NOT NULL) = (kind = 'report')"
    " AND (doubted_person_id IS NOT NULL) = (kind = 'doubt')"
    " AND (kind <> 'vacancy' OR organisation_id IS NOT NULL)"
    " AND kind IN ('request', 'label', 'admission', 'report', 'doubt', 'vacancy')"
)
_OPEN = {
    "uq_tasks_report": (["report_id"], "closed_at IS NULL AND report_id IS NOT NULL"),
    "uq_tasks_doubt": (["doubted_person_id", "organisation_id"], "closed_at IS NULL AND doubted_person_id IS NOT NULL"),
    "uq_tasks_vacancy": (["organisation_id"], "closed_at IS NULL AND kind = 'vacancy'"),
}
_SUSPENSION = ("suspended_from", "suspended_until", "suspended_by", "suspension_note", "suspension_begun")


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name=op.f("fk_reports_grant_id")),
        sa.ForeignKeyConstraint(["reporter_id"], ["persons.id"], name=op.f("fk_reports_reporter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
    )
    op.create_index(op.f("ix_reports_grant_id"), "reports", ["grant_id"])
    op.create_index(op.f("ix_reports_reporter_id"), "reports", ["reporter_id"])

    with op.batch_alter_table("grants", recreate="auto") as grants:
        grants.add_column(sa.Column("suspended_from", UtcDateTime(), nullable=True))
        grants.add_column(sa.Column("suspended_until", UtcDateTime(), nullable=True))
        grants.add_column(sa.Column("suspended_by", sa.Uuid(), nullable=True))
        grants.add_column(sa.Column("suspension_note", sa.String(), nullable=True))
        grants.add_column(sa.Column("suspension_begun", sa.Boolean(), nullable=False, server_default=sa.false()))
        grants.add_column(sa.Column("handed_over_from", sa.Uuid(), nullable=True))
        grants.create_foreign_key(op.f("fk_grants_handed_over_from"), "grants", ["handed_over_from"], ["id"])
        grants.create_check_constraint(
            op.f("ck_grants_suspended_by_somebody"), "(suspended_from IS NULL) = (suspended_by IS NULL)"
        )
        grants.create_check_constraint(
            op.f("ck_grants_suspension_window"),
            "suspended_until IS NULL OR (suspended_from IS NOT NULL AND suspended_until > suspended_from)",
        )
    op.create_index(
        "ix_grants_suspended",
        "grants",
        ["suspended_until"],
        sqlite_where=sa.text("ended_at IS NULL AND suspended_from IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NULL AND suspended_from IS NOT NULL"),
    )

    with op.batch_alter_table("tasks", recreate="auto") as tasks:
        tasks.add_column(sa.Column("report_id", sa.Uuid(), nullable=True))
        tasks.add_column(sa.Column("doubted_person_id", sa.Uuid(), nullable=True))
        tasks.create_foreign_key(op.f("fk_tasks_report_id"), "reports", ["report_id"], ["id"])
        tasks.create_foreign_key(op.f("fk_tasks_doubted_person_id"), "persons", ["doubted_person_id"], ["id"])
        tasks.drop_constraint(op.f("ck_tasks_about_one_thing"), type_="check")
        tasks.create_check_constraint(op.f("ck_tasks_about_one_thing"), _ABOUT_NOW)
    for name, (columns, where) in _OPEN.items():
        op.create_index(
            name, "tasks", columns, unique=True, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )

    op.add_column("affiliations", sa.Column("general_email", sa.String(), nullable=True))
    _put_back_triggers()
    _run(unchanging.install_sql(_dialect(), since=revision))


def downgrade() -> None:
    _run(unchanging.remove_sql(_dialect(), since=revision))
    op.drop_column("affiliations", "general_email")
    op.execute("DELETE FROM tasks WHERE kind IN ('report', 'doubt', 'vacancy')")
    for name in _OPEN:
        op.drop_index(name, "tasks")
    with op.batch_alter_table("tasks", recreate="auto") as tasks:
        tasks.drop_constraint(op.f("ck_tasks_about_one_thing"), type_="check")
        tasks.drop_constraint(op.f("fk_tasks_report_id"), type_="foreignkey")
        tasks.drop_constraint(op.f("fk_tasks_doubted_person_id"), type_="foreignkey")
        tasks.drop_column("report_id")
        tasks.drop_column("doubted_person_id")
        tasks.create_check_constraint(op.f("ck_tasks_about_one_thing"), _ABOUT_BEFORE)

    op.drop_index("ix_reports_reporter_id", "reports")
    op.drop_index("ix_reports_grant_id", "reports")
    op.drop_table("reports")
    op.drop_index("ix_grants_suspended", "grants")
    with op.batch_alter_table("grants", recreate="auto") as grants:
        grants.drop_constraint(op.f("ck_grants_suspension_window"), type_="check")
        grants.drop_constraint(op.f("ck_grants_suspended_by_somebody"), type_="check")
        grants.drop_constraint(op.f("fk_grants_handed_over_from"), type_="foreignkey")
        for column in (*_SUSPENSION, "handed_over_from"):
            grants.drop_column(column)
    _put_back_triggers()


def _put_back_triggers() -> None:
    """SQLite rewrote these tables, and a table that is rewritten loses its triggers."""
    _run(unchanging.put_back_sql(_dialect(), ("grants", "tasks"), below=revision))


def _run(statements: list[str]) -> None:
    for statement in statements:
        op.execute(statement)


def _dialect() -> str:
    return op.get_bind().dialect.name
