"""change_phone: somebody signed in gives another mobile number; it becomes theirs when the code that goes there comes back.

The page asks for the password, and for a sign-in with the present second factor a moment ago (threats PW6). Owns the beginning; the
code is judged by `answer_code`.
"""

import uuid

from sqlalchemy.orm import Session

from broker import audit
from broker.authentication.change_password import lock_account
from broker.authentication.local_sign_in import CHANGE_PHONE, SignInWish, begin_pending
from broker.authentication.send_sms_code import Sending, send_sms_code
from broker.installation import Installation
from broker.people.person import Person


def change_phone(
    session: Session, installation: Installation, account_id: uuid.UUID, seen: str, number: str
) -> tuple[str, Sending]:
    """What the browser goes on with, and how the sending to `number` went.

    Raises:
        ConflictError: as `change_password`.
    """
    account = lock_account(session, account_id, seen)
    person = session.get_one(Person, account.person_id)
    token = begin_pending(session, account, CHANGE_PHONE, SignInWish(), (installation.keys, number))
    sending = send_sms_code(
        session, installation, account, number, language=person.language, application_code=account.invited_for
    )
    audit.record(session, "authentication:phone:ask", subject_id=person.id)
    return token, sending
