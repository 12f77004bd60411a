"""What the clock told about a task that waits and a right that ends: how often, and when the officer was let in.

Why: a task that nobody touches is told of again after some working days, at last the officer of the kind of organisation may decide
it too, and a right that ends soon is announced twice. Each happens once, so it is written on the row it is about. The downgrade
forgets it; what is still open is then told of anew after the next upgrade.
"""

import sqlalchemy as sa
from alembic import op

from broker.database import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tasks", sa.Column("reminders", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("tasks", sa.Column("escalated_at", UtcDateTime(), nullable=True))
    op.add_column("grants", sa.Column("end_notices", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("grants", "end_notices")
    op.drop_column("tasks", "escalated_at")
    op.drop_column("tasks", "reminders")
