"""waiting_organisations: where people wait and no administrator can decide, so that the officer can appoint one (decisions 9).

Reads only.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.task import FOR_REQUEST, Task
from broker.people.living_mandates import pool_can_decide
from broker.people.organisation import Organisation

AT_MOST = 100


@dataclass(frozen=True, slots=True)
class WaitingOrganisation:
    """One organisation, how many requests wait there and since when the oldest does."""

    organisation: Organisation
    waiting: int
    since: datetime


def waiting_organisations(session: Session, kinds: Collection[tuple[str, str]]) -> list[WaitingOrganisation]:
    """Living organisations of these (target group, type) with open requests that their own pool cannot decide, oldest first."""
    if not kinds:
        return []
    stranded = (
        select(
            Task.organisation_id.label("organisation_id"),
            func.count().label("waiting"),
            func.min(Task.opened_at).label("since"),
        )
        .where(
            Task.closed_at.is_(None),
            Task.kind == FOR_REQUEST,
            or_(*(and_(Task.target_group == group, Task.organisation_type == kind) for group, kind in kinds)),
            ~pool_can_decide(Task.pool_key.expression, Task.applicant_person_id.expression, clock.now()),
        )
        .group_by(Task.organisation_id)
        .subquery()
    )
    rows = session.execute(
        select(Organisation, stranded.c.waiting, stranded.c.since)
        .join(stranded, stranded.c.organisation_id == Organisation.id)
        .where(Organisation.ended_at.is_(None))
        .order_by(stranded.c.since, Organisation.name)
        .limit(AT_MOST)
    )
    return [WaitingOrganisation(organisation, waiting, since) for organisation, waiting, since in rows]
