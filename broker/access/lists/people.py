"""The people who work at some organisations, with how many rights each has there."""

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.grant import Grant
from broker.access.lists.batches import in_batches
from broker.people.affiliation import Affiliation
from broker.people.name_at_work import family_name_at_work, given_name_at_work
from broker.people.organisation import Organisation
from broker.people.person import Person


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """Somebody who works there. `email` and `phone` are those of the job; `rights` is how many are open there.

    `signed_in_once` is said only of somebody whose name here is confirmed: a typed number tells nothing else (threats DG2).
    """

    person_id: uuid.UUID
    organisation_id: uuid.UUID
    family_name: str
    given_name: str
    email: str | None
    phone: str | None
    organisation_name: str
    organisation_code: str
    since: datetime
    until: datetime | None
    signed_in_once: bool
    rights: int


def people_entries(session: Session, organisations: Collection[uuid.UUID]) -> Iterator[PersonEntry]:
    """By name."""
    now = clock.now()
    rights = (
        select(func.count())
        .where(
            Grant.person_id == Affiliation.person_id,
            Grant.organisation_id == Affiliation.organisation_id,
            Grant.not_over(now),
        )
        .correlate(Affiliation)
        .scalar_subquery()
    )
    query = (
        select(
            Affiliation.person_id,
            Affiliation.organisation_id,
            family_name_at_work(),
            given_name_at_work(),
            Affiliation.email,
            Affiliation.phone,
            Organisation.name,
            Organisation.code,
            Affiliation.valid_from,
            Affiliation.valid_until,
            and_(Person.state == "matched", Affiliation.entered_family_name.is_(None)),
            rights,
        )
        .join(Person, Person.id == Affiliation.person_id)
        .join(Organisation, Organisation.id == Affiliation.organisation_id)
        .where(
            Affiliation.organisation_id.in_(organisations),
            Affiliation.holds(now),
        )
    )
    for row in in_batches(session, query, (family_name_at_work(), given_name_at_work(), Affiliation.id)):
        yield PersonEntry(*row[:12])
