"""open_doubts: the verified name of somebody does not fit the one that was typed or entered; whoever gave them something looks
(lifecycles §7, threats DG6).

One task for the administrators of each organisation concerned. They know whom they meant, and can see whether name and number are
right. They are told nothing of who stood at the gate: neither that name nor whose number it is. Part of signing in; answering it is
`decide_doubt`.
"""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.access_request import AccessRequest
from broker.access.grant import Grant
from broker.access.open_task import open_doubt_task
from broker.access.task import FOR_DOUBT, Task
from broker.database import to_change
from broker.installation import Installation
from broker.people.affiliation import Affiliation
from broker.people.organisation import Organisation


def open_doubts(
    session: Session,
    installation: Installation,
    person_id: uuid.UUID,
    affiliation_ids: Sequence[uuid.UUID] | None = None,
) -> None:
    """A task at every living organisation that `person_id`, whose row the caller holds, works for; or for these jobs only. An open
    one stays as it is: the same doubt is told once."""
    query = (
        select(Organisation, Grant.application_code, AccessRequest.number)
        .join(Affiliation, Affiliation.organisation_id == Organisation.id)
        .outerjoin(Grant, (Grant.affiliation_id == Affiliation.id) & Grant.ended_at.is_(None))
        .outerjoin(AccessRequest, AccessRequest.id == Grant.request_id)
        .where(Affiliation.person_id == person_id, Affiliation.ended_at.is_(None), Organisation.ended_at.is_(None))
        .order_by(Organisation.id, Grant.given_at, Grant.id)
    )
    if affiliation_ids is not None:
        query = query.where(Affiliation.id.in_(affiliation_ids))
    known = {task.organisation_id for task in lock_doubts(session, person_id)}
    for organisation, application_code, number in session.execute(query):
        if organisation.id not in known:
            open_doubt_task(session, installation, person_id, organisation, application_code or "", number)
            known.add(organisation.id)


def close_doubts(session: Session, person_id: uuid.UUID, organisation_id: uuid.UUID | None = None) -> None:
    """The doubt is over without an answer to the tasks about it: they close, at one organisation or everywhere."""
    for task in lock_doubts(session, person_id):
        if organisation_id not in (None, task.organisation_id):
            continue
        task.closed_at, task.close_reason, task.version = clock.now(), "cancelled", task.version + 1
        audit.record(
            session,
            "access:task:close",
            subject_id=task.id,
            organisation_id=task.organisation_id,
            details={"reason": "cancelled"},
        )


def lock_doubts(session: Session, person_id: uuid.UUID) -> Sequence[Task]:
    """The open tasks about who this is, locked."""
    return session.scalars(
        to_change(
            select(Task)
            .where(Task.doubted_person_id == person_id, Task.kind == FOR_DOUBT, Task.closed_at.is_(None))
            .order_by(Task.id)
        )
    ).all()
