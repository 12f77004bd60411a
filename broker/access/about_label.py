"""about_label: what an officer must see to decide on a label (lifecycles §4). Reads only; `decide_label` checks it again."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.access.access_request import AccessRequest
from broker.access.decide_label import check_someone_else, fits, waiting_grants
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.task import Task
from broker.access.tell_decision import CENTRE
from broker.errors import ForbiddenError
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text


@dataclass(frozen=True, slots=True)
class WaitingRight:
    """One right that waits for the label. `by_officer`: approved in place of an administrator."""

    person_name: str
    right_code: str
    context_code: str
    centre: str | None
    approved_at: datetime
    by_officer: bool


@dataclass(frozen=True, slots=True)
class AboutLabel:
    """`fits`: the organisation still is of the kind for which was asked. `refused` says why the reader may not decide (threats
    LA2). `others` are the living labels that this organisation has or asked besides."""

    label: Label
    organisation: Organisation
    waiting: tuple[WaitingRight, ...]
    others: tuple[Label, ...]
    fits: bool
    refused: Text | None


def about_label(session: Session, task: Task, actor: uuid.UUID) -> AboutLabel:
    """The label of `task`, for the officer `actor`, who may see it (`decision.task_for`)."""
    label = session.get_one(Label, task.label_id)
    organisation = session.get_one(Organisation, label.organisation_id)
    grants = waiting_grants(session, label)
    others = session.scalars(
        select(Label)
        .where(Label.organisation_id == organisation.id, Label.ended_at.is_(None), Label.id != label.id)
        .order_by(Label.asked_at)
    )
    refused = None
    try:
        check_someone_else(session, actor, grants)
    except ForbiddenError as error:
        refused = error.text
    return AboutLabel(
        label=label,
        organisation=organisation,
        waiting=_waiting_rights(session, grants),
        others=tuple(others),
        fits=fits(label, organisation),
        refused=refused,
    )


def _waiting_rights(session: Session, grants: list[Grant]) -> tuple[WaitingRight, ...]:
    rows = session.execute(
        select(Grant, Person, AccessRequest, Task.in_place_of_administrator)
        .join(Person, Person.id == Grant.person_id)
        .outerjoin(AccessRequest, AccessRequest.id == Grant.request_id)
        .outerjoin(Task, (Task.request_id == Grant.request_id) & (Task.close_reason == "decided"))
        .where(Grant.id.in_([grant.id for grant in grants]))
        .order_by(Grant.given_at, Grant.id)
    )
    return tuple(
        WaitingRight(
            person_name=person.full_name,
            right_code=grant.right_code,
            context_code=grant.context_code,
            centre=str(request.answers.get(CENTRE) or "") or None if request else None,
            approved_at=grant.given_at,
            by_officer=bool(in_place),
        )
        for grant, person, request, in_place in rows
    )
