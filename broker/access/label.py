"""Label: a mark on an organisation that a right needs there. Owns the table (lifecycles §4).

asked → approved → ended, or asked → rejected (an end with reason). It *counts* only while the organisation keeps the target
group and type for which it was asked (threats LA1): see `label_counts`.
"""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, Identified, UtcDateTime
from broker.people.organisation import Organisation


class Label(Identified, Base):
    """A label asked for, or held by, one organisation as what it was at the time."""

    __tablename__ = "labels"

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    application_code: Mapped[str] = mapped_column(String(40))
    label_code: Mapped[str] = mapped_column(String(60))
    target_group: Mapped[str] = mapped_column(String(10))
    organisation_type: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    valid_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[uuid.UUID | None]
    end_reason: Mapped[str | None]
    reason: Mapped[str | None]

    __table_args__ = (
        Index(
            "uq_labels_living",
            "organisation_id",
            "label_code",
            "target_group",
            "organisation_type",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="end_has_reason"),
        CheckConstraint("(approved_at IS NULL) = (approved_by IS NULL)", name="approved_by_somebody"),
    )


def label_counts(label: Label, organisation: Organisation, instant: datetime) -> bool:
    """Approved, not ended, in its dates, and for the kind of organisation that this one is now."""
    return (
        label.approved_at is not None
        and label.ended_at is None
        and (label.valid_until is None or instant < label.valid_until)
        and (label.target_group, label.organisation_type) == (organisation.target_group, organisation.organisation_type)
    )
