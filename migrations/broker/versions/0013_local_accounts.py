"""Local accounts: a user name and password of our own, codes by SMS, remembered devices, and what was guessed wrong.

Why: an application may let people in who have no digital key (issue 5, seed 004). The account stands beside the person; its password is
a hash, the code by SMS is derived and stands nowhere, and the delays against guessing are counted here and not in a process, so that
they hold on every node (threats PW1 to PW9). The downgrade takes all of it away: whoever signed in with a local account is invited anew.
"""

import sqlalchemy as sa
from alembic import op

from broker.database import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = (
    "local_accounts",
    "earlier_passwords",
    "sms_codes",
    "local_sign_ins",
    "sign_in_delays",
    "terms_acceptances",
    "remembered_devices",
)


def upgrade() -> None:
    op.create_table(
        "local_accounts",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("user_name", sa.String(length=60), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("password_set_at", UtcDateTime(), nullable=True),
        sa.Column("wrong_codes", sa.Integer(), nullable=False),
        sa.Column("wrong_codes_since", UtcDateTime(), nullable=True),
        sa.Column("invited_for", sa.String(length=40), nullable=True),
        sa.Column("link_sent_at", UtcDateTime(), nullable=True),
        sa.Column("links_sent", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("end_reason", sa.String(length=20), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(password_hash IS NULL) = (password_set_at IS NULL)", name=op.f("ck_local_accounts_password_has_date")),
        sa.CheckConstraint("ended_at IS NULL OR password_hash IS NULL", name=op.f("ck_local_accounts_password_goes_with_it")),
        sa.CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name=op.f("ck_local_accounts_end_has_reason")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_local_accounts_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_accounts")),
        sa.UniqueConstraint("user_name", name=op.f("uq_local_accounts_user_name")),
    )
    op.create_index("uq_local_accounts_living", "local_accounts", ["person_id"], unique=True, sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL"))
    op.create_table(
        "earlier_passwords",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["local_accounts.id"], name=op.f("fk_earlier_passwords_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earlier_passwords")),
    )
    op.create_index("ix_earlier_passwords_account", "earlier_passwords", ["account_id", "set_at"])
    op.create_table(
        "sms_codes",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("number_key", sa.String(length=64), nullable=False),
        sa.Column("prefix", sa.String(length=8), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("replaced_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["local_accounts.id"], name=op.f("fk_sms_codes_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_codes")),
    )
    op.create_index("ix_sms_codes_account", "sms_codes", ["account_id", "created_at"])
    op.create_index("ix_sms_codes_created_at", "sms_codes", ["created_at"])
    op.create_index("ix_sms_codes_prefix", "sms_codes", ["prefix", "created_at"])
    op.create_table(
        "local_sign_ins",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("new_phone_sealed", sa.String(), nullable=True),
        sa.Column("application_code", sa.String(length=40), nullable=True),
        sa.Column("return_path", sa.String(), nullable=False),
        sa.Column("requested_level", sa.Integer(), nullable=False),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.Column("password_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("purpose IN ('sign_in', 'prove_phone', 'change_phone')", name=op.f("ck_local_sign_ins_purpose")),
        sa.CheckConstraint("(purpose = 'change_phone') = (new_phone_sealed IS NOT NULL)", name=op.f("ck_local_sign_ins_new_phone")),
        sa.ForeignKeyConstraint(["account_id"], ["local_accounts.id"], name=op.f("fk_local_sign_ins_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_sign_ins")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_local_sign_ins_token_hash")),
    )
    op.create_index("ix_local_sign_ins_expires_at", "local_sign_ins", ["expires_at"])
    op.create_table(
        "sign_in_delays",
        sa.Column("lane_key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failed_at", UtcDateTime(), nullable=False),
        sa.Column("blocked_until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("lane_key", name=op.f("pk_sign_in_delays")),
    )
    op.create_index("ix_sign_in_delays_last_failed_at", "sign_in_delays", ["last_failed_at"])
    op.create_table(
        "terms_acceptances",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("application_code", sa.String(length=40), nullable=False),
        sa.Column("document", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("accepted_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["local_accounts.id"], name=op.f("fk_terms_acceptances_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms_acceptances")),
        sa.UniqueConstraint("account_id", "application_code", "document", "version", name=op.f("uq_terms_acceptances_version")),
    )
    op.create_table(
        "remembered_devices",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("earlier_hash", sa.String(length=64), nullable=True),
        sa.Column("skips_code", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("end_reason", sa.String(length=20), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name=op.f("ck_remembered_devices_end_has_reason")),
        sa.ForeignKeyConstraint(["account_id"], ["local_accounts.id"], name=op.f("fk_remembered_devices_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remembered_devices")),
    )
    op.create_index("ix_remembered_devices_account", "remembered_devices", ["account_id"])


def downgrade() -> None:
    op.execute(
        sa.text(
            "UPDATE persons SET state = 'unlinked' WHERE state = 'matched' AND id IN (SELECT person_id FROM local_accounts)"
            " AND id NOT IN (SELECT person_id FROM identity_links WHERE ended_at IS NULL)"
        )
    )
    op.execute(sa.text("DELETE FROM one_time_links WHERE kind = 'set_password'"))
    for table in reversed(TABLES):
        op.drop_table(table)
