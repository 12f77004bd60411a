"""Recertification campaigns with their items, and where a request went when its organisation merged into another.

Why: once a year each administrator confirms the rights of their organisation, and what came from a merged organisation has to be
confirmed within ninety days. A campaign is one organisation in one application and period, so that opening it again changes
nothing; a decided item and a closed campaign never change again, which triggers hold. A request of a merged organisation is
cancelled and copied to the successor, and says to which one. The downgrade forgets all campaigns and where requests went; rights
stay as they are.
"""

import sqlalchemy as sa
from alembic import op

from broker import unchanging
from broker.database import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recertification_campaigns",
        sa.Column("application_code", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("unconfirmed", sa.String(length=4), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("unconfirmed IN ('end', 'keep')", name=op.f("ck_recertification_campaigns_unconfirmed")),
        sa.CheckConstraint("due_at > opened_at", name=op.f("ck_recertification_campaigns_due_after_opening")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_recertification_campaigns_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recertification_campaigns")),
    )
    op.create_index(
        "uq_recertification_campaigns_period",
        "recertification_campaigns",
        ["application_code", "organisation_id", "period"],
        unique=True,
    )
    op.create_index(
        op.f("ix_recertification_campaigns_organisation_id"), "recertification_campaigns", ["organisation_id"]
    )
    unclosed = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_recertification_campaigns_due",
        "recertification_campaigns",
        ["due_at"],
        sqlite_where=unclosed,
        postgresql_where=unclosed,
    )

    op.create_table(
        "campaign_items",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("keep_until", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("outcome IN ('kept', 'ended', 'by_policy')", name=op.f("ck_campaign_items_outcome")),
        sa.CheckConstraint("(outcome IS NULL) = (decided_at IS NULL)", name=op.f("ck_campaign_items_decided_at")),
        sa.CheckConstraint("outcome IS NOT NULL OR decided_by IS NULL", name=op.f("ck_campaign_items_open_by_nobody")),
        sa.CheckConstraint(
            "(outcome = 'by_policy') = (decided_by IS NULL)", name=op.f("ck_campaign_items_decided_by_somebody")
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> person_id", name=op.f("ck_campaign_items_not_for_yourself")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["recertification_campaigns.id"], name=op.f("fk_campaign_items_campaign_id")
        ),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name=op.f("fk_campaign_items_grant_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_campaign_items_person_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["persons.id"], name=op.f("fk_campaign_items_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_items")),
    )
    op.create_index("uq_campaign_items_grant", "campaign_items", ["campaign_id", "grant_id"], unique=True)
    op.create_index(op.f("ix_campaign_items_grant_id"), "campaign_items", ["grant_id"])
    op.create_index("ix_campaign_items_person", "campaign_items", ["campaign_id", "person_id"])

    op.add_column("access_requests", sa.Column("moved_to", sa.Uuid(), nullable=True))
    _run(unchanging.install_sql(_dialect(), since=revision))


def downgrade() -> None:
    _run(unchanging.remove_sql(_dialect(), since=revision))
    op.drop_column("access_requests", "moved_to")
    op.drop_index("ix_campaign_items_person", "campaign_items")
    op.drop_index("ix_campaign_items_grant_id", "campaign_items")
    op.drop_index("uq_campaign_items_grant", "campaign_items")
    op.drop_table("campaign_items")
    op.drop_index("ix_recertification_campaigns_due", "recertification_campaigns")
    op.drop_index("ix_recertification_campaigns_organisation_id", "recertification_campaigns")
    op.drop_index("uq_recertification_campaigns_period", "recertification_campaigns")
    op.drop_table("recertification_campaigns")


def _run(statements: list[str]) -> None:
    for statement in statements:
        op.execute(statement)


def _dialect() -> str:
    return op.get_bind().dialect.name
