"""claim_task and release_task: "ik neem dit op", a courtesy between colleagues that lapses by itself (threats ID9).

It lapses by the clock, and with the mandate of who took it on: both are derived when read, so that nothing has to be released.
"""

import uuid
from datetime import datetime

from sqlalchemy import ColumnElement, literal, or_
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.decision import lock_task, task_for
from broker.access.task import Task
from broker.installation import Installation
from broker.people.living_deputies import acts_as_deputy
from broker.people.living_mandates import holds_mandate
from broker.working_days import end_of_working_day

CLAIM_WORKING_DAYS = 1


def claim_task(session: Session, installation: Installation, actor: uuid.UUID, task_id: uuid.UUID) -> None:
    """Take the task on until the end of the next working day; a colleague's claim may be taken over.

    Raises:
        NotFoundError: no such task in the pools of `actor`.
        ConflictError: it is closed.
    """
    task_for(session, actor, task_id)
    task = lock_task(session, task_id)
    task.claimed_by = actor
    task.claimed_until = end_of_working_day(clock.now(), CLAIM_WORKING_DAYS)
    audit.record(session, "access:task:claim", subject_id=task.id, organisation_id=task.organisation_id)


def release_task(session: Session, installation: Installation, actor: uuid.UUID, task_id: uuid.UUID) -> bool:
    """Give the task free again; only one's own claim: False where it is not.

    Raises:
        NotFoundError: no such task in the pools of `actor`.
        ConflictError: it is closed.
    """
    task_for(session, actor, task_id)
    task = lock_task(session, task_id)
    if task.claimed_by != actor:
        return False
    task.claimed_by = task.claimed_until = None
    audit.record(session, "access:task:release", subject_id=task.id, organisation_id=task.organisation_id)
    return True


def claimer_decides(instant: datetime) -> ColumnElement[bool]:
    """A condition: whoever claimed the task still decides it, by a mandate of their own, as officer of that kind of organisation,
    or for somebody else."""
    as_officer = literal("officer:").concat(Task.target_group).concat(":").concat(Task.organisation_type)
    claimer, pool = Task.claimed_by.expression, Task.pool_key.expression
    return or_(holds_mandate(claimer, (pool, as_officer), instant), acts_as_deputy(claimer, (pool,), instant))
