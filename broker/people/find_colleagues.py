"""find_colleagues: people who work for one organisation, by a part of their name or their address there. Reads only."""

import uuid
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from broker import clock
from broker.people.affiliation import Affiliation
from broker.people.name_at_work import family_name_at_work, full_name_at_work, given_name_at_work, in_name_at_work
from broker.people.person import Person


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works there, by the name the organisation knows. `ready`: signed in before, so may decide at once."""

    person_id: uuid.UUID
    name: str
    email: str | None
    ready: bool


def find_colleagues(session: Session, organisation_id: uuid.UUID, words: str, at_most: int) -> list[Colleague]:
    """By family name; nobody without `words`. One statement."""
    searched = words.strip().casefold()
    if not searched:
        return []
    rows = session.execute(
        _working(organisation_id)
        .where(in_name_at_work(searched, Affiliation.email))
        .order_by(family_name_at_work(), given_name_at_work(), Person.id)
        .limit(at_most)
    )
    return [Colleague(*row) for row in rows]


def colleague(session: Session, organisation_id: uuid.UUID, person_id: uuid.UUID) -> Colleague | None:
    """This one person, where they work there now."""
    row = session.execute(_working(organisation_id).where(Person.id == person_id)).first()
    return Colleague(*row) if row is not None else None


def _working(organisation_id: uuid.UUID) -> Select[uuid.UUID, str, str | None, bool]:
    now = clock.now()
    return (
        select(
            Person.id,
            full_name_at_work(),
            Affiliation.email,
            (Person.state == "matched") & Affiliation.entered_family_name.is_(None),
        )
        .join(Affiliation, Affiliation.person_id == Person.id)
        .where(
            Affiliation.organisation_id == organisation_id,
            Affiliation.holds(now),
            Person.state.in_(("unlinked", "matched")),
        )
    )
