"""own_passkeys: somebody signed in adds a passkey to their account, or takes one away.

The page asks for a sign-in with a second factor a moment ago. Whoever's account it is hears of both by mail.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.authentication.judge_passkey import refuse_passkey
from broker.authentication.lock_person_and_account import lock_person_and_account
from broker.authentication.passkey import Passkey, passkeys_of
from broker.authentication.passkey_answer import ask_for_new, key_made
from broker.authentication.passkey_challenge import new_challenge, take_challenge
from broker.authentication.tell_holder import tell_holder
from broker.errors import ConflictError, NotFoundError
from broker.installation import Installation
from broker.people.find_local_account import account_of_person
from broker.people.local_account import LocalAccount
from broker.people.person import Person
from broker.text import Text

MOST = 10
_ADD = "add"


def begin_passkey(session: Session, installation: Installation, person_id: uuid.UUID, session_id: uuid.UUID) -> str:
    """What an authenticator is to make for this person, in JSON; `session_id` is the session that they are signed in with.

    Raises:
        ConflictError: there are as many as one may have.
        NotFoundError: no local account.
    """
    account, _ = _locked(session, person_id)
    known = _refuse_too_many(session, account)
    challenge = new_challenge(session, _ADD, str(session_id))
    return ask_for_new(installation.settings, challenge, account.id, account.user_name, known)


def add_passkey(
    session: Session,
    installation: Installation,
    person_id: uuid.UUID,
    session_id: uuid.UUID,
    name: str,
    answer: str,
) -> bool:
    """Add the key in `answer` as `name`; whether it was one, made for this person a moment ago, that nobody has added yet.

    Raises:
        ConflictError: there are as many as one may have.
        NotFoundError: no local account.
    """
    account, person = _locked(session, person_id)
    _refuse_too_many(session, account)
    challenge = take_challenge(session, _ADD, str(session_id))
    made = key_made(installation.settings, challenge, answer) if challenge is not None else None
    if made is None or _is_known(session, made.credential_id):
        refuse_passkey(session, person_id, "not_added")
        return False
    session.add(
        Passkey(
            account_id=account.id,
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            verifies_user=made.verified,
            name=name,
            created_at=clock.now(),
        )
    )
    event = audit.record(session, "authentication:passkey:add", subject_id=person_id)
    tell_holder(session, person, "passkey_added", str(event.id))
    return True


def end_passkey(session: Session, person_id: uuid.UUID, passkey_id: uuid.UUID) -> None:
    """Take a passkey away.

    Raises:
        NotFoundError: no such passkey of theirs.
    """
    account, person = _locked(session, person_id)
    passkey = session.get(Passkey, passkey_id)
    if passkey is None or passkey.account_id != account.id:
        raise NotFoundError
    session.delete(passkey)
    event = audit.record(session, "authentication:passkey:end", subject_id=person_id)
    tell_holder(session, person, "passkey_ended", str(event.id))


def _locked(session: Session, person_id: uuid.UUID) -> tuple[LocalAccount, Person]:
    found = account_of_person(session, person_id)
    if found is None:
        raise NotFoundError
    person, account = lock_person_and_account(session, person_id, found.id)
    if account.ended_at is not None:
        raise NotFoundError
    return account, person


def _refuse_too_many(session: Session, account: LocalAccount) -> list[str]:
    """Those there are."""
    known = [each.credential_id for each in passkeys_of(session, account.id)]
    if len(known) >= MOST:
        raise ConflictError("too_many_passkeys", TOO_MANY)
    return known


def _is_known(session: Session, credential_id: str) -> bool:
    return session.scalar(select(Passkey.id).where(Passkey.credential_id == credential_id)) is not None


TOO_MANY = Text(
    f"U hebt al {MOST} toegangssleutels. Verwijder er eerst een.",
    f"You have {MOST} passkeys already. First remove one.",
)
