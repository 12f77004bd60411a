"""What an administrator asks of one person by a secure link, and the sealed answer.

Why: a rijksregisternummer, a date of birth or a telephone number must neither travel by mail nor stay; it is answered once, is seen by
who asked while their mandate lives, and goes when it was used or after 72 hours. The downgrade forgets what was asked, and its links.
"""

import sqlalchemy as sa
from alembic import op

from broker.database import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_OPEN = {"uq_asked_facts_request": "request_id", "uq_asked_facts_affiliation": "affiliation_id"}


def upgrade() -> None:
    op.create_table(
        "asked_facts",
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("affiliation_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("mandate_id", sa.Uuid(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("answer_source", sa.String(length=10), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answer_sealed", sa.String(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("close_reason", sa.String(length=20), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["access_requests.id"], name=op.f("fk_asked_facts_request_id")),
        sa.ForeignKeyConstraint(["affiliation_id"], ["affiliations.id"], name=op.f("fk_asked_facts_affiliation_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_asked_facts_organisation_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["persons.id"], name=op.f("fk_asked_facts_asked_by")),
        sa.ForeignKeyConstraint(["mandate_id"], ["mandates.id"], name=op.f("fk_asked_facts_mandate_id")),
        sa.ForeignKeyConstraint(["answered_by"], ["persons.id"], name=op.f("fk_asked_facts_answered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asked_facts")),
        sa.CheckConstraint(
            "(request_id IS NULL) <> (affiliation_id IS NULL)", name=op.f("ck_asked_facts_about_one_thing")
        ),
        sa.CheckConstraint("(closed_at IS NULL) = (close_reason IS NULL)", name=op.f("ck_asked_facts_closed")),
        sa.CheckConstraint(
            "answer_sealed IS NULL OR (answered_at IS NOT NULL AND closed_at IS NULL)",
            name=op.f("ck_asked_facts_kept_while_open"),
        ),
        sa.CheckConstraint(
            "(answer_source = 'verified') = (answered_by IS NOT NULL)", name=op.f("ck_asked_facts_verified_by_somebody")
        ),
    )
    for column in ("request_id", "affiliation_id", "mandate_id"):
        op.create_index(op.f(f"ix_asked_facts_{column}"), "asked_facts", [column])
    op.create_index("ix_asked_facts_asker", "asked_facts", ["asked_by", "asked_at"])
    for name, column in _OPEN.items():
        where = sa.text(f"closed_at IS NULL AND {column} IS NOT NULL")
        op.create_index(name, "asked_facts", [column], unique=True, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.execute("DELETE FROM one_time_links WHERE kind = 'ask_number'")
    op.drop_table("asked_facts")
