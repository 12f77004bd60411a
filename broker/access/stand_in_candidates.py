"""stand_in_candidates: who of the same organisation could stand in for a right. Reads only.

Colleagues by name, at most as many as a list can show; `words` narrows it. Whether one of them may have the right is asked by the
rules when it is handed over (`hand_over`).
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.grant import Grant
from broker.people.affiliation import Affiliation
from broker.people.name_at_work import (
    NameAtWork,
    family_name_at_work,
    given_name_at_work,
    in_name_at_work,
    name_at_work,
)
from broker.people.person import Person

AT_MOST = 100


@dataclass(frozen=True, slots=True)
class Candidate:
    """One colleague, by the job."""

    affiliation_id: uuid.UUID
    name: NameAtWork


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who was found; `more`: there are others still."""

    people: tuple[Candidate, ...]
    more: bool


def stand_in_candidates(session: Session, actor: uuid.UUID, grant: Grant, words: str = "") -> Candidates:
    """The colleagues of whoever holds `grant`, without the actor, by name; one statement."""
    query = (
        select(Affiliation, Person)
        .join(Person, Person.id == Affiliation.person_id)
        .where(
            Affiliation.organisation_id == grant.organisation_id,
            Affiliation.holds(clock.now()),
            Person.state.not_in(("merged", "erased")),
            Person.id.not_in((grant.person_id, actor)),
        )
        .order_by(family_name_at_work(), given_name_at_work(), Affiliation.id)
        .limit(AT_MOST + 1)
    )
    if searched := words.strip().casefold():
        query = query.where(in_name_at_work(searched))
    rows = session.execute(query).all()
    people = tuple(Candidate(job.id, name_at_work(person, job)) for job, person in rows[:AT_MOST])
    return Candidates(people, more=len(rows) > AT_MOST)
