"""own_jobs: for whom somebody works, and who are the local administrators there (Mijn profiel). Reads only."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock
from broker.people.affiliation import Affiliation
from broker.people.living_mandates import MandateView, living_mandates
from broker.people.mandate import organisation_scope
from broker.people.organisation import Organisation


@dataclass(frozen=True, slots=True)
class OwnJob:
    """One affiliation in force, and the administrators of that organisation, heads first."""

    organisation_name: str
    since: datetime
    until: datetime | None
    email: str | None
    phone: str | None
    administrators: Sequence[MandateView]


def own_jobs(session: Session, person_id: uuid.UUID) -> list[OwnJob]:
    """By name of the organisation; two statements, whatever the number of jobs."""
    now = clock.now()
    rows = session.execute(
        select(Affiliation, Organisation)
        .join(Organisation, Organisation.id == Affiliation.organisation_id)
        .where(
            Affiliation.person_id == person_id,
            Affiliation.holds(now),
            Organisation.ended_at.is_(None),
        )
        .order_by(Organisation.name, Organisation.id)
    ).all()
    scopes = {organisation_scope(organisation.id): organisation.id for _, organisation in rows}
    administrators: dict[uuid.UUID, list[MandateView]] = {organisation_id: [] for organisation_id in scopes.values()}
    for view in living_mandates(session, scope_keys=scopes):
        administrators[scopes[view.scope_key]].append(view)
    return [
        OwnJob(
            organisation_name=organisation.name,
            since=affiliation.valid_from,
            until=affiliation.valid_until,
            email=affiliation.email,
            phone=affiliation.phone,
            administrators=administrators[organisation.id],
        )
        for affiliation, organisation in rows
    ]
