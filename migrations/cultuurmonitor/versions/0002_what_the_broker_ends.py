"""Sessions know their name at the broker and when to renew; what the broker ended lately, and which notices were heard.

Everything that is added may be empty, so that an application of before goes on beside one of after (rolling restart).
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("kit_sessions") as table:
        table.add_column(sa.Column("sid", sa.String(length=255), nullable=True))
        table.add_column(sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("refresh_due_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("refreshing_until", sa.DateTime(timezone=True), nullable=True))
        table.create_index("ix_kit_sessions_sid", ["sid"])
    op.create_table(
        "kit_ended_sessions",
        sa.Column("name_hash", sa.String(length=64), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name_hash", name=op.f("pk_kit_ended_sessions")),
    )
    op.create_index("ix_kit_ended_sessions_known_until", "kit_ended_sessions", ["known_until"])
    op.create_table(
        "kit_heard_notices",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("known_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_kit_heard_notices")),
    )
    op.create_index("ix_kit_heard_notices_known_until", "kit_heard_notices", ["known_until"])


def downgrade() -> None:
    op.drop_table("kit_heard_notices")
    op.drop_table("kit_ended_sessions")
    with op.batch_alter_table("kit_sessions") as table:
        table.drop_index("ix_kit_sessions_sid")
        table.drop_column("refreshing_until")
        table.drop_column("refresh_due_at")
        table.drop_column("issued_at")
        table.drop_column("sid")
