"""People whom an investigation holds.

Why: erasure may not be a way to hide abuse (threats RE3). Who is held is left out by `retention run` until released; who held
them, why and when stands in the audit. The downgrade forgets who is held.
"""

import sqlalchemy as sa
from alembic import op

from broker.database import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("persons", sa.Column("held_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("persons", "held_at")
