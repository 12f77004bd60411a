"""Proposals for the method: a place or a talk, and what became of it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("youngster_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("place", sa.String(length=12), nullable=True),
        sa.Column("why", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("discussed_on", sa.Date(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("intervention_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(kind = 'place') = (place IS NOT NULL)", name=op.f("ck_proposals_kind_of_place")),
        sa.CheckConstraint("(state = 'declined') = (answer IS NOT NULL)", name=op.f("ck_proposals_declined")),
        sa.CheckConstraint("(state = 'proposed') = (discussed_on IS NULL)", name=op.f("ck_proposals_discussed")),
        sa.CheckConstraint(
            "(state = 'taken_over' AND kind = 'talk') = (intervention_id IS NOT NULL)",
            name=op.f("ck_proposals_taken_over"),
        ),
        sa.CheckConstraint("kind IN ('place', 'talk')", name=op.f("ck_proposals_kind")),
        sa.CheckConstraint("place IS NULL OR place IN ('plus', 'mee', 'min')", name=op.f("ck_proposals_place")),
        sa.CheckConstraint(
            "state IN ('proposed', 'discussed', 'taken_over', 'declined')", name=op.f("ck_proposals_state")
        ),
        sa.ForeignKeyConstraint(["group_id"], ["youth_groups.id"], name=op.f("fk_proposals_group_id")),
        sa.ForeignKeyConstraint(["intervention_id"], ["interventions.id"], name=op.f("fk_proposals_intervention_id")),
        sa.ForeignKeyConstraint(["made_by"], ["professionals.id"], name=op.f("fk_proposals_made_by")),
        sa.ForeignKeyConstraint(["youngster_id"], ["youngsters.id"], name=op.f("fk_proposals_youngster_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    op.create_index(op.f("ix_proposals_group_id"), "proposals", ["group_id"], unique=False)
    op.create_index(op.f("ix_proposals_youngster_id"), "proposals", ["youngster_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_proposals_youngster_id"), table_name="proposals")
    op.drop_index(op.f("ix_proposals_group_id"), table_name="proposals")
    op.drop_table("proposals")
