"""hold_person and release_person: an investigation wants everything about somebody kept (threats RE3).

By the operator, with a reason that is a code (a case number): the audit holds no free text.
"""

import re
import uuid

from sqlalchemy.orm import Session

from broker import audit, clock
from broker.errors import ConflictError, InvalidError, NotFoundError
from broker.people.person import Person
from broker.text import Text

_CASE = re.compile(r"[A-Za-z0-9_.:/-]{1,60}")
_NOT_A_CASE = Text("Geef een dossiernummer, zonder spaties.", "Give a case number, without spaces.")
_HELD = Text(
    "Deze persoon wordt al vastgehouden voor een onderzoek.", "This person is held for an investigation already."
)
_NOT_HELD = Text("Deze persoon wordt niet vastgehouden.", "This person is not held.")


def hold_person(session: Session, person_id: uuid.UUID, case: str) -> None:
    """Keep everything about this person until released.

    Raises:
        NotFoundError: no such person. ConflictError: held already. InvalidError: `case` is no case number.
    """
    person = _locked(session, person_id)
    if person.held_at is not None:
        raise ConflictError("person_held", _HELD)
    person.held_at = clock.now()
    _record(session, "people:person:hold", person_id, case)


def release_person(session: Session, person_id: uuid.UUID, case: str) -> None:
    """Let the ordinary periods count again.

    Raises:
        NotFoundError: no such person. ConflictError: not held. InvalidError: `case` is no case number.
    """
    person = _locked(session, person_id)
    if person.held_at is None:
        raise ConflictError("person_not_held", _NOT_HELD)
    person.held_at = None
    _record(session, "people:person:release", person_id, case)


def _locked(session: Session, person_id: uuid.UUID) -> Person:
    person = session.get(Person, person_id, with_for_update={"key_share": True}, populate_existing=True)
    if person is None or person.state in ("merged", "erased"):
        raise NotFoundError("person_unknown")
    return person


def _record(session: Session, event: str, person_id: uuid.UUID, case: str) -> None:
    if not _CASE.fullmatch(case):
        raise InvalidError("case_number", _NOT_A_CASE)
    audit.record(session, event, subject_id=person_id, details={"case": case})
