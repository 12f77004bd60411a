"""PasskeyChallenge: the random value that an authenticator must sign. Owns the table, handing one out and taking it back.

One living challenge for each purpose of each browser, for five minutes; taking it is one DELETE, so that of any number of answers
at once one is looked at (threats rule 7). A wrong answer uses it up as well.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import String, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from broker import clock
from broker.database import Base, UtcDateTime, insert_into

LIFETIME = timedelta(minutes=5)


class PasskeyChallenge(Base):
    """What one browser is to have signed, by the digest of its purpose and of what binds it to that browser."""

    __tablename__ = "passkey_challenges"

    browser_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    challenge: Mapped[str] = mapped_column(String(43))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


def new_challenge(session: Session, purpose: str, browser: str) -> str:
    """256 random bits in base64url for `purpose` in `browser`, a value that only that browser has; the one before is gone."""
    challenge, expires_at = token_urlsafe(32), clock.now() + LIFETIME
    session.execute(
        insert_into(session, PasskeyChallenge)
        .values(browser_hash=_hash(purpose, browser), challenge=challenge, expires_at=expires_at)
        .on_conflict_do_update(index_elements=["browser_hash"], set_={"challenge": challenge, "expires_at": expires_at})
    )
    return challenge


def take_challenge(session: Session, purpose: str, browser: str) -> str | None:
    """The challenge that this browser was given and has not answered yet; from now on it is used."""
    return session.scalar(
        delete(PasskeyChallenge)
        .where(PasskeyChallenge.browser_hash == _hash(purpose, browser), PasskeyChallenge.expires_at > clock.now())
        .returning(PasskeyChallenge.challenge)
        .execution_options(synchronize_session=False)
    )


def _hash(purpose: str, browser: str) -> str:
    return sha256(f"{purpose}\n{browser}".encode()).hexdigest()
