"""stop_phone_change: what an administrator asked for does not happen (threats PW6).

The person says that it was not agreed, by the link in the mail or in Mijn profiel; or an administrator withdraws it. Of those and
the clock the first one counts. Every administrator of the organisation hears what the person says, as the one who asked may be no
friend.
"""

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from broker import audit, clock
from broker.authentication.account_at_work import lock_account_at_work
from broker.authentication.lock_person_and_account import lock_person_and_account
from broker.authentication.tell_holder import tell_holder
from broker.errors import ConflictError, NotFoundError
from broker.installation import Installation
from broker.notifications import put_mail
from broker.people.find_local_account import account_of_person
from broker.people.living_mandates import pool_members
from broker.people.local_account import LocalAccount
from broker.people.mandate import organisation_scope
from broker.people.one_time_link import LINK_IS_OVER, STOP_NUMBER, find_link, link_is_open, revoke_links, use_link
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.people.phone_change import (
    NOTHING_WAITS,
    REFUSED,
    WITHDRAWN,
    PhoneChange,
    lock_waiting_change,
    waiting_change,
)


@dataclass(frozen=True, slots=True)
class ChangeToStop:
    """What the page of the link shows. `open_now`: it can still be stopped."""

    change: PhoneChange
    open_now: bool


def change_to_stop(session: Session, installation: Installation, token: str) -> ChangeToStop:
    """What `token`, of a link in a mail, is about. Read-only.

    Raises:
        NotFoundError: the link is none of ours.
    """
    link = find_link(session, installation.keys, STOP_NUMBER, token)
    change = session.get(PhoneChange, link.subject_id)
    if change is None:
        raise NotFoundError("link_over", LINK_IS_OVER)
    return ChangeToStop(change, link_is_open(link) and _waits(change))


def refuse_by_link(session: Session, installation: Installation, token: str) -> None:
    """The person stops it by the link in the mail.

    Raises:
        NotFoundError: the link was used or ran out, or the change is over.
    """
    link = find_link(session, installation.keys, STOP_NUMBER, token)
    unlocked = session.get(PhoneChange, link.subject_id)
    if unlocked is None:
        raise NotFoundError("link_over", LINK_IS_OVER)
    person, change = _locked(session, unlocked.person_id, unlocked.account_id)
    if change is None or change.id != link.subject_id:
        raise NotFoundError("link_over", LINK_IS_OVER)
    use_link(session, link)
    _refuse(session, person, change)


def refuse_own(session: Session, person_id: uuid.UUID) -> None:
    """The person stops it, signed in.

    Raises:
        NotFoundError: they have no account.
        ConflictError: nothing waits any more.
    """
    account = account_of_person(session, person_id)
    if account is None:
        raise NotFoundError("account_unknown")
    person, change = _locked(session, person_id, account.id)
    if change is None:
        raise ConflictError("nothing_waits", NOTHING_WAITS)
    revoke_links(session, STOP_NUMBER, change.id)
    _refuse(session, person, change)


def withdraw_phone_change(session: Session, actor: uuid.UUID, affiliation_id: uuid.UUID) -> None:
    """An administrator takes it back, whoever of them asked.

    Raises:
        NotFoundError, ForbiddenError, ConflictError: as `lock_account_at_work`; or nothing waits any more.
    """
    at = lock_account_at_work(session, actor, affiliation_id)
    change = lock_waiting_change(session, at.account.id)
    if change is None or not _waits(change):
        raise ConflictError("nothing_waits", NOTHING_WAITS)
    change.close(WITHDRAWN)
    revoke_links(session, STOP_NUMBER, change.id)
    session.flush()
    audit.record(
        session,
        "authentication:phone:withdraw",
        subject_id=at.person.id,
        organisation_id=at.organisation.id,
        details={"change": change.id},
    )
    tell_holder(session, at.person, "phone_change_withdrawn", str(change.id), organisation_name=at.organisation.name)


def waiting_number(
    session: Session, installation: Installation, account: LocalAccount
) -> tuple[PhoneChange, str] | None:
    """What waits for an account, with the number that it is about. Read-only."""
    change = waiting_change(session, account.id)
    if change is None or change.number_sealed is None or not _waits(change):
        return None
    return change, installation.keys.unseal(change.number_sealed, change.number_place)


def _waits(change: PhoneChange) -> bool:
    """Nobody stopped it and its moment has not come, whether or not the worker has seen that."""
    return change.ended_at is None and clock.now() < change.takes_effect_at


def _locked(session: Session, person_id: uuid.UUID, account_id: uuid.UUID) -> tuple[Person, PhoneChange | None]:
    """The person, and what still waits for the account; all held."""
    person, _ = lock_person_and_account(session, person_id, account_id)
    change = lock_waiting_change(session, account_id)
    return person, change if change is not None and _waits(change) else None


def _refuse(session: Session, person: Person, change: PhoneChange) -> None:
    change.close(REFUSED)
    session.flush()
    audit.record(
        session,
        "authentication:phone:refuse",
        subject_id=person.id,
        organisation_id=change.organisation_id,
        details={"change": change.id},
    )
    organisation = session.get_one(Organisation, change.organisation_id)
    for each in pool_members(session, organisation_scope(organisation.id)):
        if each.email is not None:
            put_mail(
                session,
                "phone_change_refused",
                each.email,
                key=str(change.id),
                language=each.language,
                facts={
                    "given_name": each.given_name,
                    "organisation_name": organisation.name,
                    "person_name": person.full_name,
                    "since": clock.now().isoformat(),
                },
                subject_id=each.person_id,
            )
