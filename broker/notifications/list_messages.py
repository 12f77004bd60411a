"""list_messages: what stands in the outbox, for the operator. Reads only."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.notifications.outbox_message import OutboxMessage


def list_messages(
    session: Session, *, status: str | None = None, channel: str | None = None, limit: int = 50
) -> list[OutboxMessage]:
    """The newest messages first, at most `limit`, of one status and channel or of all."""
    messages = select(OutboxMessage).order_by(OutboxMessage.created_at.desc(), OutboxMessage.id.desc()).limit(limit)
    if status is not None:
        messages = messages.where(OutboxMessage.status == status)
    if channel is not None:
        messages = messages.where(OutboxMessage.channel == channel)
    return list(session.scalars(messages))
