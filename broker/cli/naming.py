"""How a command names an organisation or a person: by code; by id or address."""

import uuid

from sqlalchemy import or_, select

from broker.database import db
from broker.errors import ConflictError, NotFoundError
from broker.people.affiliation import Affiliation
from broker.people.find_organisations import organisation_by_code
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text


def named_organisation(code: str) -> Organisation:
    """The living organisation with this code.

    Raises:
        NotFoundError: there is none.
    """
    organisation = organisation_by_code(db.session(), code)
    if organisation is None:
        raise NotFoundError(
            "organisation_unknown",
            Text("Er is geen organisatie met deze code.", "There is no living organisation with this code."),
        )
    return organisation


def named_person(name: str) -> Person:
    """The person with this id, or the only one with this e-mail address, their own or at work.

    Raises:
        NotFoundError: there is none.
        ConflictError: several read mail at this address; use the id.
    """
    try:
        found = select(Person).where(Person.id == uuid.UUID(name))
    except ValueError:
        at_work = select(Affiliation.person_id).where(Affiliation.email == name, Affiliation.ended_at.is_(None))
        found = select(Person).where(
            Person.state.not_in(("merged", "erased")), or_(Person.email == name, Person.id.in_(at_work))
        )
    people = db.session.scalars(found).all()
    if not people:
        raise NotFoundError(
            "person_unknown", Text("Deze persoon is niet bekend.", "There is no person with this id or address.")
        )
    if len(people) > 1:
        raise ConflictError(
            "person_ambiguous",
            Text("Meer dan één persoon heeft dit adres.", "More than one person has this address; give the id."),
        )
    return people[0]
