"""RememberedDevice: a browser that somebody signed in from, and need not type a code on for a while. Owns the table and its secret.

The cookie holds the row's id and a secret; the row keeps the secret's hash. The secret changes at every use (threats PW8): one that
was used before, seen again, is a copy, and ends every device of the account. Nobody knows an id who has not seen the cookie.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from secrets import token_urlsafe

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from broker import audit, clock
from broker.authentication.tell_holder import tell_holder
from broker.database import Base, Identified, UtcDateTime, to_change
from broker.people.local_account import LocalAccount
from broker.people.person import Person

AT_ONCE = timedelta(seconds=10)
LANE_LIFETIME = timedelta(hours=1)


class RememberedDevice(Identified, Base):
    """living → ended; expired is derived. Without `skips_code` it is a lane of its own and nothing more (threats PW2).

    `earlier_hash`: of the secret before this one, which two requests at once may still bring.
    """

    __tablename__ = "remembered_devices"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("local_accounts.id"))
    secret_hash: Mapped[str] = mapped_column(String(64))
    earlier_hash: Mapped[str | None] = mapped_column(String(64))
    skips_code: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_reason: Mapped[str | None] = mapped_column(String(20))

    __table_args__ = (
        Index("ix_remembered_devices_account", "account_id"),
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="end_has_reason"),
    )

    def living(self, instant: datetime) -> bool:
        """Neither ended nor run out."""
        return self.ended_at is None and instant < self.expires_at


@dataclass(frozen=True, slots=True)
class DeviceCookie:
    """What a browser brought, or takes home."""

    device_id: uuid.UUID
    secret: str

    @property
    def value(self) -> str:
        """As the cookie holds it."""
        return f"{self.device_id}.{self.secret}"

    @property
    def digest(self) -> str:
        """What the row keeps."""
        return sha256(self.secret.encode()).hexdigest()


def read_device_cookie(value: str | None) -> DeviceCookie | None:
    """What stands in the cookie; None where that is none of ours. Proves nothing yet."""
    device_id, _, secret = (value or "").partition(".")
    try:
        return DeviceCookie(uuid.UUID(device_id), secret) if secret else None
    except ValueError:
        return None


def remember_device(session: Session, account: LocalAccount, lifetime: timedelta, *, skips_code: bool) -> DeviceCookie:
    """A new device of the account, for `lifetime` from now."""
    now = clock.now()
    cookie = DeviceCookie(uuid.uuid4(), token_urlsafe(32))
    session.add(
        RememberedDevice(
            id=cookie.device_id,
            account_id=account.id,
            secret_hash=cookie.digest,
            skips_code=skips_code,
            created_at=now,
            used_at=now,
            expires_at=now + lifetime,
        )
    )
    if skips_code:
        audit.record(session, "authentication:device:remember", subject_id=account.person_id)
    return cookie


def device_of(session: Session, account: LocalAccount, cookie: DeviceCookie | None) -> RememberedDevice | None:
    """The living device that the cookie is of, if it is one of this account; locked.

    A secret that was used before ends every device of the account, and the person is told.
    """
    if cookie is None:
        return None
    device = session.scalar(
        to_change(
            select(RememberedDevice).where(
                RememberedDevice.id == cookie.device_id, RememberedDevice.account_id == account.id
            )
        )
    )
    now = clock.now()
    if device is None or not device.living(now):
        return None
    if compare_digest(device.secret_hash, cookie.digest):
        return device
    just_now = device.earlier_hash is not None and now < device.used_at + AT_ONCE
    if just_now and compare_digest(device.earlier_hash or "", cookie.digest):
        return None  # two requests at once: this one types its code
    end_devices(session, account.id, "copied")
    person = session.get_one(Person, account.person_id)
    tell_holder(session, person, "devices_ended", f"copied:{device.id}:{device.secret_hash[:8]}")
    return None


def renew_secret(device: RememberedDevice) -> DeviceCookie:
    """The next secret of a device that was just used; how long it lives stays as it was."""
    cookie = DeviceCookie(device.id, token_urlsafe(32))
    device.earlier_hash, device.secret_hash, device.used_at = device.secret_hash, cookie.digest, clock.now()
    return cookie


def end_devices(session: Session, account_id: uuid.UUID, reason: str, device_id: uuid.UUID | None = None) -> int:
    """End every living device of an account, or the one named; how many."""
    query = select(RememberedDevice).where(
        RememberedDevice.account_id == account_id, RememberedDevice.ended_at.is_(None)
    )
    if device_id is not None:
        query = query.where(RememberedDevice.id == device_id)
    now = clock.now()
    devices = session.scalars(to_change(query.order_by(RememberedDevice.id))).all()
    for device in devices:
        device.ended_at, device.end_reason = now, reason
    if devices:
        account = session.get_one(LocalAccount, account_id)
        audit.record(
            session,
            "authentication:device:end",
            subject_id=account.person_id,
            details={"reason": reason, "devices": len(devices)},
        )
    return len(devices)
