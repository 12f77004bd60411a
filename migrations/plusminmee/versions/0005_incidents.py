"""Reports of incidents, sealed, with the links by which the leidinggevende and the FG read them and when they did (M15)."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incident_reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reported_by", sa.Uuid(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("what", sa.LargeBinary(), nullable=False),
        sa.Column("happened_on", sa.LargeBinary(), nullable=False),
        sa.Column("leader_email", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["youth_groups.id"], name=op.f("fk_incident_reports_group_id")),
        sa.ForeignKeyConstraint(["reported_by"], ["professionals.id"], name=op.f("fk_incident_reports_reported_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_reports")),
    )
    op.create_index(op.f("ix_incident_reports_reported_at"), "incident_reports", ["reported_at"], unique=False)
    op.create_index(op.f("ix_incident_reports_reported_by"), "incident_reports", ["reported_by"], unique=False)
    op.create_table(
        "incident_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.String(length=6), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("recipient IN ('leader', 'fg')", name=op.f("ck_incident_links_recipient")),
        sa.ForeignKeyConstraint(["report_id"], ["incident_reports.id"], name=op.f("fk_incident_links_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_links")),
        sa.UniqueConstraint("report_id", "recipient", name=op.f("uq_incident_links_report_id_recipient")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_incident_links_secret_hash")),
    )
    op.create_table(
        "incident_openings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["incident_links.id"], name=op.f("fk_incident_openings_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_openings")),
    )
    op.create_index(op.f("ix_incident_openings_link_id"), "incident_openings", ["link_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_incident_openings_link_id"), table_name="incident_openings")
    op.drop_table("incident_openings")
    op.drop_table("incident_links")
    op.drop_index(op.f("ix_incident_reports_reported_by"), table_name="incident_reports")
    op.drop_index(op.f("ix_incident_reports_reported_at"), table_name="incident_reports")
    op.drop_table("incident_reports")
