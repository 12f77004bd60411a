"""own_people: who of many is the same human as the actor, in one statement (threats rule 6).

For operations and pages over many people at once; `rules.not_for_yourself` says it of one.
"""

import uuid
from collections import defaultdict

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from broker.access.load_case import described
from broker.access.rules.not_for_yourself import same_human
from broker.people.affiliation import Affiliation
from broker.people.person import Person


def own_people(session: Session, actor: uuid.UUID, people: Select[uuid.UUID]) -> frozenset[uuid.UUID]:
    """Of the persons whose ids `people` selects, those who are `actor`: by person, number, proved address or telephone."""
    persons: dict[uuid.UUID, Person] = {}
    jobs: dict[uuid.UUID, list[Affiliation]] = defaultdict(list)
    with_actor = people.union(select(Person.id).where(Person.id == actor))
    for person, job in session.execute(
        select(Person, Affiliation)
        .outerjoin(Affiliation, and_(Affiliation.person_id == Person.id, Affiliation.ended_at.is_(None)))
        .where(Person.id.in_(with_actor))
    ):
        persons[person.id] = person
        if job is not None:
            jobs[person.id].append(job)
    me = described(persons[actor], jobs[actor])
    return frozenset(each.id for each in persons.values() if same_human(me, described(each, jobs[each.id])))
