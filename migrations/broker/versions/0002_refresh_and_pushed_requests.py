"""Refresh families, pushed authorization requests, revoked access tokens, and one table for values that count once.

Why: a complete provider refreshes, revokes, and takes requests and proofs that may be used once only. A refresh family is its
ClientSession: what rotates is a number and an instant, so the session gains columns and no token is ever stored. Assertions were
the only single-use values; proofs of possession and request objects are now kept beside them, under digests that name their
purpose. What was in the old table is not carried over: an assertion lives ten minutes, and the old digests name no purpose.
The downgrade forgets refresh families (their people sign in again), requests under way and revocations of single tokens.
"""

import sqlalchemy as sa
from alembic import op

from broker.database import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("client_sessions", sa.Column("rotated_at", UtcDateTime(), nullable=True))
    op.add_column("client_sessions", sa.Column("refresh_expires_at", UtcDateTime(), nullable=True))
    op.add_column("client_sessions", sa.Column("dpop_jkt", sa.String(length=43), nullable=True))
    op.add_column("client_sessions", sa.Column("offline", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("client_sessions", sa.Column("requested_claims", sa.JSON(), nullable=True))
    op.add_column("authorization_codes", sa.Column("dpop_jkt", sa.String(length=43), nullable=True))

    # What the worker looks through for sessions that are over is only what nobody has ended in writing yet.
    unended = sa.text("revoked_at IS NULL")
    op.create_index(
        "ix_client_sessions_unended", "client_sessions", ["expires_at"], sqlite_where=unended, postgresql_where=unended
    )

    op.drop_index("ix_client_assertions_expires_at", "client_assertions")
    op.drop_table("client_assertions")
    _expiring_table("single_use_values", sa.Column("digest", sa.String(length=64), nullable=False), key="digest")
    _expiring_table("revoked_tokens", sa.Column("jti", sa.String(length=36), nullable=False), key="jti")
    _expiring_table(
        "pushed_requests",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=80), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("dpop_jkt", sa.String(length=43), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        key="id_hash",
    )


def downgrade() -> None:
    for table in ("pushed_requests", "revoked_tokens", "single_use_values"):
        op.drop_index(f"ix_{table}_expires_at", table)
        op.drop_table(table)
    _expiring_table("client_assertions", sa.Column("digest", sa.String(length=64), nullable=False), key="digest")
    op.drop_index("ix_client_sessions_unended", "client_sessions")
    op.drop_column("authorization_codes", "dpop_jkt")
    for column in ("requested_claims", "offline", "dpop_jkt", "refresh_expires_at", "rotated_at"):
        op.drop_column("client_sessions", column)


def _expiring_table(name: str, *columns: sa.Column, key: str) -> None:
    op.create_table(
        name,
        *columns,
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{name}")),
    )
    op.create_index(f"ix_{name}_expires_at", name, ["expires_at"])
