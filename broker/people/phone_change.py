"""PhoneChange: an administrator asked for another mobile number at an account, and it waits a day (threats PW6). Owns the table.

Asking, stopping and taking effect are operations of authentication/; an account that ends closes what waits (`end_local_account`).
"""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, String, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from broker import clock
from broker.database import Base, Identified, UtcDateTime, to_change
from broker.text import Text

WAITS = timedelta(hours=24)
TAKEN, WITHDRAWN, REFUSED, REPLACED, ACCOUNT_ENDED = "taken", "withdrawn", "refused", "replaced", "account_ended"
OUTCOMES = (TAKEN, WITHDRAWN, REFUSED, REPLACED, ACCOUNT_ENDED)

NOTHING_WAITS = Text(
    "Er wacht geen wijziging van het mobiele nummer meer.", "No change of the mobile number is waiting any more."
)


class PhoneChange(Identified, Base):
    """waiting → taken | withdrawn (an administrator) | refused (the person) | replaced (the person changed it) | account_ended.

    The new number is sealed; it and the reason go when the change ends. `old_prefix` is how the number begins that was told by
    SMS, which messages are counted by (threats PW5); None where no message left.
    """

    __tablename__ = "phone_changes"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("local_accounts.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    number_sealed: Mapped[str | None]
    reason: Mapped[str | None]
    old_prefix: Mapped[str | None] = mapped_column(String(8))
    asked_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    takes_effect_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(20))

    __table_args__ = (
        Index(
            "uq_phone_changes_waiting",
            "account_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_phone_changes_asked_at", "asked_at"),
        CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="end_has_outcome"),
        CheckConstraint("(ended_at IS NULL) = (number_sealed IS NOT NULL)", name="number_goes_with_it"),
        CheckConstraint("ended_at IS NULL OR reason IS NULL", name="reason_goes_with_it"),
        CheckConstraint("asked_by <> person_id", name="not_for_oneself"),
    )

    @property
    def number_place(self) -> str:
        """Where `number_sealed` is sealed for; it opens in no other row."""
        return f"phone_changes.number_sealed:{self.id}"

    def close(self, outcome: str) -> None:
        """It waits no longer; what it held of the person goes."""
        self.ended_at, self.outcome = clock.now(), outcome
        self.number_sealed = self.reason = None


def waiting_change(session: Session, account_id: uuid.UUID) -> PhoneChange | None:
    """What waits for an account. Read-only."""
    return session.scalar(_waiting(account_id))


def lock_waiting_change(session: Session, account_id: uuid.UUID) -> PhoneChange | None:
    """The same, locked; the caller holds the account."""
    return session.scalar(to_change(_waiting(account_id)))


def _waiting(account_id: uuid.UUID) -> Select[PhoneChange]:
    return select(PhoneChange).where(PhoneChange.account_id == account_id, PhoneChange.ended_at.is_(None))
