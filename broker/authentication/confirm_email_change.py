"""confirm_email_change: the link came back from the new address, so it is theirs (threats PW6, DG8).

From now on it recovers the account and becomes a claim. Jobs that were reached at the old address follow; a link for a new password
that went to the old one is dead, and so is a sign-in half done. Whoever reads the old address is told, and whom to turn to.
Sessions stay: whoever asked gave the password and a code.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.authentication.local_sign_in import forget_pending
from broker.authentication.lock_person_and_account import lock_person_and_account
from broker.authentication.tell_holder import tell_holder
from broker.database import to_change
from broker.errors import NotFoundError
from broker.installation import Installation
from broker.people.affiliation import Affiliation
from broker.people.email_change import TAKEN, EmailChange, lock_waiting_email_change, waiting_email_change
from broker.people.identifiers import masked_email
from broker.people.local_account import LocalAccount
from broker.people.one_time_link import (
    INVITATION,
    LINK_IS_OVER,
    PROVE_EMAIL,
    SET_PASSWORD,
    find_link,
    link_is_open,
    revoke_links,
    use_link,
)
from broker.people.person import Person
from broker.people.where_they_work import where_they_work


@dataclass(frozen=True, slots=True)
class EmailToConfirm:
    """What the page of the link shows: of which account, and the address; None where the link proves nothing any more."""

    user_name: str
    address: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class WaitingEmail:
    """The address that somebody gave, and until when its link works."""

    address: str = field(repr=False)
    until: datetime


def email_to_confirm(session: Session, installation: Installation, token: str) -> EmailToConfirm:
    """What `token`, of a link in a mail, is for. Read-only.

    Raises:
        NotFoundError: the link is none of ours.
    """
    link = find_link(session, installation.keys, PROVE_EMAIL, token)
    change = session.get(EmailChange, link.subject_id)
    if change is None:
        raise NotFoundError("link_over", LINK_IS_OVER)
    account = session.get_one(LocalAccount, change.account_id)
    return EmailToConfirm(account.user_name, _address(installation, change) if link_is_open(link) else None)


def waiting_email(session: Session, installation: Installation, account: LocalAccount) -> WaitingEmail | None:
    """What waits for an account to be proved. Read-only."""
    change = waiting_email_change(session, account.id)
    address = _address(installation, change) if change is not None else None
    return WaitingEmail(address, change.runs_out_at) if change is not None and address is not None else None


def confirm_email_change(session: Session, installation: Installation, token: str) -> None:
    """The button on the page of the link.

    Raises:
        NotFoundError: the link was used or ran out, or the change is over.
    """
    link = find_link(session, installation.keys, PROVE_EMAIL, token)
    unlocked = session.get(EmailChange, link.subject_id)
    if unlocked is None:
        raise NotFoundError("link_over", LINK_IS_OVER)
    person, account = lock_person_and_account(session, unlocked.person_id, unlocked.account_id)
    change = lock_waiting_email_change(session, account.id)
    address = _address(installation, change) if change is not None and change.id == link.subject_id else None
    if change is None or address is None:
        raise NotFoundError("link_over", LINK_IS_OVER)
    use_link(session, link)
    _tell(session, person, change, address)
    _move_jobs(session, person, address)
    person.email, person.email_source = address, "proved"
    change.close(TAKEN)
    revoke_links(session, SET_PASSWORD, account.id)
    forget_pending(session, account.id)
    session.flush()
    audit.record(session, "authentication:email:take", subject_id=person.id, details={"change": change.id})


def _address(installation: Installation, change: EmailChange) -> str | None:
    """What waits, while it does."""
    if change.address_sealed is None or not change.waits(clock.now()):
        return None
    return installation.keys.unseal(change.address_sealed, change.address_place)


def _tell(session: Session, person: Person, change: EmailChange, address: str) -> None:
    """To the address that still stands there; the new one only so far as its owner recognises it."""
    tell_holder(
        session,
        person,
        "email_changed",
        str(change.id),
        new_address=masked_email(address),
        organisation_name=where_they_work(session, person.id),
    )


def _move_jobs(session: Session, person: Person, address: str) -> None:
    """Where they are reached at work at their own address, that is the new one now. An invitation went to the old one."""
    for job in _jobs_at(session, person.id, person.email):
        job.email, job.email_source = address, "proved"
        revoke_links(session, INVITATION, job.id)


def _jobs_at(session: Session, person_id: uuid.UUID, address: str | None) -> list[Affiliation]:
    query = select(Affiliation).where(
        Affiliation.person_id == person_id, Affiliation.email == address, Affiliation.holds(clock.now())
    )
    return list(session.scalars(to_change(query.order_by(Affiliation.id))))
