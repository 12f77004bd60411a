"""Why a group is kept longer than was said before (W22), sealed: the logbook itself holds no word that somebody typed."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "retention_reasons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["youth_groups.id"], name=op.f("fk_retention_reasons_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_reasons")),
    )
    op.create_index(op.f("ix_retention_reasons_group_id"), "retention_reasons", ["group_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_retention_reasons_group_id"), table_name="retention_reasons")
    op.drop_table("retention_reasons")
