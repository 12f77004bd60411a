"""An app that shows codes (TOTP) as second factor of a local account, with its recovery codes.

Why: a code by SMS can be had by whoever takes over a telephone number; an app shows codes of its own (issue 5, threats PW9). The key is
sealed, the last step that was used stands beside it, and a recovery code is a keyed hash. The downgrade forgets them: who had an app
gets a code by SMS again.
"""

import sqlalchemy as sa
from alembic import op

from broker.database import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "totp_keys",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("secret_sealed", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["local_accounts.id"], name=op.f("fk_totp_keys_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_totp_keys")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_key", sa.String(length=64), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["local_accounts.id"], name=op.f("fk_recovery_codes_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    op.create_index("ix_recovery_codes_account", "recovery_codes", ["account_id"])


def downgrade() -> None:
    op.drop_table("recovery_codes")
    op.drop_table("totp_keys")
