"""list_tasks: Mijn taken (seed 002). Reads only: the same number of statements with ten tasks as with a hundred thousand,
paged by key, along an index.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from broker import clock
from broker.access.access_request import TYPED, AccessRequest
from broker.access.claim_task import claimer_decides
from broker.access.label import Label
from broker.access.organisation_proposal import OrganisationProposal
from broker.access.own_pools import OwnPools, own_pools
from broker.access.task import BY_ADMINISTRATORS, FOR_REQUEST, Task
from broker.catalogue import Catalogue
from broker.people.living_deputies import DeputyView
from broker.people.living_mandates import pool_can_decide
from broker.people.mandate import TARGET_GROUP_OFFICER
from broker.people.organisation import Organisation
from broker.people.person import Person

OPEN, MINE, DECIDED = "open", "mine", "decided"
VIEWS = (OPEN, MINE, DECIDED)
PAGE = 25

_claimer = aliased(Person, name="claimer")
_decider = aliased(Person, name="decider")


_Lines = Select[Task, AccessRequest, Organisation, Label, OrganisationProposal, Person, Person]


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """What the row of filters says. `words`: a name, a number, or how an application is known; `waiting_days`: at least."""

    words: str = ""
    application_code: str = ""
    waiting_days: int = 0


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One line of the inbox. `own`: about the reader. `careful`: may not be decided in a bulk (threats ID7), for one because the
    identity is `typed` or it is a `change_of_role`.
    `escalated`: its own pool did not decide in time. `decide_before` is when the request expires by itself."""

    task_id: uuid.UUID
    kind: str
    applicant_name: str
    request_number: str
    application_code: str
    right_code: str
    context_code: str
    label_code: str
    organisation_name: str
    opened_at: datetime
    claimed_by_name: str | None
    claimed_by_me: bool
    claimed_until: datetime | None
    decide_before: datetime | None
    own: bool
    typed: bool
    change_of_role: bool
    careful: bool
    in_place: bool
    escalated: bool
    decision: str | None
    decided_by_name: str | None
    closed_at: datetime | None
    close_reason: str | None


@dataclass(frozen=True, slots=True)
class TaskPage:
    """A page of lines, the key of the next page (None on the last), and how many there are per view."""

    lines: list[TaskLine]
    next_key: str | None
    open_count: int
    mine_count: int
    organisations: tuple[str, ...]
    acting_for: tuple[DeputyView, ...] = ()


def list_tasks(
    session: Session,
    catalogue: Catalogue,
    actor: uuid.UUID,
    view: str = OPEN,
    wanted: TaskFilter | None = None,
    after: str | None = None,
) -> TaskPage | None:
    """The tasks in the pools of `actor`; None for somebody without any mandate that decides."""
    pools = own_pools(session, actor)
    if not pools.scopes:
        return None
    now = clock.now()
    reachable = _in_my_pools(pools, now)
    mine = and_(Task.claimed_by == actor, Task.claimed_until > now)
    counted = select(func.count()).select_from(Task).where(Task.closed_at.is_(None), reachable)
    query = _lines(reachable, view, mine, catalogue, wanted or TaskFilter(), now)
    query = _after(query, view, after).limit(PAGE + 1)
    rows = session.execute(query).all()
    lines = [_line(row, actor, pools, now) for row in rows[:PAGE]]
    return TaskPage(
        lines=lines,
        next_key=_key(view, lines[-1]) if len(rows) > PAGE else None,
        open_count=session.scalar(counted) or 0,
        mine_count=session.scalar(counted.where(mine)) or 0,
        organisations=pools.organisations,
        acting_for=pools.deputies,
    )


def count_open_tasks(session: Session, pools: OwnPools) -> int:
    """How many tasks wait in these pools, for the menu."""
    mine = _in_my_pools(pools, clock.now())
    return session.scalar(select(func.count()).select_from(Task).where(Task.closed_at.is_(None), mine)) or 0


def _in_my_pools(pools: OwnPools, now: datetime) -> ColumnElement[bool]:
    """Tasks of one's own scopes; for an officer also those that their own pool cannot decide, or did not in time (decisions 9)."""
    scopes = pools.scopes
    own = Task.pool_key == scopes[0] if len(scopes) == 1 else Task.pool_key.in_(scopes)
    officer = [m.mandate for m in pools.mandates if m.kind == TARGET_GROUP_OFFICER]
    if not officer:
        return own
    kinds = or_(
        *(and_(Task.target_group == m.target_group, Task.organisation_type == m.organisation_type) for m in officer)
    )
    stranded = and_(
        kinds,
        Task.kind.in_(BY_ADMINISTRATORS),
        or_(
            Task.escalated_at.is_not(None),
            ~pool_can_decide(Task.pool_key.expression, Task.applicant_person_id.expression, now),
        ),
    )
    return or_(own, stranded)


