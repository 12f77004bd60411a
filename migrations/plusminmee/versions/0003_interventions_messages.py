"""Interventions and messages; what somebody wrote in them is sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("nobody_there", sa.Boolean(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posted_by", sa.Uuid(), nullable=False),
        sa.Column("attachment", sa.String(length=32), nullable=True),
        sa.Column("attachment_name", sa.LargeBinary(), nullable=True),
        sa.Column("attachment_type", sa.String(length=100), nullable=True),
        sa.CheckConstraint(
            "(attachment IS NULL) = (attachment_name IS NULL) AND (attachment IS NULL) = (attachment_type IS NULL)",
            name=op.f("ck_messages_attachment"),
        ),
        sa.ForeignKeyConstraint(["group_id"], ["youth_groups.id"], name=op.f("fk_messages_group_id")),
        sa.ForeignKeyConstraint(["posted_by"], ["professionals.id"], name=op.f("fk_messages_posted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index("ix_messages_group_id_posted_at", "messages", ["group_id", "posted_at", "id"], unique=False)
    op.create_table(
        "interventions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("youngster_id", sa.Uuid(), nullable=True),
        sa.Column("sign", sa.String(length=4), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("professional_id", sa.Uuid(), nullable=False),
        sa.Column("street_value", sa.Boolean(), nullable=False),
        sa.Column("remind_on", sa.Date(), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("sign IN ('plus', 'min')", name=op.f("ck_interventions_sign")),
        sa.ForeignKeyConstraint(["added_by"], ["professionals.id"], name=op.f("fk_interventions_added_by")),
        sa.ForeignKeyConstraint(["group_id"], ["youth_groups.id"], name=op.f("fk_interventions_group_id")),
        sa.ForeignKeyConstraint(
            ["professional_id"], ["professionals.id"], name=op.f("fk_interventions_professional_id")
        ),
        sa.ForeignKeyConstraint(["youngster_id"], ["youngsters.id"], name=op.f("fk_interventions_youngster_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interventions")),
    )
    op.create_index(op.f("ix_interventions_group_id"), "interventions", ["group_id"], unique=False)
    op.create_index(op.f("ix_interventions_remind_on"), "interventions", ["remind_on"], unique=False)
    op.create_index(op.f("ix_interventions_youngster_id"), "interventions", ["youngster_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_interventions_youngster_id"), table_name="interventions")
    op.drop_index(op.f("ix_interventions_remind_on"), table_name="interventions")
    op.drop_index(op.f("ix_interventions_group_id"), table_name="interventions")
    op.drop_table("interventions")
    op.drop_index("ix_messages_group_id_posted_at", table_name="messages")
    op.drop_table("messages")
