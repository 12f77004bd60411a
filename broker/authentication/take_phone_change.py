"""take_phone_change: the day is over, and the number that an administrator asked for becomes that of the account (threats PW6).

The clock decides, not the worker: whoever signs in after the moment finds the new number, also where the standing job is late
(`take_if_due`). Nobody has proved the number yet, so the next sign-in asks for a code that goes there, devices are remembered no
more, and codes that went to the old number are void.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.authentication.local_sign_in import forget_pending
from broker.authentication.lock_person_and_account import lock_person_and_account
from broker.authentication.remembered_device import end_devices
from broker.authentication.send_sms_code import void_codes
from broker.authentication.tell_holder import tell_holder
from broker.installation import Installation
from broker.people.local_account import LocalAccount
from broker.people.one_time_link import STOP_NUMBER, revoke_links
from broker.people.person import Person
from broker.people.phone_change import TAKEN, PhoneChange, lock_waiting_change

AT_ONCE = 200
NUMBER_CHANGED = "number_changed"


def due_phone_changes(session: Session) -> list[uuid.UUID]:
    """Those whose moment came, at most AT_ONCE, by id. Read-only."""
    return list(
        session.scalars(
            select(PhoneChange.id)
            .where(PhoneChange.ended_at.is_(None), PhoneChange.takes_effect_at <= clock.now())
            .order_by(PhoneChange.id)
            .limit(AT_ONCE)
        )
    )


def take_phone_change(session: Session, installation: Installation, change_id: uuid.UUID) -> bool:
    """Let one take effect; False where somebody stopped it, or it was taken, meanwhile."""
    unlocked = session.get_one(PhoneChange, change_id)
    person, account = lock_person_and_account(session, unlocked.person_id, unlocked.account_id)
    return take_if_due(session, installation, account, person)


def take_if_due(session: Session, installation: Installation, account: LocalAccount, person: Person) -> bool:
    """Let what waits for this account take effect where its moment came; whether it did. The caller holds both."""
    change = lock_waiting_change(session, account.id)
    if change is None or change.number_sealed is None or change.takes_effect_at > clock.now():
        return False
    person.phone, person.phone_source = installation.keys.unseal(change.number_sealed, change.number_place), "entered"
    change.close(TAKEN)
    revoke_links(session, STOP_NUMBER, change.id)
    void_codes(session, account.id)
    forget_pending(session, account.id)
    end_devices(session, account.id, NUMBER_CHANGED)
    session.flush()
    audit.record(
        session,
        "authentication:phone:take",
        subject_id=person.id,
        organisation_id=change.organisation_id,
        details={"change": change.id},
    )
    tell_holder(session, person, "phone_changed", str(change.id))
    return True