def _lines(
    reachable: ColumnElement[bool],
    view: str,
    mine: ColumnElement[bool],
    catalogue: Catalogue,
    wanted: TaskFilter,
    now: datetime,
) -> _Lines:
    query = (
        select(Task, AccessRequest, Organisation, Label, OrganisationProposal, _claimer, _decider)
        .outerjoin(OrganisationProposal, OrganisationProposal.id == Task.proposal_id)
        .outerjoin(AccessRequest, AccessRequest.id == func.coalesce(Task.request_id, OrganisationProposal.request_id))
        .outerjoin(Organisation, Organisation.id == Task.organisation_id)
        .outerjoin(Label, Label.id == Task.label_id)
        .outerjoin(_claimer, and_(_claimer.id == Task.claimed_by, claimer_decides(now)))
        .outerjoin(_decider, _decider.id == Task.decided_by)
        .where(reachable)
    )
    if view == DECIDED:
        query = query.where(Task.closed_at.is_not(None)).order_by(Task.closed_at.desc(), Task.id.desc())
    else:
        query = query.where(Task.closed_at.is_(None)).order_by(Task.opened_at, Task.id)
    if view == MINE:
        query = query.where(mine)
    if wanted.application_code:
        query = query.where(Task.application_code == wanted.application_code)
    if wanted.waiting_days:
        query = query.where(Task.opened_at <= now - timedelta(days=wanted.waiting_days))
    if wanted.words.strip():
        query = query.where(_matches(catalogue, wanted.words.strip()))
    return query


def _matches(catalogue: Catalogue, words: str) -> ColumnElement[bool]:
    searched = words.casefold()
    name = func.lower(AccessRequest.given_name + " " + AccessRequest.family_name)
    known_as = [
        application.code
        for application in catalogue.applications.values()
        if any(
            searched in each.casefold()
            for each in (
                application.name.nl,
                application.name.en,
                application.technical_name,
                application.short_name.nl,
            )
        )
    ]
    return or_(
        name.contains(searched, autoescape=True),
        func.lower(AccessRequest.number).contains(searched, autoescape=True),
        func.lower(Organisation.name).contains(searched, autoescape=True),
        Task.application_code.in_(known_as),
    )


def _after(query: _Lines, view: str, after: str | None) -> _Lines:
    parsed = parse_key(after) if after else None
    if parsed is None:
        return query
    if view == DECIDED:
        return query.where(tuple_(Task.closed_at, Task.id) < tuple_(*parsed))
    return query.where(tuple_(Task.opened_at, Task.id) > tuple_(*parsed))


def _key(view: str, line: TaskLine) -> str:
    moment = line.closed_at if view == DECIDED else line.opened_at
    assert moment is not None
    return f"{moment:%Y%m%dT%H%M%S.%fZ}~{line.task_id.hex}"


def parse_key(key: str) -> tuple[datetime, uuid.UUID] | None:
    """The moment and id in the key of a page; None for one that is not ours."""
    moment, separator, task_id = key.partition("~")
    try:
        parsed = datetime.strptime(moment, "%Y%m%dT%H%M%S.%f%z")
        return (parsed, uuid.UUID(task_id)) if separator else None
    except ValueError:
        return None


def _line(
    row: Row[Task, AccessRequest, Organisation, Label, OrganisationProposal, Person, Person],
    actor: uuid.UUID,
    pools: OwnPools,
    now: datetime,
) -> TaskLine:
    task, request, organisation, label, proposal, claimer, decider = row
    claimed = claimer is not None and task.claimed_at(now)
    typed = request is not None and request.identity_source == TYPED
    change_of_role = request is not None and request.replaces_grant_id is not None
    return TaskLine(
        task_id=task.id,
        kind=task.kind,
        applicant_name=request.full_name if request else "",
        request_number=request.number if request else "",
        application_code=task.application_code,
        right_code=request.right_code if request else "",
        context_code=request.context_code if request else "",
        label_code=label.label_code if label else "",
        organisation_name=organisation.name if organisation else (proposal.name if proposal else ""),
        opened_at=task.opened_at,
        claimed_by_name=claimer.full_name if claimed and claimer else None,
        claimed_by_me=claimed and task.claimed_by == actor,
        claimed_until=task.claimed_until if claimed else None,
        decide_before=request.decide_before if request else None,
        own=task.applicant_person_id == actor or pools.acts_for(task.applicant_person_id, task.pool_key),
        typed=typed,
        change_of_role=change_of_role,
        careful=task.kind != FOR_REQUEST or typed or change_of_role,
        in_place=task.kind in BY_ADMINISTRATORS and task.pool_key not in pools.scopes,
        escalated=task.escalated_at is not None,
        decision=task.decision,
        decided_by_name=decider.full_name if decider else None,
        closed_at=task.closed_at,
        close_reason=task.close_reason,
    )
