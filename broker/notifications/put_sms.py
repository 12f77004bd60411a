"""put_sms: write a message by SMS in the transaction of the operation that causes it; the worker delivers it.

Only codes leave this way (threats PW5). The digits are not in the row: the worker makes them from `code` at delivery (rule 5).
"""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from broker.notifications.put_message import put_message

SMS = "sms"
CODE = "sms_code"


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
