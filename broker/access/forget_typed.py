"""forget_typed: after a decision an administrator erases at once what the applicant wrote and how to reach them (seed 000: "kan je
nadien deze aanvraagmail verwijderen").

Motivation, answers, telephone and address go; the decision, its dates, the name and the ids stay until the retention takes those.
Only of a request that was decided, and by whoever could decide it.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit
from broker.access.access_request import APPROVED, REJECTED, AccessRequest
from broker.access.decision import lock_authority, lock_organisation, task_for
from broker.access.task import FOR_REQUEST
from broker.database import to_change
from broker.errors import ConflictError, NotFoundError
from broker.installation import Installation
from broker.text import Text

NOT_DECIDED = Text(
    "Over deze vraag is nog niet beslist. Wissen kan daarna.",
    "This request has not been decided yet. It can be erased afterwards.",
)


def forget_typed(session: Session, installation: Installation, actor: uuid.UUID, task_id: uuid.UUID) -> None:
    """Erase it; done twice, it does nothing more.

    Raises:
        NotFoundError: no such task about a request in the pools of `actor`.
        ForbiddenError: the mandate ended.
        ConflictError: nobody decided yet.
    """
    task, authority = task_for(session, actor, task_id)
    if task.kind != FOR_REQUEST:
        raise NotFoundError("task_unknown")
    lock_organisation(session, task.organisation_id)
    lock_authority(session, actor, task, authority)
    request = session.scalars(to_change(select(AccessRequest).where(AccessRequest.id == task.request_id))).one()
    if request.status not in (APPROVED, REJECTED):
        raise ConflictError("not_decided", NOT_DECIDED)
    if not has_typed(request):
        return
    request.answers, request.phone, request.email = {}, None, ""
    request.number_masked = request.source_key = None
    request.email_limit_key = ""
    session.flush()
    audit.record(session, "access:request:forget_typed", subject_id=request.id, organisation_id=task.organisation_id)


def has_typed(request: AccessRequest) -> bool:
    """Whether there is anything left to erase."""
    return bool(request.answers or request.phone or request.email or request.number_masked)
