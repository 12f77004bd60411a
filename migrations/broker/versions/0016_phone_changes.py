"""Another mobile number that an administrator asked for, and that waits a day.

Why: whoever lost their telephone cannot prove the old number, and an administrator who could change it at once could take the account
over (threats PW6). The new number is sealed until it takes effect or is stopped. The downgrade forgets what waits: the number stays as it
was, and an administrator asks again.
"""

import sqlalchemy as sa
from alembic import op

from broker.database import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

WAITING = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "phone_changes",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("number_sealed", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("old_prefix", sa.String(length=8), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("takes_effect_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name=op.f("ck_phone_changes_end_has_outcome")),
        sa.CheckConstraint("(ended_at IS NULL) = (number_sealed IS NOT NULL)", name=op.f("ck_phone_changes_number_goes_with_it")),
        sa.CheckConstraint("ended_at IS NULL OR reason IS NULL", name=op.f("ck_phone_changes_reason_goes_with_it")),
        sa.CheckConstraint("asked_by <> person_id", name=op.f("ck_phone_changes_not_for_oneself")),
        sa.ForeignKeyConstraint(["account_id"], ["local_accounts.id"], name=op.f("fk_phone_changes_account_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_phone_changes_person_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_phone_changes_organisation_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["persons.id"], name=op.f("fk_phone_changes_asked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_changes")),
    )
    op.create_index("uq_phone_changes_waiting", "phone_changes", ["account_id"], unique=True, sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_index("ix_phone_changes_asked_at", "phone_changes", ["asked_at"])


def downgrade() -> None:
    op.execute("DELETE FROM one_time_links WHERE kind = 'stop_number'")
    op.drop_table("phone_changes")
