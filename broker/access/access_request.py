"""AccessRequest (zelfregistratie, aanvraag): what an applicant asked. Owns the table (lifecycles §1).

unproved → open → approved | rejected | withdrawn | expired | cancelled. What was asked never changes (a trigger holds
it); an organisation that was not in the list yet is filled in once, when the officer admits it.
"""

import uuid
from datetime import datetime
from secrets import choice
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, Identified, UtcDateTime

UNPROVED, OPEN = "unproved", "open"
APPROVED, REJECTED, WITHDRAWN, EXPIRED, CANCELLED = "approved", "rejected", "withdrawn", "expired", "cancelled"
STATUSES = (UNPROVED, OPEN, APPROVED, REJECTED, WITHDRAWN, EXPIRED, CANCELLED)

DIGITAL_KEY, TYPED = "digital_key", "typed"


class AccessRequest(Identified, Base):
    """One request for one right in one context at one organisation.

    `person_id` is set when the applicant came by digital key. `applicant_key` is that id, else a keyed hash of number and
    address. `answers` holds the answers to the form's own questions by field code (the centre, the message). `moved_to` is the
    copy of a cancelled request at the organisation that its own merged into. `charter_version` is the charter that was agreed to
    with it.
    """

    __tablename__ = "access_requests"

    number: Mapped[str] = mapped_column(String(20), unique=True)
    status: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    identity_source: Mapped[str] = mapped_column(String(12))
    given_name: Mapped[str]
    family_name: Mapped[str]
    number_sealed: Mapped[str | None]
    number_masked: Mapped[str | None] = mapped_column(String(20))
    number_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    number_hash_version: Mapped[str | None] = mapped_column(String(32))
    applicant_key: Mapped[str] = mapped_column(String(64))
    email: Mapped[str]
    email_limit_key: Mapped[str] = mapped_column(String(64))
    email_proved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    phone: Mapped[str | None]
    language: Mapped[str] = mapped_column(String(2))
    entitlement_code: Mapped[str] = mapped_column(String(100))
    application_code: Mapped[str] = mapped_column(String(40))
    right_code: Mapped[str] = mapped_column(String(60))
    context_code: Mapped[str] = mapped_column(String(60))
    target_group: Mapped[str] = mapped_column(String(10))
    organisation_type: Mapped[str] = mapped_column(String(40))
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisations.id"))
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    charter_version: Mapped[str | None] = mapped_column(String(40))
    replaces_grant_id: Mapped[uuid.UUID | None]
    submission_id: Mapped[uuid.UUID] = mapped_column(unique=True)
    source_key: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decide_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None]
    moved_to: Mapped[uuid.UUID | None]

    __table_args__ = (
        Index(
            "uq_access_requests_open",
            "applicant_key",
            "organisation_id",
            "right_code",
            "context_code",
            unique=True,
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        Index("ix_access_requests_limit", "email_limit_key", "created_at"),
        Index("ix_access_requests_status", "status", "created_at"),
        CheckConstraint(f"status IN {STATUSES!r}", name="status"),
        CheckConstraint("(status IN ('unproved', 'open')) = (closed_at IS NULL)", name="closed"),
        CheckConstraint("(status = 'unproved') = (opened_at IS NULL)", name="opened"),
        CheckConstraint("status <> 'rejected' OR (reason IS NOT NULL AND reason <> '')", name="rejected_with_reason"),
        CheckConstraint("(identity_source = 'digital_key') = (person_id IS NOT NULL)", name="identity"),
    )

    @property
    def full_name(self) -> str:
        """Given name and family name, as people write it."""
        return f"{self.given_name} {self.family_name}".strip()


_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: nothing that can be misread on the telephone


def new_number(year: int) -> str:
    """A readable number, random so that it counts nothing (threats TL2): PW-2026-7F3K22."""
    return f"PW-{year}-{''.join(choice(_SIGNS) for _ in range(6))}"
