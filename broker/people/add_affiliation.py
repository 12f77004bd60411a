"""add_affiliation: a person works for an organisation from now on (lifecycles §6)."""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.database import to_change, to_depend_on
from broker.errors import ConflictError, NotFoundError
from broker.installation import Installation
from broker.people.affiliation import Affiliation
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class JobContact:
    """How to reach somebody at work, who vouched for the address: entered (administrator) or proved, and the address of the
    service, which reads along."""

    email: str | None = None
    email_source: str = "entered"
    phone: str | None = None
    general_email: str | None = None


def add_affiliation(
    session: Session,
    installation: Installation,
    actor: uuid.UUID | None,
    person_id: uuid.UUID,
    organisation_id: uuid.UUID,
    contact: JobContact | None = None,
) -> Affiliation:
    """The living affiliation of the two; made when it lacks, and given `contact` where it has none yet.

    One that the clock has ended is ended in writing first (lifecycles §0). `actor` is the acting person, None for the
    operator or the system. Locks the organisation and the person FOR SHARE.

    Raises:
        NotFoundError: no such person or organisation.
        ConflictError: the organisation has ended, or the person was merged or erased.
    """
    contact = contact or JobContact()
    _lock_organisation(session, organisation_id)
    _lock_person(session, person_id)
    now = clock.now()
    found = session.scalar(
        to_change(
            select(Affiliation).where(
                Affiliation.person_id == person_id,
                Affiliation.organisation_id == organisation_id,
                Affiliation.ended_at.is_(None),
            )
        )
    )
    if found is not None and found.run_out(now):
        found.ended_at, found.end_reason = found.valid_until, "expired"
        audit.record(
            session,
            "people:affiliation:expire",
            subject_id=person_id,
            organisation_id=organisation_id,
        )
        session.flush()
        found = None
    if found is not None:
        if contact.email and not found.email:
            found.email, found.email_source = contact.email, contact.email_source
        found.phone = found.phone or contact.phone
        found.general_email = found.general_email or contact.general_email
        return found
    affiliation = Affiliation(
        person_id=person_id,
        organisation_id=organisation_id,
        email=contact.email,
        email_source=contact.email_source if contact.email else None,
        phone=contact.phone,
        general_email=contact.general_email,
        valid_from=now,
    )
    session.add(affiliation)
    session.flush()
    audit.record(session, "people:affiliation:add", subject_id=person_id, organisation_id=organisation_id)
    return affiliation


def _lock_organisation(session: Session, organisation_id: uuid.UUID) -> None:
    organisation = session.scalar(to_depend_on(select(Organisation).where(Organisation.id == organisation_id)))
    if organisation is None:
        raise NotFoundError(
            "organisation_unknown", Text("Deze organisatie bestaat niet.", "There is no such organisation.")
        )
    if not organisation.living:
        raise ConflictError(
            "organisation_ended",
            Text(f"{organisation.name} bestaat niet meer.", f"{organisation.name} no longer exists."),
        )


def _lock_person(session: Session, person_id: uuid.UUID) -> None:
    person = session.scalar(to_depend_on(select(Person).where(Person.id == person_id)))
    if person is None:
        raise NotFoundError("person_unknown", Text("Deze persoon bestaat niet.", "There is no such person."))
    if person.state in ("merged", "erased"):
        raise ConflictError(
            "person_gone",
            Text("Deze persoon staat niet meer bij ons.", "This person is no longer with us."),
        )
