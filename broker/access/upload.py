"""Upload and UploadLine: a file of rights that an administrator brought, until it is carried out (threats CU). Owns the tables.

kept → checked → decided → closed. Every line is sealed for itself and emptied as it is carried out: a worker stopped half-way
goes on where it was. What a line became stays a while, without who it was about.
"""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, Identified, UtcDateTime

CAN, CANNOT = "can", "cannot"
GIVEN, REFUSED, LEFT_OUT = "given", "refused", "left_out"
CARRIED_OUT, FORGOTTEN = "carried_out", "forgotten"

_UNCHECKED = text("verdict IS NULL")
_TO_DO = text("outcome IS NULL AND chosen")


class Upload(Identified, Base):
    """One file for one organisation, by one administrator: nobody else sees it.

    `checked_at`: every line has a verdict. `decided_at`: the administrator said to carry the chosen lines out. `closed_at`: nothing
    of what stood in the file is left.
    """

    __tablename__ = "uploads"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    line_count: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    close_reason: Mapped[str | None] = mapped_column(String(12))

    __table_args__ = (
        Index(
            "ix_uploads_open",
            "created_at",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        CheckConstraint("(closed_at IS NULL) = (close_reason IS NULL)", name="close_has_reason"),
        CheckConstraint("decided_at IS NULL OR checked_at IS NOT NULL", name="checked_first"),
    )


class UploadLine(Identified, Base):
    """One line; `number` is that of the file, the first after the heads being 2.

    `verdict` is what the preview says, `told_sealed` why; `seen` is the fingerprint of that explanation, held against the world as
    the line is carried out. `person_id`: which colleague it is about; empty for somebody who does not work there yet. `outcome` is
    written in the transaction that gives the right, so that no line is done twice.
    """

    __tablename__ = "upload_lines"

    upload_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("uploads.id"))
    number: Mapped[int]
    content_sealed: Mapped[str | None]
    verdict: Mapped[str | None] = mapped_column(String(8))
    told_sealed: Mapped[str | None]
    seen: Mapped[str | None] = mapped_column(String(64))
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    chosen: Mapped[bool] = mapped_column(default=False)
    outcome: Mapped[str | None] = mapped_column(String(8))
    grant_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("grants.id"))

    __table_args__ = (
        UniqueConstraint("upload_id", "number", name="uq_upload_lines_number"),
        Index(
            "ix_upload_lines_unchecked",
            "upload_id",
            "number",
            sqlite_where=_UNCHECKED,
            postgresql_where=_UNCHECKED,
        ),
        Index("ix_upload_lines_to_do", "upload_id", "number", sqlite_where=_TO_DO, postgresql_where=_TO_DO),
        CheckConstraint("verdict IS NULL OR verdict IN ('can', 'cannot')", name="verdict"),
        CheckConstraint("outcome IS NULL OR outcome IN ('given', 'refused', 'left_out')", name="outcome"),
        CheckConstraint(
            "(outcome IS NOT NULL AND outcome = 'given') = (grant_id IS NOT NULL)", name="given_is_a_grant"
        ),
        CheckConstraint("NOT chosen OR (verdict IS NOT NULL AND verdict = 'can')", name="chosen_can_be_done"),
        CheckConstraint("outcome IS NULL OR content_sealed IS NULL", name="done_is_emptied"),
    )
