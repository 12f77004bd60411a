"""close_vacancy: an officer lets an organisation be without a head local administrator for now.

What people ask there goes on coming to the officers. Appointing somebody closes the task by itself (`vacancy.fill_vacancy`).
"""

import uuid

from sqlalchemy.orm import Session

from broker.access.decision import Decision, close_decided, lock_authority, lock_task, task_for
from broker.access.task import FOR_VACANCY
from broker.errors import NotFoundError
from broker.installation import Installation
from broker.people.mandate_authority import lock_organisation


def close_vacancy(session: Session, installation: Installation, actor: uuid.UUID, decision: Decision) -> None:
    """Close it; the next time somebody leaves nobody behind, a new one opens.

    Raises:
        NotFoundError: no such task in the pools of `actor`.
        ForbiddenError: the mandate ended.
        ConflictError: decided already.
    """
    unlocked, authority = task_for(session, actor, decision.task_id)
    if unlocked.kind != FOR_VACANCY or unlocked.organisation_id is None:
        raise NotFoundError("task_unknown")
    lock_organisation(session, unlocked.organisation_id)
    authority = lock_authority(session, actor, unlocked, authority)
    task = lock_task(session, decision.task_id, decision.seen_version)
    close_decided(session, task, actor, authority, approve=False)
