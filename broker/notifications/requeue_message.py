"""requeue_message: the operator lets a dead message try again."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.database import to_change
from broker.errors import ConflictError, NotFoundError
from broker.notifications.outbox_message import DEAD, PENDING, OutboxMessage
from broker.text import Text


def requeue_message(session: Session, message_id: uuid.UUID) -> OutboxMessage:
    """dead → pending, with all attempts before it again; `notifications:message:requeue`.

    Raises:
        NotFoundError: there is no such message.
        ConflictError: it is not dead.
    """
    message = session.scalar(to_change(select(OutboxMessage).where(OutboxMessage.id == message_id)))
    if message is None:
        raise NotFoundError("message_unknown", Text("Dit bericht bestaat niet.", "There is no such message."))
    if message.status != DEAD:
        raise ConflictError(
            "message_not_dead",
            Text("Dit bericht wacht niet op u.", "This message is not waiting for you."),
            status=message.status,
        )
    message.status = PENDING
    message.attempts = 0
    message.next_attempt_at = clock.now()
    audit.record(
        session, "notifications:message:requeue", subject_id=message.id, details={"template": message.template}
    )
    return message
