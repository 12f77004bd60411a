"""Look-ups by number are counted, and whoever is added by number keeps the name that was typed.

Why: an administrator finds people by rijksregisternummer, at most so many an hour and a day, whatever session or machine they work
on (threats DG3). And somebody whom we know already may not be told from somebody new: the organisation sees the name that it typed
until the person has signed in (DG2, DG6). The downgrade forgets the counts, and shows the name that each person has.
"""

import sqlalchemy as sa
from alembic import op

from broker.database import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ENTERED = ("entered_given_name", "entered_family_name", "entered_by")


def upgrade() -> None:
    op.create_table(
        "look_ups",
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("subject_key", sa.String(length=64), nullable=False),
        sa.Column("missed", sa.Boolean(), nullable=False),
        sa.Column("looked_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["persons.id"], name=op.f("fk_look_ups_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look_ups")),
    )
    op.create_index("ix_look_ups_actor", "look_ups", ["actor_id", "looked_at"])
    op.add_column("affiliations", sa.Column("entered_given_name", sa.String(), nullable=True))
    op.add_column("affiliations", sa.Column("entered_family_name", sa.String(), nullable=True))
    op.add_column("affiliations", sa.Column("entered_by", sa.Uuid(), nullable=True))


def downgrade() -> None:
    for column in reversed(_ENTERED):
        op.drop_column("affiliations", column)
    op.drop_index("ix_look_ups_actor", "look_ups")
    op.drop_table("look_ups")
