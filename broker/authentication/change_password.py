"""change_password: somebody who is signed in chooses another password, with the present one. Everything of the account ends, this
session too: the next thing they do is sign in with it (threats PW7)."""

import uuid

from sqlalchemy.orm import Session

from broker.authentication.kept_factors import KeptFactors
from broker.authentication.lock_person_and_account import lock_person_and_account
from broker.authentication.set_password import write_password
from broker.authentication.try_password import PASSWORD_CHANGED
from broker.errors import ConflictError
from broker.installation import Installation
from broker.people.local_account import LocalAccount
from broker.people.person import Person


def change_password(
    session: Session, installation: Installation, account_id: uuid.UUID, seen: str, password_hash: str
) -> KeptFactors:
    """What still opens the account. The caller held the present password against `seen`, and judged the new one.

    Raises:
        ConflictError: it was changed, or the account ended, a moment ago.
    """
    account = lock_account(session, account_id, seen)
    person = session.get_one(Person, account.person_id)
    return write_password(session, installation, account, person, password_hash)


def lock_account(session: Session, account_id: uuid.UUID, seen: str) -> LocalAccount:
    """The account and its person, locked; still with the password that was held against `seen`.

    Raises:
        ConflictError: as `change_password`.
    """
    unlocked = session.get_one(LocalAccount, account_id)
    _, account = lock_person_and_account(session, unlocked.person_id, account_id)
    if account.ended_at is not None or account.password_hash != seen:
        raise ConflictError("password_changed", PASSWORD_CHANGED)
    return account
