"""decide_nomination: an administrator answers a nomination without adding anybody (seed-sentences M11, lifecycles §2).

Approving says that the colleague has an account already; rejecting that there will be none, with a reason that whoever asked reads.
Adding the colleague answers it by itself (`add_colleague`).
"""

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from broker.access.decision import (
    Decision,
    cleaned_reason,
    close_decided,
    lock_authority,
    lock_organisation,
    lock_task,
    task_for,
)
from broker.access.nomination import Nomination
from broker.access.settle_nomination import ADDED, DECLINED, PRESENT, lock_nomination, settle_nomination
from broker.access.task import FOR_NOMINATION
from broker.errors import NotFoundError
from broker.installation import Installation
from broker.people.organisation import Organisation


@dataclass(frozen=True, slots=True)
class NominationDecided:
    """Whom it was about, by the name that was typed."""

    person_name: str


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody for whom an account is asked, as it was typed."""

    task_id: uuid.UUID
    organisation_code: str
    given_name: str
    family_name: str
    email: str


def named_colleague(session: Session, actor: uuid.UUID, task_id: uuid.UUID | None) -> Named | None:
    """Whom an open task is about, to fill in a form; None once it was answered.

    Raises:
        NotFoundError: no such task in the pools of `actor`.
    """
    if task_id is None:
        raise NotFoundError("task_unknown")
    task, _authority = task_for(session, actor, task_id)
    nomination = session.get(Nomination, task.nomination_id) if task.nomination_id else None
    if nomination is None:
        raise NotFoundError("task_unknown")
    if task.closed_at is not None or nomination.settled_at is not None:
        return None
    code = session.get_one(Organisation, nomination.organisation_id).code
    return Named(task.id, code, nomination.given_name, nomination.family_name, nomination.email)


def decide_nomination(
    session: Session, _installation: Installation, actor: uuid.UUID, decision: Decision
) -> NominationDecided:
    """Nothing is given or taken by it.

    Raises:
        NotFoundError: no such task in the pools of `actor`.
        ForbiddenError: the mandate ended.
        ConflictError: decided already, or changed since the page was shown.
        InvalidError: no reason for a no.
    """
    reason = cleaned_reason(decision.reason, required=not decision.approve)
    unlocked, authority = task_for(session, actor, decision.task_id)
    if unlocked.kind != FOR_NOMINATION or unlocked.nomination_id is None:
        raise NotFoundError("task_unknown")
    lock_organisation(session, unlocked.organisation_id)
    authority = lock_authority(session, actor, unlocked, authority)
    task = lock_task(session, decision.task_id, decision.seen_version)
    nomination = lock_nomination(session, unlocked.nomination_id)
    close_decided(session, task, actor, authority, approve=decision.approve)
    name = nomination.full_name
    settle_nomination(
        session, nomination, PRESENT if decision.approve else DECLINED, "" if decision.approve else reason
    )
    return NominationDecided(name)


def answer_by_adding(session: Session, actor: uuid.UUID, task_id: uuid.UUID, organisation_id: uuid.UUID) -> None:
    """Part of `add_colleague`, under its locks: whom it was about is added now.

    Raises:
        NotFoundError: no such task for `actor` at that organisation.
        ConflictError: it was answered meanwhile; then nobody is added.
    """
    unlocked, authority = task_for(session, actor, task_id)
    if unlocked.nomination_id is None or unlocked.organisation_id != organisation_id:
        raise NotFoundError("task_unknown")
    task = lock_task(session, task_id)
    nomination = lock_nomination(session, unlocked.nomination_id)
    close_decided(session, task, actor, authority, approve=True)
    settle_nomination(session, nomination, ADDED)
