"""What stays of a group that was erased stands in a table of its own, and the row of the group goes (W22: "counts, not people").

Why: that row named who had made the group, for ever. What was written into a group in the very moment it was erased goes with it.
The downgrade forgets how many there were.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_OF_A_GROUP = (
    "retention_reasons",
    "log_entries",
    "proposals",
    "interventions",
    "messages",
    "placements",
    "youngsters",
    "invitations",
    "memberships",
)


def upgrade() -> None:
    op.create_table(
        "erased_groups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_code", sa.String(length=40), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erased_groups")),
    )
    op.create_index(op.f("ix_erased_groups_organisation_code"), "erased_groups", ["organisation_code"], unique=False)
    op.execute(
        "INSERT INTO erased_groups (id, organisation_code, erased_at, counts)"
        " SELECT id, organisation_code, erased_at, erased_counts FROM youth_groups WHERE erased_at IS NOT NULL"
    )
    erased = sa.select(sa.table("erased_groups", sa.column("id")).c.id)
    for name in _OF_A_GROUP:
        table = sa.table(name, sa.column("group_id"))
        op.execute(sa.delete(table).where(table.c.group_id.in_(erased)))
    op.execute("UPDATE incident_reports SET group_id = NULL WHERE group_id IN (SELECT id FROM erased_groups)")
    op.execute("DELETE FROM youth_groups WHERE erased_at IS NOT NULL")


def downgrade() -> None:
    op.drop_index(op.f("ix_erased_groups_organisation_code"), table_name="erased_groups")
    op.drop_table("erased_groups")
