"""settle_doubt: an operator says what is wrong with somebody whose verified name did not fit (threats DG6, lifecycles §7).

Either the name was written wrongly: it is corrected, and the next sign-in links. Or the number was somebody else's: it is let go,
so that its owner can sign in, and the rights that were given to it end. The tasks of the givers (`decide_doubt`) close with it.
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit
from broker.access.end_grant import end_grant
from broker.access.grant import Grant
from broker.access.open_doubts import close_doubts
from broker.database import to_change
from broker.errors import ConflictError, InvalidError, NotFoundError
from broker.installation import Installation
from broker.people.identifiers import IdentifierError, clean_line
from broker.people.person import Person
from broker.text import Text


@dataclass(frozen=True, slots=True)
class RightName:
    """The name as it should have been written."""

    given_name: str
    family_name: str


def settle_doubt(session: Session, installation: Installation, person_id: uuid.UUID, name: RightName | None) -> int:
    """With a `name`, correct it; without one, the number was not this person's. How many rights ended.

    Raises:
        NotFoundError: no such person.
        ConflictError: the person is not in doubt.
        InvalidError: the name cannot be used.
    """
    person = session.scalar(to_change(select(Person).where(Person.id == person_id)))
    if person is None:
        raise NotFoundError("person_unknown", Text("Deze persoon bestaat niet.", "There is no such person."))
    if person.state != "doubted":
        raise ConflictError("not_doubted", Text("Over deze persoon is geen twijfel.", "This person is not in doubt."))
    person.state = "unlinked"
    close_doubts(session, person.id)
    ended = 0
    if name is not None:
        try:
            person.given_name, person.family_name = clean_line(name.given_name), clean_line(name.family_name)
        except IdentifierError as error:
            raise InvalidError("name_bad", error.text) from error
        person.name_source = "entered"
    else:
        person.number_hash = person.number_hash_version = person.number_sealed = None
        session.flush()
        for grant_id in session.scalars(
            select(Grant.id).where(Grant.person_id == person.id, Grant.ended_at.is_(None)).order_by(Grant.id)
        ).all():
            end_grant(session, installation, grant_id, ended_by=None, reason="wrong_number", cause=WRONG_NUMBER)
            ended += 1
    audit.record(
        session,
        "people:person:settle_doubt",
        subject_id=person.id,
        details={"outcome": "name_corrected" if name else "wrong_number", "grants_ended": ended},
    )
    return ended


WRONG_NUMBER = Text(
    "Het rijksregisternummer bij deze aanvraag was van iemand anders.",
    "The national register number of this request was somebody else's.",
)
