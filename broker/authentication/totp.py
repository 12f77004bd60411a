"""TotpKey and RecoveryCode: an app on a telephone that shows a code of its own (RFC 6238), and ten codes for when it is
lost.

Owns the tables, and judging such a code. A code works once: its step of time is taken by one UPDATE, so that of any number
at once one comes in (threats PW9). The key is sealed; a recovery code is kept as a keyed hash.
"""

import re
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from secrets import choice

from sqlalchemy import CursorResult, ForeignKey, Index, String, delete, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from broker import clock
from broker.database import Base, Identified, UtcDateTime
from broker.installation import Installation

STEP_SECONDS = 30
SKEW_STEPS = 1
RECOVERY_CODES = 10
BEGUN_FOR = timedelta(minutes=15)  # whoever saw a key that was begun at an open screen must not have it for long
_RECOVERY_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
_RECOVERY_LENGTH = 10
_DIGITS = re.compile(r"\d{6}", re.ASCII)


class TotpKey(Base):
    """The app of an account. It counts once a first code from it was typed (`confirmed_at`); `last_step` is the last one used."""

    __tablename__ = "totp_keys"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("local_accounts.id"), primary_key=True)
    secret_sealed: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_step: Mapped[int | None]

    def begun(self, instant: datetime) -> bool:
        """Still waiting for its first code, and not for too long."""
        return self.confirmed_at is None and instant < self.created_at + BEGUN_FOR


class RecoveryCode(Identified, Base):
    """One of ten, used once."""

    __tablename__ = "recovery_codes"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("local_accounts.id"))
    code_key: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_recovery_codes_account", "account_id"),)


def secret_place(account_id: uuid.UUID) -> str:
    """Where a key is sealed for; it opens in no other row."""
    return f"totp_keys.secret_sealed:{account_id}"


def has_totp(session: Session, account_id: uuid.UUID) -> bool:
    """Whether the account has an app that counts."""
    key = session.get(TotpKey, account_id)
    return key is not None and key.confirmed_at is not None


def secret_of(installation: Installation, key: TotpKey) -> str:
    """The key itself, in base32."""
    return installation.keys.unseal(key.secret_sealed, secret_place(key.account_id))


def take_totp(session: Session, installation: Installation, account_id: uuid.UUID, typed: str) -> bool:
    """Whether `typed` is the app's code of about now that nobody used; then it is used."""
    key = session.get(TotpKey, account_id)
    if key is None or not _DIGITS.fullmatch(typed):
        return False
    step = _step_of(secret_of(installation, key), typed)
    if step is None:
        return False
    result = session.execute(
        update(TotpKey)
        .where(TotpKey.account_id == account_id, or_(TotpKey.last_step.is_(None), TotpKey.last_step < step))
        .values(last_step=step)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def take_recovery_code(session: Session, installation: Installation, account_id: uuid.UUID, typed: str) -> bool:
    """Whether `typed` is a recovery code that nobody used; then it is used."""
    result = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id,
            RecoveryCode.code_key == _code_key(installation, account_id, typed),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def new_recovery_codes(session: Session, installation: Installation, account_id: uuid.UUID) -> Sequence[str]:
    """Ten new ones, to be shown once; those before no longer work."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    session.add_all(
        RecoveryCode(account_id=account_id, code_key=_code_key(installation, account_id, code)) for code in codes
    )
    return codes


def forget_totp(session: Session, account_id: uuid.UUID) -> None:
    """The app and its codes are gone."""
    for table in (RecoveryCode, TotpKey):
        session.execute(delete(table).where(table.account_id == account_id))


def forget_begun_totp(session: Session, account_id: uuid.UUID) -> None:
    """A key that no code was typed of is gone; an app that counts stays."""
    session.execute(delete(TotpKey).where(TotpKey.account_id == account_id, TotpKey.confirmed_at.is_(None)))


def codes_left(session: Session, account_id: uuid.UUID) -> int:
    """How many recovery codes are left."""
    return len(
        session.scalars(
            select(RecoveryCode.id).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
        ).all()
    )


def _step_of(secret: str, typed: str) -> int | None:
    """The step of time that `typed` is of, within one of now; every one is compared, in constant time."""
    from hmac import compare_digest

    from pyotp import TOTP

    totp = TOTP(secret, interval=STEP_SECONDS)
    now = int(clock.now().timestamp()) // STEP_SECONDS
    found = [
        step for step in range(now - SKEW_STEPS, now + SKEW_STEPS + 1) if compare_digest(totp.generate_otp(step), typed)
    ]
    return found[-1] if found else None


def _new_code() -> str:
    signs = "".join(choice(_RECOVERY_SIGNS) for _ in range(_RECOVERY_LENGTH))
    return f"{signs[:5]}-{signs[5:]}"


def _code_key(installation: Installation, account_id: uuid.UUID, typed: str) -> str:
    plain = re.sub(r"[\s-]", "", typed).lower()[:40]
    return installation.keys.private_hash(f"{account_id}:{plain}", "recovery codes")
