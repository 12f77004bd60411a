"""appoint_head_administrator: an officer gives an organisation somebody who can decide (decisions 9, threats AP4).

One transaction: the person of the number, working there, with the mandate. What each part may and must is in people/. Stands in
access/ because it is the way on for a request that waits.
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.access.vacancy import fill_vacancy
from broker.errors import InvalidError, NotFoundError
from broker.installation import Installation
from broker.people.add_affiliation import JobContact, add_affiliation
from broker.people.add_person import NewPerson, add_person
from broker.people.affiliation import Affiliation
from broker.people.appoint_mandate import Appointment, appoint_mandate
from broker.people.identifiers import clean_line
from broker.people.mandate import HEAD_LOCAL_ADMIN, Mandate
from broker.people.mandate_authority import lock_organisation, require_authority_to_appoint
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHead:
    """Who it is to be, as the officer typed it, and what the officer relied on."""

    given_name: str
    family_name: str
    number: str
    email: str
    evidence: str


def appoint_head_administrator(
    session: Session, installation: Installation, actor: uuid.UUID, organisation_id: uuid.UUID, head: NewHead
) -> Mandate:
    """Appoint `head` at the organisation. Somebody known by that number keeps the name we have (threats DG2).

    Raises:
        NotFoundError: no such organisation.
        ForbiddenError: not an officer of its kind (any more), or for oneself.
        InvalidError: with every field that cannot be used.
        ConflictError: the organisation has ended, or the person has this mandate already.
    """
    wrong = {name: _MISSING[name] for name in _MISSING if not getattr(head, name).strip()}
    if wrong:
        raise InvalidError("head_incomplete", _INCOMPLETE, wrong)
    organisation = lock_organisation(session, organisation_id)  # before any person: lifecycles §13
    if organisation is None:
        raise NotFoundError("organisation_unknown")
    require_authority_to_appoint(session, actor, HEAD_LOCAL_ADMIN, organisation)
    person = add_person(
        session,
        installation,
        actor,
        NewPerson(given_name=head.given_name, family_name=head.family_name, number=head.number, email=head.email),
    )
    _work_there(session, installation, actor, person, organisation, head)
    mandate = appoint_mandate(
        session,
        installation,
        actor,
        Appointment(
            person_id=person.id,
            kind=HEAD_LOCAL_ADMIN,
            organisation_id=organisation_id,
            evidence=head.evidence,
            email=head.email,
        ),
    )
    fill_vacancy(session, organisation_id, mandate)
    return mandate


def _work_there(
    session: Session,
    installation: Installation,
    actor: uuid.UUID,
    person: Person,
    organisation: Organisation,
    head: NewHead,
) -> None:
    """Under the name that was typed, until that person signs in and it is theirs (threats DG2, DG6). A job they have stays."""
    here = session.scalar(
        select(Affiliation.id).where(
            Affiliation.person_id == person.id,
            Affiliation.organisation_id == organisation.id,
            Affiliation.ended_at.is_(None),
        )
    )
    if here is not None or not organisation.living:
        return
    job = add_affiliation(session, installation, actor, person.id, organisation.id, JobContact(email=head.email))
    job.entered_given_name, job.entered_family_name = clean_line(head.given_name), clean_line(head.family_name)
    job.entered_by = actor
    session.flush()


_INCOMPLETE = Text("Vul elk veld in.", "Fill in every field.")
_MISSING = {
    "given_name": Text("Vul de voornaam in.", "Fill in the first name."),
    "family_name": Text("Vul de familienaam in.", "Fill in the surname."),
    "number": Text("Vul het rijksregisternummer in.", "Fill in the national register number."),
    "email": Text("Vul het e-mailadres op het werk in.", "Fill in the email address at work."),
    "evidence": Text("Zeg waarop u zich baseert.", "Say on what grounds you appoint this person."),
}
