"""own_totp: somebody signed in adds an app that shows codes, confirms it with a first code, or takes it away.

A key counts only once a code of it was typed; until then signing in goes as before. It waits for a quarter of an hour: whoever
saw it at an open screen must not find it in the app that somebody adds weeks later. The recovery codes are shown once, by
the operation that makes them. Whoever's account it is hears of both by mail.
"""

import uuid
from collections.abc import Sequence

from sqlalchemy.orm import Session

from broker import audit, clock
from broker.authentication.lock_person_and_account import lock_person_and_account
from broker.authentication.tell_holder import tell_holder
from broker.authentication.totp import (
    TotpKey,
    forget_begun_totp,
    forget_totp,
    has_totp,
    new_recovery_codes,
    secret_of,
    secret_place,
    take_totp,
)
from broker.errors import ConflictError, NotFoundError
from broker.installation import Installation
from broker.people.find_local_account import account_of_person
from broker.people.local_account import LocalAccount
from broker.people.person import Person
from broker.text import Text


def begin_totp(session: Session, installation: Installation, person_id: uuid.UUID) -> str:
    """The key of a new app, in base32; asked again within BEGUN_FOR and before the first code, the same one.

    Raises:
        ConflictError: there is an app already.
        NotFoundError: no local account.
    """
    from pyotp import random_base32

    account, _ = _locked(session, person_id)
    key = session.get(TotpKey, account.id)
    if key is not None and key.confirmed_at is not None:
        raise ConflictError("has_totp", HAS_ONE)
    if key is None or not key.begun(clock.now()):
        forget_begun_totp(session, account.id)
        sealed = installation.keys.seal(random_base32(), secret_place(account.id))
        key = TotpKey(account_id=account.id, secret_sealed=sealed, created_at=clock.now())
        session.add(key)
    return secret_of(installation, key)


def confirm_totp(
    session: Session, installation: Installation, person_id: uuid.UUID, typed: str
) -> Sequence[str] | None:
    """The recovery codes, now that `typed` came from the app; None where it did not.

    Raises:
        ConflictError: there is an app already, or none was begun within BEGUN_FOR.
        NotFoundError: no local account.
    """
    account, person = _locked(session, person_id)
    key = session.get(TotpKey, account.id)
    if key is not None and key.confirmed_at is not None:
        raise ConflictError("has_totp", HAS_ONE)
    if key is None or not key.begun(clock.now()):
        raise ConflictError("begun_too_long_ago", BEGIN_AGAIN)
    if not take_totp(session, installation, account.id, "".join(typed.split())):
        return None
    session.refresh(key)
    key.confirmed_at = clock.now()
    event = audit.record(session, "authentication:totp:add", subject_id=person_id)
    tell_holder(session, person, "app_added", str(event.id))
    return new_recovery_codes(session, installation, account.id)


def end_totp(session: Session, person_id: uuid.UUID) -> None:
    """Take the app and its recovery codes away; where there is none, nothing.

    Raises:
        NotFoundError: no local account.
    """
    account, person = _locked(session, person_id)
    if not has_totp(session, account.id):
        return
    forget_totp(session, account.id)
    event = audit.record(session, "authentication:totp:end", subject_id=person_id)
    tell_holder(session, person, "app_ended", str(event.id))


def _locked(session: Session, person_id: uuid.UUID) -> tuple[LocalAccount, Person]:
    found = account_of_person(session, person_id)
    if found is None:
        raise NotFoundError
    person, account = lock_person_and_account(session, person_id, found.id)
    if account.ended_at is not None:
        raise NotFoundError
    return account, person


HAS_ONE = Text("U hebt al een app die codes toont.", "You have an app that shows codes already.")
BEGIN_AGAIN = Text("Dat duurde te lang. Voeg de app opnieuw toe.", "That took too long. Add the app again.")
