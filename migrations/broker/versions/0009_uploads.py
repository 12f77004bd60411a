"""An administrator may bring a file of rights; and what happened at one organisation can be found without reading everything.

Why: a file is kept, sealed line by line, from the preview until it is carried out, and a worker that is stopped goes on where it was.
The history that an administrator downloads asks the audit for one organisation; its index holds only events that name one, so that
a sign-in pays nothing for it. The downgrade forgets files that were not carried out.
"""

import sqlalchemy as sa
from alembic import op

from broker.database import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _where(condition: str) -> dict[str, sa.TextClause]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("close_reason", sa.String(length=12), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(closed_at IS NULL) = (close_reason IS NULL)", name=op.f("ck_uploads_close_has_reason")),
        sa.CheckConstraint("decided_at IS NULL OR checked_at IS NOT NULL", name=op.f("ck_uploads_checked_first")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_uploads_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_uploads_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
    )
    op.create_index(op.f("ix_uploads_person_id"), "uploads", ["person_id"])
    op.create_index("ix_uploads_open", "uploads", ["created_at"], **_where("closed_at IS NULL"))
    op.create_table(
        "upload_lines",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_sealed", sa.String(), nullable=True),
        sa.Column("verdict", sa.String(length=8), nullable=True),
        sa.Column("told_sealed", sa.String(), nullable=True),
        sa.Column("seen", sa.String(length=64), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=True),
        sa.Column("grant_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("verdict IS NULL OR verdict IN ('can', 'cannot')", name=op.f("ck_upload_lines_verdict")),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('given', 'refused', 'left_out')", name=op.f("ck_upload_lines_outcome")
        ),
        sa.CheckConstraint(
            "(outcome IS NOT NULL AND outcome = 'given') = (grant_id IS NOT NULL)",
            name=op.f("ck_upload_lines_given_is_a_grant"),
        ),
        sa.CheckConstraint("NOT chosen OR (verdict IS NOT NULL AND verdict = 'can')", name=op.f("ck_upload_lines_chosen_can_be_done")),
        sa.CheckConstraint("outcome IS NULL OR content_sealed IS NULL", name=op.f("ck_upload_lines_done_is_emptied")),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name=op.f("fk_upload_lines_grant_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_upload_lines_person_id")),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"], name=op.f("fk_upload_lines_upload_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_lines")),
        sa.UniqueConstraint("upload_id", "number", name="uq_upload_lines_number"),
    )
    op.create_index(
        "ix_upload_lines_unchecked", "upload_lines", ["upload_id", "number"], **_where("verdict IS NULL")
    )
    op.create_index(
        "ix_upload_lines_to_do", "upload_lines", ["upload_id", "number"], **_where("outcome IS NULL AND chosen")
    )
    op.create_index(
        "ix_audit_events_organisation",
        "audit_events",
        ["organisation_id", "happened_at", "id"],
        **_where("organisation_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_audit_events_organisation", "audit_events")
    op.drop_table("upload_lines")
    op.drop_table("uploads")
