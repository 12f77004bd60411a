"""The rights that are open at some organisations: whose, which, where they stand, since when, until when and by whom."""

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session, aliased

from broker import clock
from broker.access.grant import Grant
from broker.access.lists.batches import AT_ONCE, in_batches
from broker.access.live_rights import grant_state, label_join
from broker.catalogue import Catalogue
from broker.people.name_at_work import family_name_at_work, given_name_at_work, name_at_work
from broker.people.person import Person

_giver = aliased(Person, name="giver")


@dataclass(frozen=True, slots=True)
class RightEntry:
    """One right. `state` is that of `grant_state`; `given_by` is empty where nobody of flesh and blood gave it."""

    person_id: uuid.UUID
    organisation_id: uuid.UUID
    family_name: str
    given_name: str
    email: str | None
    organisation_name: str
    organisation_code: str
    application_code: str
    right_code: str
    context_code: str
    state: str
    since: datetime
    until: datetime | None
    given_at: datetime
    given_by: str


def right_entries(
    session: Session, catalogue: Catalogue, organisations: Collection[uuid.UUID], at_once: int = AT_ONCE
) -> Iterator[RightEntry]:
    """By name; `at_once` is how many one statement reads, for whoever needs only the first."""
    now = clock.now()
    query = (
        label_join(now)
        .outerjoin(_giver, _giver.id == Grant.given_by)
        .where(
            Grant.organisation_id.in_(organisations),
            Grant.not_over(now),
        )
        .add_columns(_giver.given_name, _giver.family_name)
    )
    for row in in_batches(session, query, (family_name_at_work(), given_name_at_work(), Grant.id), at_once):
        grant, organisation, affiliation, person, label, given_name, family_name = row[:7]
        name = name_at_work(person, affiliation)
        yield RightEntry(
            person_id=person.id,
            organisation_id=organisation.id,
            family_name=name.family_name,
            given_name=name.given_name,
            email=affiliation.email,
            organisation_name=organisation.name,
            organisation_code=organisation.code,
            application_code=grant.application_code,
            right_code=grant.right_code,
            context_code=grant.context_code,
            state=grant_state(grant, organisation, affiliation, person, label, catalogue, now),
            since=grant.valid_from,
            until=grant.valid_until,
            given_at=grant.given_at,
            given_by=f"{given_name or ''} {family_name or ''}".strip(),
        )
