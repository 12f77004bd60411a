"""The tasks of the administrators of some organisations: open and closed, oldest first. Labels are the officer's and not here."""

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from broker.access.access_request import AccessRequest
from broker.access.lists.batches import in_batches
from broker.access.task import Task
from broker.people.mandate import organisation_scope
from broker.people.organisation import Organisation
from broker.people.person import Person

_decider = aliased(Person, name="decider")


@dataclass(frozen=True, slots=True)
class TaskEntry:
    """One task. Of a request that was erased the name is empty. `stand` is open, or how it was decided or closed."""

    kind: str
    request_number: str
    family_name: str
    given_name: str
    organisation_name: str
    application_code: str
    right_code: str
    context_code: str
    opened_at: datetime
    stand: str
    closed_at: datetime | None
    decided_by: str
    in_place: bool


def task_entries(session: Session, organisations: Collection[uuid.UUID]) -> Iterator[TaskEntry]:
    """By the moment they were opened."""
    query = (
        select(Task, AccessRequest, Organisation.name, _decider)
        .outerjoin(AccessRequest, AccessRequest.id == Task.request_id)
        .outerjoin(Organisation, Organisation.id == Task.organisation_id)
        .outerjoin(_decider, _decider.id == Task.decided_by)
        .where(Task.pool_key.in_([organisation_scope(each) for each in organisations]))
    )
    for row in in_batches(session, query, (Task.opened_at, Task.id)):
        task, request, organisation_name, decider = row[:4]
        yield TaskEntry(
            kind=task.kind,
            request_number=request.number if request else "",
            family_name=request.family_name if request else "",
            given_name=request.given_name if request else "",
            organisation_name=organisation_name or "",
            application_code=task.application_code,
            right_code=request.right_code if request else "",
            context_code=request.context_code if request else "",
            opened_at=task.opened_at,
            stand=task.decision or task.close_reason or "open",
            closed_at=task.closed_at,
            decided_by=decider.full_name if decider else "",
            in_place=task.in_place_of_administrator,
        )
