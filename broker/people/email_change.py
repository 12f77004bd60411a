"""EmailChange: somebody with a local account gave another e-mail address, and it waits for the link sent there. Owns the table.

Asking and proving are operations of authentication/; an account that ends closes what waits (`end_local_account`).
"""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, String, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from broker import clock
from broker.database import Base, Identified, UtcDateTime, to_change
from broker.people.one_time_link import LIFETIMES, PROVE_EMAIL, revoke_links

WAITS = LIFETIMES[PROVE_EMAIL]
TAKEN, REPLACED, LAPSED, ACCOUNT_ENDED = "taken", "replaced", "lapsed", "account_ended"
PASSWORD_SET = "password_set"  # noqa: S105  what became of it
OUTCOMES = (TAKEN, REPLACED, LAPSED, PASSWORD_SET, ACCOUNT_ENDED)


class EmailChange(Identified, Base):
    """waiting → taken | replaced (by another address) | lapsed (a day) | password_set (another one) | account_ended.

    The new address is sealed, and goes when the change ends.
    """

    __tablename__ = "email_changes"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("local_accounts.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    address_sealed: Mapped[str | None]
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(20))

    __table_args__ = (
        Index(
            "uq_email_changes_waiting",
            "account_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_email_changes_asked", "account_id", "asked_at"),
        CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="end_has_outcome"),
        CheckConstraint("(ended_at IS NULL) = (address_sealed IS NOT NULL)", name="address_goes_with_it"),
    )

    @property
    def address_place(self) -> str:
        """Where `address_sealed` is sealed for; it opens in no other row."""
        return f"email_changes.address_sealed:{self.id}"

    @property
    def runs_out_at(self) -> datetime:
        """When the link no longer proves anything."""
        return self.asked_at + WAITS

    def waits(self, instant: datetime) -> bool:
        """Nothing became of it yet and its day is not over, whether or not a job has written so."""
        return self.ended_at is None and instant < self.runs_out_at

    def close(self, outcome: str) -> None:
        """It waits no longer; what it held of the person goes."""
        self.ended_at, self.outcome, self.address_sealed = clock.now(), outcome, None


def waiting_email_change(session: Session, account_id: uuid.UUID) -> EmailChange | None:
    """What waits for an account, or ran out unwritten. Read-only."""
    return session.scalar(_waiting(account_id))


def lock_waiting_email_change(session: Session, account_id: uuid.UUID) -> EmailChange | None:
    """The same, locked; the caller holds the account."""
    return session.scalar(to_change(_waiting(account_id)))


def close_waiting_email_change(session: Session, account_id: uuid.UUID, outcome: str) -> None:
    """Whatever waits for an account does so no longer, and its link opens nothing. The caller holds the account."""
    change = lock_waiting_email_change(session, account_id)
    if change is None:
        return
    change.close(outcome)
    revoke_links(session, PROVE_EMAIL, change.id)
    session.flush()


def _waiting(account_id: uuid.UUID) -> Select[EmailChange]:
    return select(EmailChange).where(EmailChange.account_id == account_id, EmailChange.ended_at.is_(None))
