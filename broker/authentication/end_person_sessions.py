"""end_person_sessions: the operator signs somebody out everywhere, at once.

Every browser, and whatever applications hold: what goes on without a browser (offline_access) as well. Of a local account also
what lets somebody in without all of it: devices that are remembered, and sign-ins that the password was already right for. The
person can sign in again.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.authentication.browser_session import BrowserSession
from broker.authentication.end_session import end_row
from broker.authentication.local_sign_in import forget_pending
from broker.authentication.lock_person_and_account import lock_person_and_account
from broker.authentication.remembered_device import end_devices
from broker.authentication.revoke_client_sessions import revoke_client_sessions
from broker.database import to_change
from broker.errors import InvalidError, NotFoundError
from broker.installation import Installation
from broker.people.find_local_account import account_of_person
from broker.people.person import Person
from broker.text import Text

REASONS = ("asked_for", "lost_device", "misuse", "other")


def end_person_sessions(
    session: Session, installation: Installation, person_id: uuid.UUID, reason: str
) -> tuple[int, int]:
    """End every session of one person, for one of REASONS; how many at the broker and how many of applications ended.

    The Person is locked first: who signs in at this moment comes after, or is seen.

    Raises:
        InvalidError: another reason.
        NotFoundError: no such person.
    """
    if reason not in REASONS:
        raise InvalidError("reason_unknown", REASON_UNKNOWN)
    person = session.scalar(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))
    if person is None:
        raise NotFoundError("person_unknown", PERSON_UNKNOWN)
    account = account_of_person(session, person_id)
    if account is not None:
        lock_person_and_account(session, person_id, account.id)
        end_devices(session, account.id, reason)
        forget_pending(session, account.id)
    ended = end_all_sessions(session, installation, person_id, reason)
    audit.record(
        session,
        "authentication:session:end_all",
        subject_id=person_id,
        details={"reason": reason, "sessions": ended[0], "client_sessions": ended[1]},
    )
    return ended


def end_all_sessions(
    session: Session, installation: Installation, person_id: uuid.UUID, reason: str
) -> tuple[int, int]:
    """The rows of that; the caller has locked the person."""
    now = clock.now()
    rows = session.scalars(
        to_change(
            select(BrowserSession)
            .where(BrowserSession.person_id == person_id, BrowserSession.ended_at.is_(None))
            .order_by(BrowserSession.id)
        )
    ).all()
    of_applications = len(revoke_client_sessions(session, installation, reason, person_id=person_id))
    for row in rows:
        end_row(session, installation, row, now, reason)
    return len(rows), of_applications


PERSON_UNKNOWN = Text("Deze persoon bestaat niet.", "There is no such person.")
REASON_UNKNOWN = Text("Deze reden kennen we niet.", "This is no reason that we know.")
