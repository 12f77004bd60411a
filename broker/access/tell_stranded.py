"""tell_stranded: a task lost everybody who could decide it; tell whoever steps in (lifecycles §2, threats AP3).

Who steps in is derived (`pool`): the officers of the kind of organisation, else the operator. A task that is opened tells them at
once; one that loses its administrators later is found here, by the worker. Each is told once.
"""

import uuid

from sqlalchemy import ColumnElement, and_, literal, select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.access_request import AccessRequest
from broker.access.open_task import tell_deciders
from broker.access.pool import deciders_of
from broker.access.task import FOR_REQUEST, Task
from broker.installation import Installation
from broker.notifications import OutboxMessage
from broker.people.living_mandates import pool_can_decide
from broker.people.organisation import Organisation

AT_ONCE = 100


def stranded_tasks(session: Session) -> list[uuid.UUID]:
    """Open tasks that nobody of their own pool can decide, of which whoever steps in was not told yet; the oldest hundred."""
    now = clock.now()
    officers = literal("officer:").concat(Task.target_group).concat(":").concat(Task.organisation_type)
    applicant = Task.applicant_person_id.expression
    return list(
        session.scalars(
            select(Task.id)
            .where(
                Task.closed_at.is_(None),
                ~pool_can_decide(Task.pool_key.expression, applicant, now),
                ~_told("operator_told"),
                ~and_(_told("no_administrator"), pool_can_decide(officers, applicant, now)),
            )
            .order_by(Task.opened_at)
            .limit(AT_ONCE)
        )
    )


def _told(template: str) -> ColumnElement[bool]:
    return (
        select(OutboxMessage.id)
        .where(OutboxMessage.subject_id == Task.id, OutboxMessage.template == template)
        .correlate(Task)
        .exists()
    )


def tell_stranded(session: Session, installation: Installation, task_id: uuid.UUID) -> None:
    """Tell the officers, or the operator where there is none; nobody where the task was decided or found somebody meanwhile."""
    task = session.get_one(Task, task_id)
    if task.closed_at is not None:
        return
    deciders = deciders_of(session, task)
    if not deciders.nobody and not deciders.in_place:
        return
    request = session.get(AccessRequest, task.request_id) if task.kind == FOR_REQUEST and task.request_id else None
    organisation = session.get(Organisation, task.organisation_id) if task.organisation_id else None
    facts = {
        "right_code": request.right_code if request else None,
        "context_code": request.context_code if request else None,
        "organisation_name": organisation.name if organisation else None,
    }
    tell_deciders(session, installation, task, deciders, facts)
