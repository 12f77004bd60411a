"""BrowserSession: somebody is signed in at the broker in one browser. Owns the table and when it ends.

The cookie holds 256 random bits, the row their SHA-256: a copy of the database signs nobody in (threats rule 5). The
row's own id stays the same through a step-up, so that ClientSessions keep hanging on it; what changes at every rise is
the cookie. Its end by the clock is derived, never stored; housekeeping settles such rows (`settle_sessions`).
"""

import uuid
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, Identified, UtcDateTime

IDLE = timedelta(minutes=90)
ABSOLUTE = timedelta(hours=8)

_LIVING = text("ended_at IS NULL")


class BrowserSession(Identified, Base):
    """Who signed in, how, and when.

    `number_sealed` and the names are of this sign-in, and go when it ends (decisions 3).
    """

    __tablename__ = "browser_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    provider_code: Mapped[str] = mapped_column(String(40))
    acr: Mapped[str]
    level: Mapped[int]
    amr: Mapped[list[str]] = mapped_column(JSON)
    auth_time: Mapped[datetime] = mapped_column(UtcDateTime)
    given_name: Mapped[str | None]
    family_name: Mapped[str | None]
    number_sealed: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_reason: Mapped[str | None] = mapped_column(String(20))

    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="end_has_reason"),
        CheckConstraint("ended_at IS NULL OR number_sealed IS NULL", name="number_goes_with_it"),
        Index("ix_browser_sessions_living", "last_seen", sqlite_where=_LIVING, postgresql_where=_LIVING),
    )

    @property
    def ends_at(self) -> datetime:
        """The instant at which the clock ends it, if nobody comes before."""
        return clock_ends(self.last_seen, self.created_at)

    def living(self, instant: datetime) -> bool:
        """Neither ended nor run out at `instant`."""
        return self.ended_at is None and instant < self.ends_at

    @property
    def number_place(self) -> str:
        """Where `number_sealed` is sealed for; it opens in no other row."""
        return number_place(self.id)

    def end(self, instant: datetime, reason: str) -> None:
        """Write its end and erase what was only kept for as long as it lasted."""
        self.ended_at, self.end_reason = instant, reason
        self.number_sealed = self.given_name = self.family_name = None


def clock_ends(last_seen: datetime, created_at: datetime) -> datetime:
    """When the clock ends a session that nobody ended."""
    return min(last_seen + IDLE, created_at + ABSOLUTE)


def number_place(session_id: uuid.UUID) -> str:
    """Where the number of this session is sealed for."""
    return f"browser_sessions.number_sealed:{session_id}"


def new_token() -> str:
    """256 random bits for the cookie."""
    return token_urlsafe(32)


def token_hash(token: str) -> str:
    """What the row keeps of a token."""
    return sha256(token.encode()).hexdigest()
