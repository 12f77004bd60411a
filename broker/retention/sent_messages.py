"""sent_messages: messages that left, were no longer wanted, or were given up. What was in a sent one is gone already."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from broker.installation import Installation
from broker.notifications.outbox_message import DEAD, DROPPED, SENT, OutboxMessage
from broker.retention.rule import RetentionRule


def _due(before: datetime) -> Select[Any]:
    return select(OutboxMessage.id).where(
        OutboxMessage.status.in_((SENT, DROPPED, DEAD)), OutboxMessage.next_attempt_at < before
    )


def _whole() -> Select[int]:
    return select(func.count()).select_from(OutboxMessage)


def _erase(session: Session, _installation: Installation, ids: Sequence[Any]) -> None:
    session.execute(delete(OutboxMessage).where(OutboxMessage.id.in_(ids)).execution_options(synchronize_session=False))


SENT_MESSAGES = RetentionRule("sent_messages", _due, _whole, _erase)
