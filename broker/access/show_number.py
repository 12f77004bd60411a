"""show_number: an administrator reads the rijksregisternummer that was entered for somebody of theirs (threats DG9).

Only while it is there: it is erased as soon as the person signs in with a digital key. Each time with a purpose, each time audited;
the door asks for a fresh sign-in. The number itself goes nowhere but to the page.
"""

import uuid
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.mandate_over import lock_mandate_over
from broker.database import to_depend_on
from broker.errors import ConflictError, InvalidError, NotFoundError
from broker.installation import Installation
from broker.people.affiliation import Affiliation
from broker.people.person import Person
from broker.text import Text

NOTHING_LEFT = Text(
    "Er is geen nummer om te tonen: het wordt gewist zodra iemand aanmeldt.",
    "There is no number to show: it is erased as soon as somebody signs in.",
)
SAY_WHY = Text("Kies waarom u het nummer wilt zien.", "Choose why you want to see the number.")


class Purpose(StrEnum):
    """Why a number may be looked at."""

    RIGHT_PERSON = "right_person"
    MISTYPED = "mistyped"
    ASKED_BY_PERSON = "asked_by_person"


def show_number(
    session: Session, installation: Installation, actor: uuid.UUID, affiliation_id: uuid.UUID, purpose: str
) -> str:
    """The number, eleven digits.

    Raises:
        NotFoundError: no such living job at an organisation of `actor`.
        ForbiddenError: the mandate ended.
        InvalidError: no purpose.
        ConflictError: there is none (any more).
    """
    job = session.get(Affiliation, affiliation_id)
    if job is None or not job.in_force(clock.now()):
        raise NotFoundError("person_unknown")
    organisation = lock_mandate_over(session, actor, job.organisation_id)
    if purpose not in list(Purpose):
        raise InvalidError("purpose_missing", SAY_WHY, {"purpose": SAY_WHY})
    person = session.scalars(to_depend_on(select(Person).where(Person.id == job.person_id))).one()
    if person.number_sealed is None:
        raise ConflictError("no_number", NOTHING_LEFT)
    number = installation.keys.unseal(person.number_sealed, f"persons.number_sealed:{person.id}")
    audit.record(
        session,
        "people:number:show",
        subject_id=person.id,
        organisation_id=organisation.id,
        details={"purpose": purpose, "affiliation": job.id},
    )
    return number
