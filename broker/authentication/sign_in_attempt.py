"""SignInAttempt: a browser was sent to a provider and has not come back. Owns the table.

It is the pre-session of threats UP1: bound to one browser (a random value in its signed cookie), to one provider, used
once. State and browser are kept as hashes, the PKCE verifier sealed. `return_path` was checked to be a path of ours.
"""

from datetime import datetime, timedelta

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, Identified, UtcDateTime

LIFETIME = timedelta(minutes=10)


class SignInAttempt(Identified, Base):
    """pending → used; expired is derived.

    `fresh`: the person must prove it anew, not by what the provider remembers.
    """

    __tablename__ = "sign_in_attempts"

    state_hash: Mapped[str] = mapped_column(String(64), unique=True)
    browser_hash: Mapped[str] = mapped_column(String(64))
    provider_code: Mapped[str] = mapped_column(String(40))
    nonce: Mapped[str] = mapped_column(String(64))
    verifier_sealed: Mapped[str]
    requested_level: Mapped[int]
    fresh: Mapped[bool]
    application_code: Mapped[str | None] = mapped_column(String(40))
    return_path: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_sign_in_attempts_expires_at", "expires_at"),)

    @property
    def verifier_place(self) -> str:
        """Where `verifier_sealed` is sealed for; it opens in no other row."""
        return f"sign_in_attempts.verifier_sealed:{self.id}"
