"""LocalSignIn: the password was right, and something must still follow. Owns the table, beginning one
and finding that of a browser.

It is the pending session of lifecycles §9: bound to one browser by a random value in its signed cookie, ten minutes, used
once. What comes next is read from it each time; nothing that a page posted is evidence.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from broker import clock
from broker.database import Base, Identified, UtcDateTime
from broker.keys import Keys
from broker.people.local_account import LocalAccount
from broker.people.person import Person

LIFETIME = timedelta(minutes=10)
KEPT_AFTER = timedelta(hours=1)  # so that whoever comes late begins again for what they came for
SIGN_IN, PROVE_PHONE, CHANGE_PHONE = "sign_in", "prove_phone", "change_phone"
PURPOSES = (SIGN_IN, PROVE_PHONE, CHANGE_PHONE)


class LocalSignIn(Identified, Base):
    """pending → used; expired is derived. `password_at`: when the password was right, which is when the person proved it.

    `purpose`: to sign in, to prove the number of a new account, or (signed in) that of a change: then `new_phone_sealed` holds it.
    """

    __tablename__ = "local_sign_ins"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("local_accounts.id"))
    purpose: Mapped[str] = mapped_column(String(20))
    new_phone_sealed: Mapped[str | None]
    application_code: Mapped[str | None] = mapped_column(String(40))
    return_path: Mapped[str]
    requested_level: Mapped[int]
    fresh: Mapped[bool]
    password_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("ix_local_sign_ins_expires_at", "expires_at"),
        CheckConstraint(f"purpose IN {PURPOSES!r}", name="purpose"),
        CheckConstraint("(purpose = 'change_phone') = (new_phone_sealed IS NOT NULL)", name="new_phone"),
    )

    @property
    def new_phone_place(self) -> str:
        """Where `new_phone_sealed` is sealed for; it opens in no other row."""
        return f"local_sign_ins.new_phone_sealed:{self.id}"


@dataclass(frozen=True, slots=True)
class SignInWish:
    """Where somebody wants to go on, for which application, and how strongly and freshly they must prove who they are."""

    return_path: str = "/"
    application_code: str | None = None
    requested_level: int = 0
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """A pending row with its account and person."""

    row: LocalSignIn
    account: LocalAccount = field(repr=False)
    person: Person = field(repr=False)

    @property
    def takes_stronger(self) -> bool:
        """Whether an app or a passkey will do: somebody signs in, and need not prove another number first."""
        return self.row.purpose == SIGN_IN and self.person.phone_source == "proved"


def begin_pending(
    session: Session, account: LocalAccount, purpose: str, wish: SignInWish, new_phone: tuple[Keys, str] | None = None
) -> str:
    """A pending row, the password having just been right; the value for the browser. `new_phone`: the number that is to be proved,
    and the keys that seal it. Those that ran out a while ago go."""
    now = clock.now()
    session.execute(delete(LocalSignIn).where(LocalSignIn.expires_at <= now - KEPT_AFTER))
    token = token_urlsafe(32)
    row = LocalSignIn(
        id=uuid.uuid4(),
        token_hash=pending_hash(token),
        account_id=account.id,
        purpose=purpose,
        application_code=wish.application_code,
        return_path=wish.return_path,
        requested_level=wish.requested_level,
        fresh=wish.fresh,
        password_at=now,
        expires_at=now + LIFETIME,
    )
    if new_phone is not None:
        keys, number = new_phone
        row.new_phone_sealed = keys.seal(number, row.new_phone_place)
    session.add(row)
    return token


def forget_pending(session: Session, account_id: uuid.UUID) -> None:
    """What a right password of the account was still to be followed by, in any browser, is over."""
    session.execute(delete(LocalSignIn).where(LocalSignIn.account_id == account_id))


def pending_hash(token: str) -> str:
    """What the row keeps of the browser's value."""
    return sha256(token.encode()).hexdigest()


def pending_sign_in(session: Session, token: str) -> PendingSignIn | None:
    """The pending row of this browser; None where it ran out, was used, or its account ended."""
    found = session.execute(
        select(LocalSignIn, LocalAccount, Person)
        .join(LocalAccount, LocalAccount.id == LocalSignIn.account_id)
        .join(Person, Person.id == LocalAccount.person_id)
        .where(
            LocalSignIn.token_hash == pending_hash(token),
            LocalSignIn.used_at.is_(None),
            LocalSignIn.expires_at > clock.now(),
            LocalAccount.ended_at.is_(None),
        )
    ).one_or_none()
    return PendingSignIn(*found) if found else None


def late_sign_in(session: Session, token: str) -> LocalSignIn | None:
    """The row of a browser that came too late; None where it is not known, or was used. Read-only."""
    return session.scalar(
        select(LocalSignIn).where(
            LocalSignIn.token_hash == pending_hash(token),
            LocalSignIn.used_at.is_(None),
            LocalSignIn.expires_at <= clock.now(),
        )
    )
