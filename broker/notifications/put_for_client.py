"""put_for_client: write a message to an application in the transaction that causes it; the worker delivers it."""

import uuid
from typing import Any

from sqlalchemy.orm import Session

from broker.notifications.put_message import put_message


def put_for_client(
    session: Session,
    channel: str,
    template: str,
    client_id: str,
    *,
    key: str,
    facts: dict[str, Any],
    subject_id: uuid.UUID | None = None,
) -> uuid.UUID:
    """Put `template` for one client in the outbox, on `channel` (logout or event); the same `key` again is written once.

    The address is not kept: it is that of the policy at delivery. Every client has a lane of its own on each channel, so
    that one whose receiver is slow holds up nobody else (threats BC4). The id that it was written under.
    """
    return put_message(
        session,
        channel=channel,
        template=template,
        lane=f"{channel}:{client_id}",
        recipient=client_id,
        key=key,
        facts=facts,
        subject_id=subject_id,
    )
