"""put_mail: write a mail in the transaction of the operation that causes it; the worker delivers it.

`put_message` writes the row of any channel; `put_for_client` and `put_change` are the other two that call it.
"""

import re
import uuid
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from broker import clock
from broker.audit.context import current_acting
from broker.database import insert_into
from broker.notifications.mail_facts import checked_facts
from broker.notifications.outbox_message import OutboxMessage

MAIL = "mail"

# One address, in any form that cannot become a second one or a header; its finer form was judged when it was typed.
_ADDRESS = re.compile(r"[^\s@,;<>\x00-\x1f\x7f]+@[^\s@,;<>\x00-\x1f\x7f]+")


def put_mail(
    session: Session,
    template: str,
    recipient: str,
    *,
    key: str,
    language: str = "nl",
    facts: dict[str, Any] | None = None,
    link: dict[str, str] | None = None,
    only_if: str | None = None,
    not_before: datetime | None = None,
    subject_id: uuid.UUID | None = None,
) -> None:
    """Put the mail `template` for `recipient` in the outbox; the same `key` again is the same mail, written once.

    `facts` fill the template, JSON values only. `link` is `OneTimeLink.reference()`: the worker derives the address
    at delivery, so no usable secret rests here. `only_if` ("grant_active:<id>") is asked again at delivery; no longer
    true, not sent.

    Raises:
        ValueError: no such mail, not its facts (`mail_facts`), or a recipient that is no single address; a mail that
        cannot be written must not wait till delivery.
    """
    given = checked_facts(template, facts or {}, link)
    if not _ADDRESS.fullmatch(recipient):
        raise ValueError(f"the mail {template} has no usable recipient")
    put_message(
        session,
        channel=MAIL,
        template=template,
        lane=MAIL,
        recipient=recipient,
        key=key,
        language=language,
        facts=given,
        link=link,
        only_if=only_if,
        not_before=not_before,
        subject_id=subject_id,
    )


def put_message(
    session: Session,
    *,
    channel: str,
    template: str,
    lane: str,
    recipient: str,
    key: str,
    facts: dict[str, Any],
    language: str = "nl",
    link: dict[str, str] | None = None,
    only_if: str | None = None,
    not_before: datetime | None = None,
    subject_id: uuid.UUID | None = None,
) -> uuid.UUID:
    """Write one row of the outbox, unless the same `key` was written for this template and recipient before; its id."""
    now = clock.now()
    message_id = uuid.uuid4()
    values = {
        "id": message_id,
        "channel": channel,
        "template": template,
        "lane": lane,
        "recipient": recipient,
        "language": language,
        "facts": facts,
        "link": link,
        "only_if": only_if,
        "idempotency_key": f"{key}:{template}:{sha256(recipient.encode()).hexdigest()[:16]}",
        "subject_id": subject_id,
        "request_id": current_acting().request_id,
        "status": "pending",
        "attempts": 0,
        "created_at": now,
        "next_attempt_at": not_before or now,
    }
    session.execute(
        insert_into(session, OutboxMessage).values(values).on_conflict_do_nothing(index_elements=["idempotency_key"])
    )
    return message_id
