"""code_on_its_way: the newest code of an account to one number, and how its delivery goes, for the page that waits for it.
Read-only."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.authentication.sms_code import SmsCode
from broker.notifications.outbox_message import DEAD, DROPPED, SENT, OutboxMessage

ON_ITS_WAY, LATE, FAILED, UNSURE = "on_its_way", "late", "failed", "unsure"


@dataclass(frozen=True, slots=True)
class CodeOnItsWay:
    """When it was sent, until when it works, and what became of the message."""

    created_at: datetime
    expires_at: datetime
    state: str


def code_on_its_way(session: Session, account_id: uuid.UUID, number_key: str, since: datetime) -> CodeOnItsWay | None:
    """None where none was sent to that number (`number_key_of`), or the last one was used, or ran out before `since`."""
    row = session.execute(
        select(SmsCode.created_at, SmsCode.expires_at, SmsCode.used_at, OutboxMessage.status, OutboxMessage.last_error)
        .outerjoin(OutboxMessage, OutboxMessage.id == SmsCode.message_id)
        .where(SmsCode.account_id == account_id, SmsCode.number_key == number_key, SmsCode.replaced_at.is_(None))
        .order_by(SmsCode.created_at.desc(), SmsCode.id)
        .limit(1)
    ).one_or_none()
    if row is None or row.used_at is not None or row.expires_at <= since:
        return None
    return CodeOnItsWay(row.created_at, row.expires_at, _state(row.status, row.last_error))


def _state(status: str | None, last_error: str | None) -> str:
    if status == DEAD:
        return FAILED
    if status == DROPPED:
        return UNSURE
    if status not in (SENT, None) and last_error:
        return LATE
    return ON_ITS_WAY
