"""asker: under which mandate somebody asks for facts, and whether they still may read the answer (threats NR3).

Owns that question: for a request it is the authority over its task, for a job the administrator's own mandate there.
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.access.asked_facts import AskedFacts
from broker.access.decision import lock_authority, lock_organisation, task_for
from broker.access.mandate_over import lock_mandate_over
from broker.access.pool import authority_over
from broker.access.task import FOR_REQUEST, Task
from broker.errors import ConflictError, NotFoundError
from broker.people.affiliation import Affiliation
from broker.people.living_mandates import living_mandates
from broker.people.mandate import LOCAL_KINDS, organisation_scope
from broker.people.organisation import Organisation
from broker.text import Text


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks (the mandate that is used), where, and about what."""

    mandate_id: uuid.UUID
    organisation: Organisation
    request_id: uuid.UUID | None = None
    affiliation_id: uuid.UUID | None = None


def lock_asker_of_request(session: Session, actor: uuid.UUID, task_id: uuid.UUID) -> Asker:
    """The authority over an open task about a request, read again under its lock.

    Raises:
        NotFoundError: no such task for `actor`.
        ForbiddenError: the mandate ended since.
        ConflictError: the task is closed.
    """
    task, authority = task_for(session, actor, task_id)
    if task.kind != FOR_REQUEST:
        raise NotFoundError("task_unknown")
    organisation = lock_organisation(session, task.organisation_id)
    assert organisation is not None
    authority = lock_authority(session, actor, task, authority)
    if task.closed_at is not None:
        raise ConflictError("task_closed", TASK_OVER)
    return Asker(authority.mandate_id, organisation, request_id=task.request_id)


def lock_asker_of_job(session: Session, actor: uuid.UUID, affiliation_id: uuid.UUID | None) -> Asker:
    """The mandate of `actor` over the organisation of a job; a deputy has none (threats AP1).

    Raises:
        NotFoundError: no such job at an organisation of `actor`.
        ForbiddenError, ConflictError: as `lock_mandate_over`.
    """
    job = session.get(Affiliation, affiliation_id) if affiliation_id else None
    if job is None:
        raise NotFoundError("affiliation_unknown")
    organisation = lock_mandate_over(session, actor, job.organisation_id)
    (mandate, *_) = living_mandates(
        session, person_id=actor, scope_key=organisation_scope(organisation.id), kinds=LOCAL_KINDS
    )
    return Asker(mandate.mandate_id, organisation, affiliation_id=job.id)


def still_asks(session: Session, asked: AskedFacts) -> bool:
    """The mandate under which it was asked lives, and whoever asked still has it (or still stands in for its holder)."""
    if asked.affiliation_id is not None:
        held = living_mandates(session, person_id=asked.asked_by, scope_key=organisation_scope(asked.organisation_id))
        return any(view.mandate_id == asked.mandate_id for view in held)
    task = session.scalar(
        select(Task).where(Task.request_id == asked.request_id).order_by(Task.opened_at.desc()).limit(1)
    )
    authority = authority_over(session, asked.asked_by, task) if task else None
    return authority is not None and authority.mandate_id == asked.mandate_id


TASK_OVER = Text("Deze vraag staat niet meer open.", "This request is no longer open.")
