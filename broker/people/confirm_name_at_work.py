"""confirm_name_at_work: somebody signed in, and the names typed for their jobs are held against their own (threats DG6, DG2).

A name that is theirs is confirmed: from then on the job shows the person's own. One that is not stays as it was typed, and nothing
that stands on that job counts, until whoever typed it has looked. Part of signing in; no door calls it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit
from broker.database import to_change
from broker.people.affiliation import Affiliation
from broker.people.identifiers import same_name
from broker.people.name_at_work import name_at_work
from broker.people.person import Person


@dataclass(frozen=True, slots=True)
class NamesAtWork:
    """The jobs whose typed name is the person's, and those whose name is not."""

    right: list[Affiliation]
    doubted: list[Affiliation]


def names_at_work(session: Session, person: Person) -> NamesAtWork:
    """The living jobs of `person` with a name that waits for them; they have just proved who they are. Reads only."""
    unconfirmed = unconfirmed_jobs(session, person)
    right = [each for each in unconfirmed if is_theirs(person, each)]
    return NamesAtWork(right, [each for each in unconfirmed if each not in right])


def unconfirmed_jobs(session: Session, person: Person) -> Sequence[Affiliation]:
    """The living jobs of `person` under a name that somebody typed, by id."""
    return session.scalars(
        select(Affiliation)
        .where(
            Affiliation.person_id == person.id,
            Affiliation.ended_at.is_(None),
            Affiliation.entered_family_name.is_not(None),
        )
        .order_by(Affiliation.id)
    ).all()


def is_theirs(person: Person, affiliation: Affiliation) -> bool:
    """The name typed for this job is the one that a digital key verified."""
    typed = name_at_work(person, affiliation).full_name
    return person.name_source == "verified" and same_name(typed, person.full_name)


def confirm_name(session: Session, job: Affiliation) -> Affiliation:
    """This job is the person's: the typed name is forgotten. The caller holds the person."""
    affiliation = session.scalars(to_change(select(Affiliation).where(Affiliation.id == job.id))).one()
    affiliation.entered_given_name = affiliation.entered_family_name = affiliation.entered_by = None
    session.flush()
    audit.record(
        session, "people:affiliation:confirm", subject_id=affiliation.id, organisation_id=affiliation.organisation_id
    )
    return affiliation
