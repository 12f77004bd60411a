"""What every decision shares: locking the mandate, finding the task still open, closing it. Owns no decision itself.

Locks in the order of lifecycles §13: organisations, mandates (and deputies), persons, access_requests, labels, tasks,
grants, affiliations.
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.own_pools import OwnPools
from broker.access.pool import Authority, authority_over
from broker.access.task import APPROVED, REJECTED, Task
from broker.database import to_change, to_depend_on
from broker.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from broker.people.deputy import Deputy
from broker.people.identifiers import IdentifierError, clean_text
from broker.people.mandate import Mandate
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text
from look.language import use_language, written_time

REASON_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class Decision:
    """What the decider chose. `seen` is the version of the task and the fingerprint of the explanation that the page showed."""

    task_id: uuid.UUID
    approve: bool
    reason: str = ""
    seen_version: int | None = None
    seen_explanation: str | None = None


def cleaned_reason(reason: str, *, required: bool) -> str:
    """The reason as it will be kept and mailed.

    Raises:
        InvalidError: it is required and empty, too long, or holds characters we cannot show.
    """
    try:
        cleaned = clean_text(reason, REASON_LENGTH)
    except IdentifierError as error:
        raise InvalidError("reason_bad", error.text, {"reason": error.text}) from error
    if required and not cleaned:
        raise InvalidError("reason_missing", REASON_MISSING, {"reason": REASON_MISSING})
    return cleaned


def task_for(
    session: Session, actor: uuid.UUID, task_id: uuid.UUID, pools: OwnPools | None = None
) -> tuple[Task, Authority]:
    """The task and the mandate of `actor` over it, unlocked: ids are learned here, and read again after the locks. Only a page
    hands in the `pools` it has just read.

    Raises:
        NotFoundError: absent, or somebody else's: the same answer (threats ID2).
    """
    task = session.get(Task, task_id)
    authority = authority_over(session, actor, task, pools) if task else None
    if task is None or authority is None:
        raise NotFoundError("task_unknown", TASK_UNKNOWN)
    return task, authority


def lock_organisation(session: Session, organisation_id: uuid.UUID | None) -> Organisation | None:
    """The organisation as it is now, kept as it is until this transaction ends."""
    if organisation_id is None:
        return None
    return session.scalar(to_depend_on(select(Organisation).where(Organisation.id == organisation_id)))


def lock_authority(session: Session, actor: uuid.UUID, task: Task, authority: Authority) -> Authority:
    """Authority is read again, locked, in the transaction that uses it (threats rule 4, ID4).

    Raises:
        ForbiddenError: the mandate ended since the page was shown.
    """
    session.execute(select(Mandate.id).where(Mandate.id == authority.mandate_id).with_for_update(read=True))
    if authority.deputy_id is not None:
        session.execute(select(Deputy.id).where(Deputy.id == authority.deputy_id).with_for_update(read=True))
    again = authority_over(session, actor, task)
    if again is None or (again.mandate_id, again.deputy_id) != (authority.mandate_id, authority.deputy_id):
        raise ForbiddenError("mandate_ended", MANDATE_ENDED)
    return again


def lock_task(session: Session, task_id: uuid.UUID, seen_version: int | None = None) -> Task:
    """The task, locked and still open.

    Raises:
        ConflictError: `already_decided` with who and when, `task_closed`, or `task_changed` since the page was shown.
    """
    task = session.scalars(to_change(select(Task).where(Task.id == task_id))).one()
    if task.closed_at is not None:
        raise _closed(session, task)
    if seen_version is not None and seen_version != task.version:
        raise ConflictError("task_changed", PAGE_OUT_OF_DATE)
    return task


def _closed(session: Session, task: Task) -> ConflictError:
    if task.decided_by is None or task.closed_at is None:
        return ConflictError("task_closed", TASK_CLOSED, reason=task.close_reason)
    name = session.get_one(Person, task.decided_by).full_name
    did_nl = "keurde deze vraag al goed" if task.decision == APPROVED else "keurde deze vraag al af"
    did_en = "approved this request already" if task.decision == APPROVED else "turned this request down already"
    with use_language("nl"):
        time_nl = written_time(task.closed_at)
    with use_language("en"):
        time_en = written_time(task.closed_at)
    return ConflictError(
        "already_decided",
        Text(
            f"{name} {did_nl}, om {time_nl}. Uw beslissing is niet bewaard.",
            f"{name} {did_en}, at {time_en}. Your decision was not kept.",
        ),
        decided_by=task.decided_by,
        decided_at=task.closed_at,
    )


def close_decided(session: Session, task: Task, actor: uuid.UUID, authority: Authority, *, approve: bool) -> None:
    """Write the decision on the locked task, and its event."""
    task.decision = APPROVED if approve else REJECTED
    task.decided_by, task.on_behalf_of = actor, authority.on_behalf_of
    task.in_place_of_administrator = authority.in_place
    task.closed_at = clock.now()
    task.close_reason = "decided"
    task.version += 1
    audit.record(
        session,
        "access:task:decide",
        subject_id=task.id,
        organisation_id=task.organisation_id,
        details={
            "decision": task.decision,
            "mandate": authority.mandate_id,
            "deputy": authority.deputy_id,
            "in_place": authority.in_place,
        },
    )


REASON_MISSING = Text("Schrijf waarom u afkeurt", "Write why you turn it down")
TASK_UNKNOWN = Text(
    "Deze taak bestaat niet, of is niet voor u bestemd.", "This task does not exist, or is not meant for you."
)
TASK_CLOSED = Text(
    "Deze vraag staat niet meer open. Uw beslissing is niet bewaard.",
    "This request is no longer open. Your decision was not kept.",
)
MANDATE_ENDED = Text(
    "U bent geen beheerder meer van deze organisatie. Uw beslissing is niet bewaard.",
    "You are no longer an administrator of this organisation. Your decision was not kept.",
)
PAGE_OUT_OF_DATE = Text(
    "Er is intussen iets veranderd aan deze vraag. Lees ze nog eens na en beslis dan.",
    "Something about this request has changed. Read it once more and then decide.",
)
