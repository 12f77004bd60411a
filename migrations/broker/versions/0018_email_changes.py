"""Another e-mail address that somebody with a local account gave, and that waits for the link in a mail.

Why: that address recovers the account and reads along with what happens to it, so it counts only once somebody showed that they read
it (threats PW6). The new address is sealed until then. The downgrade forgets what waits: the address stays as it was, and the person
asks again.
"""

import sqlalchemy as sa
from alembic import op

from broker.database import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

WAITING = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "email_changes",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("address_sealed", sa.String(), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name=op.f("ck_email_changes_end_has_outcome")),
        sa.CheckConstraint("(ended_at IS NULL) = (address_sealed IS NOT NULL)", name=op.f("ck_email_changes_address_goes_with_it")),
        sa.ForeignKeyConstraint(["account_id"], ["local_accounts.id"], name=op.f("fk_email_changes_account_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_email_changes_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_changes")),
    )
    op.create_index("uq_email_changes_waiting", "email_changes", ["account_id"], unique=True, sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_index("ix_email_changes_asked", "email_changes", ["account_id", "asked_at"])


def downgrade() -> None:
    op.execute("DELETE FROM one_time_links WHERE kind = 'prove_email'")
    op.drop_table("email_changes")
