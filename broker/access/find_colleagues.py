"""find_colleagues: the people of one organisation, by name or by the address of their job (issue "the desk"). Reads only.

Within the own organisations only; whoever works elsewhere is found by number alone (`people.look_up`).
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.mandate_over import mandate_over
from broker.errors import NotFoundError
from broker.people.affiliation import Affiliation
from broker.people.name_at_work import (
    NameAtWork,
    family_name_at_work,
    given_name_at_work,
    in_name_at_work,
    name_at_work,
)
from broker.people.organisation import Organisation
from broker.people.person import Person

FOUND_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody in one job."""

    person: Person
    affiliation: Affiliation
    name: NameAtWork


def find_colleagues(session: Session, organisation: Organisation, words: str) -> list[Colleague]:
    """At most FOUND_AT_MOST people who work for `organisation` now, in whose name or address `words` stand, by name."""
    searched = words.strip().casefold()
    if not searched:
        return []
    rows = session.execute(
        select(Person, Affiliation)
        .join(Affiliation, Affiliation.person_id == Person.id)
        .where(
            Affiliation.organisation_id == organisation.id,
            Affiliation.not_over(clock.now()),
            in_name_at_work(searched, Affiliation.email),
        )
        .order_by(family_name_at_work(), given_name_at_work(), Affiliation.id)
        .limit(FOUND_AT_MOST)
    )
    return [Colleague(person, job, name_at_work(person, job)) for person, job in rows]


def colleague(session: Session, actor: uuid.UUID, affiliation_id: uuid.UUID) -> tuple[Colleague, Organisation]:
    """One person in one job at an organisation of `actor`.

    Raises:
        NotFoundError: no such job, or at another organisation: the same answer.
    """
    row = session.execute(
        select(Person, Affiliation)
        .join(Affiliation, Affiliation.person_id == Person.id)
        .where(Affiliation.id == affiliation_id)
    ).one_or_none()
    if row is None or not row[1].in_force(clock.now()):
        raise NotFoundError("person_unknown")
    person, job = row
    organisation = mandate_over(session, actor, job.organisation_id)
    return Colleague(person, job, name_at_work(person, job)), organisation
