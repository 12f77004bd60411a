"""What the owner of an application wrote to everybody who uses it, and how far it was spread.

Why: whoever has a right in an application is kept informed of important changes and security updates (seed 000). One message a person,
in batches that note how far they came, so that nobody is left out or written to twice after a crash. The downgrade forgets what was
sent; what stands in the outbox still leaves.
"""

import sqlalchemy as sa
from alembic import op

from broker.database import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "announcements",
        sa.Column("application_code", sa.String(length=40), nullable=False),
        sa.Column("right_code", sa.String(length=60), nullable=False),
        sa.Column("target_group", sa.String(length=10), nullable=False),
        sa.Column("subject_nl", sa.String(length=120), nullable=False),
        sa.Column("body_nl", sa.String(), nullable=False),
        sa.Column("subject_en", sa.String(length=120), nullable=False),
        sa.Column("body_en", sa.String(), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("after_person_id", sa.Uuid(), nullable=True),
        sa.Column("recipients", sa.Integer(), nullable=False),
        sa.Column("spread_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(subject_en = '') = (body_en = '')", name=op.f("ck_announcements_english_whole")),
        sa.ForeignKeyConstraint(["sent_by"], ["persons.id"], name=op.f("fk_announcements_sent_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
    )
    op.create_index("ix_announcements_application", "announcements", ["application_code", "sent_at"])
    unspread = sa.text("spread_at IS NULL")
    op.create_index(
        "ix_announcements_to_spread", "announcements", ["sent_at"], sqlite_where=unspread, postgresql_where=unspread
    )


def downgrade() -> None:
    op.drop_index("ix_announcements_to_spread", "announcements")
    op.drop_index("ix_announcements_application", "announcements")
    op.drop_table("announcements")
