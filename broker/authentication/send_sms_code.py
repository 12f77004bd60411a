"""send_sms_code: a code by SMS for somebody whose password was right, or who was invited (threats PW5).

Owns how often: 60 seconds between two (unless the first arrived, and was used), five an hour for an account and for a
number; none where no code helps any more today (`wrong_codes`); what all of them may cost is `sms_budget`. A new code takes the
place of the one before (PW4).
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.authentication.sms_budget import budget_is_spent
from broker.authentication.sms_code import AN_HOUR, BETWEEN, LIFETIME, SmsCode
from broker.authentication.wrong_codes import codes_again_at
from broker.database import to_change
from broker.installation import Installation
from broker.notifications import put_sms_code
from broker.people.local_account import LocalAccount
from broker.people.mobile_number import prefix_of

TOO_SOON, TOO_MANY, NO_BUDGET, NOT_HERE = "too_soon", "too_many", "no_budget", "not_here"
MANY_WRONG = "many_wrong"


@dataclass(frozen=True, slots=True)
class Sending:
    """Whether a code left: `refused` is None, or why not; `again_at` is when another may be asked for."""

    refused: str | None
    again_at: datetime | None


def send_sms_code(
    session: Session,
    installation: Installation,
    account: LocalAccount,
    number: str,
    *,
    language: str,
    application_code: str | None,
) -> Sending:
    """Send a new code to `number`, which belongs to the account; the caller holds the account."""
    now = clock.now()
    number_key = number_key_of(installation, number)
    refused = _refused(session, installation, account, number, now)
    if refused is not None:
        audit.record(
            session,
            "authentication:code:withhold",
            subject_id=account.person_id,
            details={"reason": refused.refused},
        )
        return refused
    void_codes(session, account.id)
    code = SmsCode(
        id=uuid.uuid4(),
        account_id=account.id,
        nonce=uuid.uuid4().hex,
        number_key=number_key,
        prefix=prefix_of(number),
        created_at=now,
        expires_at=now + LIFETIME,
    )
    code.message_id = put_sms_code(
        session,
        number,
        code={"kind": "sms_code", "id": str(code.id), "nonce": code.nonce},
        expires_at=code.expires_at,
        language=language,
        application_code=application_code,
    )
    session.add(code)
    session.flush()
    audit.record(session, "authentication:code:send", subject_id=account.person_id)
    return Sending(None, now + BETWEEN)


def void_codes(session: Session, account_id: uuid.UUID) -> None:
    """No code that was sent for the account works any more; the caller holds the account."""
    session.execute(
        update(SmsCode)
        .where(SmsCode.account_id == account_id, SmsCode.used_at.is_(None), SmsCode.replaced_at.is_(None))
        .values(replaced_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def number_key_of(installation: Installation, number: str) -> str:
    """What a row of a code keeps of the number that it went to."""
    return installation.keys.private_hash(number, "numbers of codes")


def newest_code(session: Session, account_id: uuid.UUID) -> SmsCode | None:
    """The last code that was sent for the account, whatever became of it; locked."""
    return session.scalar(
        to_change(
            select(SmsCode)
            .where(SmsCode.account_id == account_id)
            .order_by(SmsCode.created_at.desc(), SmsCode.id)
            .limit(1)
        )
    )


def _refused(
    session: Session,
    installation: Installation,
    account: LocalAccount,
    number: str,
    now: datetime,
) -> Sending | None:
    again_at = codes_again_at(account)
    if again_at is not None:
        return Sending(MANY_WRONG, again_at)
    last = newest_code(session, account.id)
    if last is not None and last.used_at is None and now < last.created_at + BETWEEN:
        return Sending(TOO_SOON, last.created_at + BETWEEN)
    hour = now - timedelta(hours=1)
    for owner in (SmsCode.account_id == account.id, SmsCode.number_key == number_key_of(installation, number)):
        earliest = session.scalars(
            select(SmsCode.created_at).where(owner, SmsCode.created_at > hour).order_by(SmsCode.created_at)
        ).all()
        if len(earliest) >= AN_HOUR:
            return Sending(TOO_MANY, earliest[-AN_HOUR] + timedelta(hours=1))
    return Sending(NO_BUDGET, None) if budget_is_spent(session, installation, prefix_of(number)) else None
