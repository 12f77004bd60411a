"""claim_task and release_task: "ik neem dit op", a courtesy between colleagues that lapses by itself (threats ID9)."""

import uuid

from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.decision import lock_task, task_for
from broker.installation import Installation
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


def release_task(session: Session, installation: Installation, actor: uuid.UUID, task_id: uuid.UUID) -> None:
    """Give the task free again; only one's own claim.

    Raises:
        NotFoundError: no such task in the pools of `actor`.
        ConflictError: it is closed.
    """
    task_for(session, actor, task_id)
    task = lock_task(session, task_id)
    if task.claimed_by != actor:
        return
    task.claimed_by = task.claimed_until = None
    audit.record(session, "access:task:release", subject_id=task.id, organisation_id=task.organisation_id)
