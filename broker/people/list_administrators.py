"""list_administrators: who decides at some organisations, since when and by whom, and who stands in for whom. Reads only."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from broker import clock
from broker.people.affiliation import Affiliation
from broker.people.deputy import Deputy
from broker.people.living_mandates import address_of, living_mandates
from broker.people.mandate import KINDS, LOCAL_KINDS, Mandate, organisation_scope
from broker.people.name_at_work import name_at_work
from broker.people.organisation import Organisation
from broker.people.person import Person

NEW_FOR = timedelta(days=7)  # so long an appointment is marked (threats AP4)

_appointer = aliased(Person, name="appointer")


@dataclass(frozen=True, slots=True)
class OpenDeputy:
    """Somebody who stands in, now or later."""

    deputy_id: uuid.UUID
    person_id: uuid.UUID
    name: str
    begins: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Administrator:
    """One mandate at one organisation that nobody ended. `counts`: its holder decides now; else they have to sign in first.
    `new`: appointed less than a week ago."""

    mandate: Mandate
    person: Person
    organisation: Organisation
    name: str
    email: str | None
    appointed_by: str
    counts: bool
    new: bool
    deputies: tuple[OpenDeputy, ...]


def administrators_of(session: Session, organisation_ids: Collection[uuid.UUID]) -> list[Administrator]:
    """By name of the organisation, heads first, then by name; three statements, whatever the number of organisations."""
    if not organisation_ids:
        return []
    now = clock.now()
    rows = session.execute(
        select(Mandate, Person, Organisation, Affiliation, _appointer)
        .join(Person, Person.id == Mandate.person_id)
        .join(Organisation, Organisation.id == Mandate.organisation_id)
        .outerjoin(
            Affiliation,
            and_(
                Affiliation.person_id == Mandate.person_id,
                Affiliation.organisation_id == Mandate.organisation_id,
                Affiliation.ended_at.is_(None),
            ),
        )
        .outerjoin(_appointer, _appointer.id == Mandate.appointed_by)
        .where(
            Mandate.organisation_id.in_(organisation_ids),
            Mandate.kind.in_(LOCAL_KINDS),
            Mandate.not_over(now),
        )
    ).all()
    scopes = [organisation_scope(each) for each in organisation_ids]
    counting = {view.mandate_id for view in living_mandates(session, scope_keys=scopes)}
    deputies = _deputies(session, [mandate.id for mandate, *_ in rows], now)
    found = [
        Administrator(
            mandate=mandate,
            person=person,
            organisation=organisation,
            name=name_at_work(person, job).full_name,
            email=address_of(person, job),
            appointed_by=appointer.full_name if appointer is not None else "",
            counts=mandate.id in counting,
            new=mandate.valid_from > now - NEW_FOR,
            deputies=tuple(deputies[mandate.id]),
        )
        for mandate, person, organisation, job, appointer in rows
    ]
    return sorted(
        found, key=lambda each: (each.organisation.name, KINDS.index(each.mandate.kind), each.name, each.mandate.id)
    )


def _deputies(
    session: Session, mandate_ids: Collection[uuid.UUID], now: datetime
) -> defaultdict[uuid.UUID, list[OpenDeputy]]:
    rows = session.execute(
        select(Deputy, Person, Affiliation)
        .join(Person, Person.id == Deputy.deputy_person_id)
        .join(Mandate, Mandate.id == Deputy.mandate_id)
        .outerjoin(
            Affiliation,
            and_(
                Affiliation.person_id == Person.id,
                Affiliation.organisation_id == Mandate.organisation_id,
                Affiliation.ended_at.is_(None),
            ),
        )
        .where(Deputy.mandate_id.in_(mandate_ids), Deputy.ended_at.is_(None), Deputy.valid_until > now)
        .order_by(Deputy.valid_from, Deputy.id)
    )
    found: defaultdict[uuid.UUID, list[OpenDeputy]] = defaultdict(list)
    for deputy, person, job in rows:
        assert deputy.valid_until is not None
        found[deputy.mandate_id].append(
            OpenDeputy(
                deputy.id,
                person.id,
                name_at_work(person, job).full_name,
                deputy.valid_from,
                deputy.valid_until,
            )
        )
    return found
