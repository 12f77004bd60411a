"""never_linked: a number entered for somebody who never signed in (seed 000: "slechts zolang bewaard als nodig").

The number goes in every form, so their digital key would no longer find them: rights that wait for it end. Of somebody who was
appointed, or whom a task is still about, only the number that can be read goes: the hash still knows them when they come.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from broker.access.end_grant import end_locked_grant
from broker.access.grant import Grant
from broker.database import to_change
from broker.installation import Installation
from broker.people.affiliation import Affiliation
from broker.people.mandate import Mandate
from broker.people.person import Person
from broker.retention.rule import RetentionRule
from broker.text import Text

_WAITING = ("unlinked", "doubted")
CAUSE = Text(
    "Niemand meldde zich aan met dit rijksregisternummer. Het is gewist; u kunt het recht opnieuw vragen.",
    "Nobody signed in with this national number. It was erased; you can ask for the right again.",
)


def _due(before: datetime) -> Select[Any]:
    given_later = exists().where(Grant.person_id == Person.id, Grant.given_at >= before)
    job_later = exists().where(Affiliation.person_id == Person.id, Affiliation.valid_from >= before)
    return select(Person.id).where(
        Person.created_at < before,
        ~or_(given_later, job_later),
        or_(
            and_(Person.state == "unlinked", Person.number_hash.is_not(None), ~_appointed()),
            and_(Person.state.in_(_WAITING), Person.number_sealed.is_not(None)),
        ),
    )


def _appointed() -> ColumnElement[bool]:
    return exists().where(Mandate.person_id == Person.id, Mandate.ended_at.is_(None))


def _whole() -> Select[int]:
    return select(func.count()).select_from(Person)


def _erase(session: Session, installation: Installation, ids: Sequence[Any]) -> None:
    """Persons first, then their grants, as everywhere (lifecycles §13)."""
    people = session.scalars(to_change(select(Person).where(Person.id.in_(ids)).order_by(Person.id))).all()
    appointed = set(session.scalars(select(Person.id).where(Person.id.in_(ids), _appointed())))
    for person in people:
        person.number_sealed = None
        if person.state != "unlinked" or person.id in appointed:
            continue
        person.number_hash = person.number_hash_version = None
        grants = session.scalars(
            to_change(select(Grant).where(Grant.person_id == person.id, Grant.ended_at.is_(None)).order_by(Grant.id))
        ).all()
        for grant in grants:
            end_locked_grant(session, installation, grant, person, ended_by=None, reason="never_linked", cause=CAUSE)


NEVER_LINKED = RetentionRule("never_linked", _due, _whole, _erase, of_people=True)
