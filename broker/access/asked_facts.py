"""AskedFacts: an administrator asks one person, by a secure link, what ties a right to them (seed 000 step 2, threats NR).

Owns the table and when an answer may be read. Asking, answering, showing and erasing are operations of their own.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, Identified, UtcDateTime

NUMBER, BIRTH_DATE, WORK_PHONE = "number", "birth_date", "work_phone"
FACTS = (NUMBER, BIRTH_DATE, WORK_PHONE)

TYPED, VERIFIED = "typed", "verified"
USED, ERASED, EXPIRED, REFUSED, REPLACED, MANDATE_ENDED = (
    "used",
    "erased",
    "expired",
    "refused",
    "replaced",
    "mandate_ended",
)


class AskedFacts(Identified, Base):
    """What was asked of whom, by whom under which mandate, and the answer, sealed.

    About a request or about a job (affiliation). `reasons` says for each fact why it is asked, in the words of the one who asks.
    `answer_source`: typed, or verified with a digital key, of `answered_by`. Over (`closed_at`) once used, refused, erased or
    replaced, or at `expires_at`; the answer goes with it.
    """

    __tablename__ = "asked_facts"

    request_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("access_requests.id"), index=True)
    affiliation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("affiliations.id"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    asked_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    mandate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("mandates.id"), index=True)
    reasons: Mapped[dict[str, Any]] = mapped_column(JSON)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer_source: Mapped[str | None] = mapped_column(String(10))
    answered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    answer_sealed: Mapped[str | None]
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    close_reason: Mapped[str | None] = mapped_column(String(20))

    __table_args__ = (
        Index(
            "uq_asked_facts_request",
            "request_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL AND request_id IS NOT NULL"),
            postgresql_where=text("closed_at IS NULL AND request_id IS NOT NULL"),
        ),
        Index(
            "uq_asked_facts_affiliation",
            "affiliation_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL AND affiliation_id IS NOT NULL"),
            postgresql_where=text("closed_at IS NULL AND affiliation_id IS NOT NULL"),
        ),
        Index("ix_asked_facts_asker", "asked_by", "asked_at"),
        CheckConstraint("(request_id IS NULL) <> (affiliation_id IS NULL)", name="about_one_thing"),
        CheckConstraint("(closed_at IS NULL) = (close_reason IS NULL)", name="closed"),
        CheckConstraint(
            "answer_sealed IS NULL OR (answered_at IS NOT NULL AND closed_at IS NULL)", name="kept_while_open"
        ),
        CheckConstraint("(answer_source = 'verified') = (answered_by IS NOT NULL)", name="verified_by_somebody"),
    )

    @property
    def facts(self) -> tuple[str, ...]:
        """What is asked, in the order of FACTS."""
        return tuple(fact for fact in FACTS if fact in self.reasons)

    @property
    def answer_place(self) -> str:
        """Where the sealed answer belongs (`Keys.seal`)."""
        return f"asked_facts.answer_sealed:{self.id}"

    def waits_at(self, instant: datetime) -> bool:
        """Neither answered nor over."""
        return self.closed_at is None and self.answered_at is None and instant < self.expires_at

    def readable_at(self, instant: datetime) -> bool:
        """The answer is there and its time is not over."""
        return self.closed_at is None and self.answer_sealed is not None and instant < self.expires_at
