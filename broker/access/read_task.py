"""read_task: a task for its page, and who took it on; one statement. Whether the reader may see it says `decision.task_for`."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.access_request import AccessRequest
from broker.access.claim_task import claimer_decides
from broker.access.decision import TASK_UNKNOWN
from broker.access.task import Task
from broker.errors import NotFoundError
from broker.people.organisation import Organisation
from broker.people.person import Person


@dataclass(frozen=True, slots=True)
class TaskRead:
    """`request` and `organisation` are those it is about, where there is one: as long as this is held, `session.get` finds them
    without a statement. `claimer`: who took the task on; None where nobody did, the claim lapsed, or they decide no longer."""

    task: Task
    request: AccessRequest | None
    organisation: Organisation | None
    claimer: Person | None


def read_task(session: Session, task_id: uuid.UUID) -> TaskRead:
    """The task as it is now.

    Raises:
        NotFoundError: absent; the same answer as for somebody else's (threats ID2).
    """
    return read_tasks(session, [task_id])[0]


def read_tasks(session: Session, task_ids: Sequence[uuid.UUID]) -> list[TaskRead]:
    """Several, in the order asked; one statement.

    Raises:
        NotFoundError: one is absent.
    """
    now = clock.now()
    rows = session.execute(
        select(Task, AccessRequest, Organisation, Person)
        .outerjoin(AccessRequest, AccessRequest.id == Task.request_id)
        .outerjoin(Organisation, Organisation.id == Task.organisation_id)
        .outerjoin(Person, and_(Person.id == Task.claimed_by, claimer_decides(now)))
        .where(Task.id.in_(task_ids))
    )
    found = {
        task.id: TaskRead(task, request, organisation, claimer if task.claimed_at(now) else None)
        for task, request, organisation, claimer in rows
    }
    if not found.keys() >= set(task_ids):
        raise NotFoundError("task_unknown", TASK_UNKNOWN)
    return [found[task_id] for task_id in task_ids]
