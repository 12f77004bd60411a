"""put_sms: write a message by SMS in the transaction of the operation that causes it; the worker delivers it.

Only codes leave this way, and the word that a number is about to change (threats PW5, PW6). The digits are not in the row: the
worker makes them from `code` at delivery (rule 5).
"""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from broker.notifications.put_message import put_message

SMS = "sms"
CODE = "sms_code"
NUMBER_CHANGES = "number_changes"


def put_sms_code(
    session: Session,
    number: str,
    *,
    code: dict[str, str],
    expires_at: datetime,
    language: str,
    application_code: str | None,
) -> uuid.UUID:
    """One code for `number` (E.164), not delivered any more after `expires_at`; the id of the message."""
    return put_message(
        session,
        channel=SMS,
        template=CODE,
        lane=SMS,
        recipient=number,
        key=code["id"],
        language=language,
        facts={"expires_at": expires_at.isoformat(), "application_code": application_code},
        link=code,
    )


def put_sms_notice(session: Session, number: str, *, key: str, language: str, application_code: str | None) -> None:
    """The word to `number` (E.164) that codes will go elsewhere from tomorrow on; the same `key` again is the same message."""
    put_message(
        session,
        channel=SMS,
        template=NUMBER_CHANGES,
        lane=SMS,
        recipient=number,
        key=key,
        language=language,
        facts={"application_code": application_code},
    )
