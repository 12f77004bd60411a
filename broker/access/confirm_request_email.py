"""confirm_request_email: the button behind the mailed link (lifecycles §1, threats EP1-EP3).

The proof counts for this request's address only: it never becomes the address of an existing person by a typed identity, and it
signs nobody in (EP2). It becomes the address of the person who came by digital key only when that person presses the button
signed in: whoever reads the mail may be somebody else, whose address was typed.
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.access_request import CANCELLED, DIGITAL_KEY, TYPED, UNPROVED, AccessRequest
from broker.access.open_request import open_request, tell_applicant_sent
from broker.access.organisation_proposal import OrganisationProposal
from broker.access.pool import deciders_told
from broker.access.same_open_request import same_open_request
from broker.access.suppressed_address import suppress
from broker.access.task import Task
from broker.access.who_is_up import who_is_up
from broker.database import to_change
from broker.errors import NotFoundError
from broker.installation import Installation
from broker.notifications import both
from broker.people.one_time_link import CONFIRM_EMAIL, LINK_IS_OVER, find_link, use_link
from broker.people.organisation import Organisation
from broker.people.person import Person


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The request that is under way now: this one, or the first of the same."""

    request_id: uuid.UUID
    number: str
    repeated: bool


def confirm_request_email(
    session: Session, installation: Installation, token: str, signed_in: uuid.UUID | None = None
) -> Confirmed:
    """Use the link and open the request; the same request again gives the first one back, and mails its link anew.

    `signed_in` is the person in whose session the button was pressed, if any.

    Raises:
        NotFoundError: the link was used, replaced or ran out.
    """
    person = _lock_applicant(session, installation, token)
    request = _request_of(session, installation, token)
    request.email_proved_at = clock.now()
    if person is not None and person.id == signed_in and person.proved_email is None:
        person.email, person.email_source = request.email, "proved"
        audit.record(session, "people:person:prove_email", subject_id=person.id)
    kbo = session.scalar(select(OrganisationProposal.kbo).where(OrganisationProposal.request_id == request.id))
    first = same_open_request(session, request, kbo, lock=True)
    if first is not None:
        _close_unopened(session, request, "same_request")
        _tell_again(session, installation, first)
        return Confirmed(first.id, first.number, repeated=True)
    open_request(session, installation, request)
    return Confirmed(request.id, request.number, repeated=False)


def refuse_confirmation(session: Session, installation: Installation, token: str) -> None:
    """ "I did not ask for this": the request ends, and the address is left alone for 30 days (threats SR1).

    Raises:
        NotFoundError: the link was used, replaced or ran out.
    """
    request = _request_of(session, installation, token)
    suppress(session, request.email_limit_key)
    _close_unopened(session, request, "not_asked")


def _lock_applicant(session: Session, installation: Installation, token: str) -> Person | None:
    """Who came by digital key; nobody for a typed identity, which proves nothing of a person (threats EP2)."""
    link = find_link(session, installation.keys, CONFIRM_EMAIL, token)
    unlocked = session.get(AccessRequest, link.subject_id)
    if unlocked is None or unlocked.identity_source != DIGITAL_KEY:
        return None
    return session.scalar(to_change(select(Person).where(Person.id == unlocked.person_id)))


def _request_of(session: Session, installation: Installation, token: str) -> AccessRequest:
    link = find_link(session, installation.keys, CONFIRM_EMAIL, token)
    request = session.scalar(to_change(select(AccessRequest).where(AccessRequest.id == link.subject_id)))
    if request is None or request.status != UNPROVED:
        raise NotFoundError("link_over", LINK_IS_OVER)
    use_link(session, link)
    return request


def _close_unopened(session: Session, request: AccessRequest, cause: str) -> None:
    # opened_at is what "unproved" means; a request that ends before it was ever open gets both moments at once.
    now = clock.now()
    request.status, request.closed_at, request.opened_at = CANCELLED, now, now
    request.number_sealed = None
    audit.record(session, "access:request:cancel", subject_id=request.id, details={"cause": cause})


def _tell_again(session: Session, installation: Installation, first: AccessRequest) -> None:
    organisation = session.get(Organisation, first.organisation_id) if first.organisation_id else None
    task = session.scalar(select(Task).where(Task.request_id == first.id, Task.closed_at.is_(None)))
    if task is None or organisation is None:
        return
    deciders = deciders_told(session, task, typed=first.identity_source == TYPED)
    up = who_is_up(installation.catalogue, task, organisation, in_place=deciders.in_place, nobody=deciders.nobody)
    tell_applicant_sent(session, first, organisation.name, both(up), again=True)
