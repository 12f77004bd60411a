"""Who decides a task: the pool of its scope, and who steps in where that pool is empty (lifecycles §2, decisions 9).

Owns the fallback: local administrators, else the officers of the kind of organisation, else the operator. No task without
somebody. Does not own who holds which mandate (people/).
"""

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from broker.access.access_request import AccessRequest
from broker.access.load_case import somebody
from broker.access.rules.case import Somebody
from broker.access.rules.not_for_yourself import same_human
from broker.access.task import FOR_REQUEST, Task
from broker.people.identifiers import email_for_limits
from broker.people.living_mandates import PoolMember, living_mandates, pool_members
from broker.people.mandate import officer_scope


@dataclass(frozen=True, slots=True)
class Deciders:
    """Who may decide now. `in_place`: the officers, in place of administrators who are not there. Empty: the operator."""

    members: tuple[PoolMember, ...]
    in_place: bool

    @property
    def nobody(self) -> bool:
        """Neither an administrator nor an officer: the operator is told."""
        return not self.members


@dataclass(frozen=True, slots=True)
class Authority:
    """The mandate under which somebody decides a task."""

    mandate_id: uuid.UUID
    kind: str
    in_place: bool


def deciders_of(session: Session, task: Task) -> Deciders:
    """Everybody who may decide `task` now: whoever the rule `not_for_yourself` bars is left out."""
    return _deciders(session, task, told=False)


def deciders_told(session: Session, task: Task, *, typed: bool) -> Deciders:
    """`deciders_of`, as the applicant may read it. With a typed number nobody is left out: else whoever types a number would
    read from the answer that it is that of the only administrator there (threats SR4)."""
    return _deciders(session, task, told=typed)


def _deciders(session: Session, task: Task, *, told: bool) -> Deciders:
    members = pool_members(session, task.pool_key)
    free = tuple(members) if told else _free(session, task, members)
    if task.kind != FOR_REQUEST or reachable(free):
        return Deciders(free, in_place=False)
    officers = pool_members(session, officer_scope(task.target_group, task.organisation_type))
    return Deciders(tuple(officers) if told else _free(session, task, officers), in_place=True)


def authority_over(session: Session, actor: uuid.UUID, task: Task) -> Authority | None:
    """The living mandate under which `actor` may see and decide `task`, or None: then the task does not exist for them."""
    scopes = {task.pool_key: False}
    if task.kind == FOR_REQUEST:
        scopes[officer_scope(task.target_group, task.organisation_type)] = True
    held = [view for view in living_mandates(session, person_id=actor) if view.scope_key in scopes]
    for view in sorted(held, key=lambda view: scopes[view.scope_key]):
        in_place = scopes[view.scope_key]
        if (
            in_place
            and task.escalated_at is None
            and reachable(_free(session, task, pool_members(session, task.pool_key)))
        ):
            continue
        return Authority(view.mandate_id, view.kind, in_place)
    return None


def reachable(members: tuple[PoolMember, ...]) -> bool:
    """Somebody in it can be told by mail; else the officer is asked as well (seed 002, issue: "with a known e-mail address")."""
    return any(member.email for member in members)


def _free(session: Session, task: Task, members: list[PoolMember]) -> tuple[PoolMember, ...]:
    """The members who are not the applicant: nor by person, nor by the address or telephone on the request (threats ID1)."""
    others = [member for member in members if member.person_id != task.applicant_person_id]
    asked = session.get(AccessRequest, task.request_id) if task.request_id else None
    if asked is None:
        return tuple(others)
    applicant = Somebody(
        emails=frozenset({email_for_limits(asked.email)} if asked.email_proved_at else ()),
        phones=frozenset({asked.phone} if asked.phone else ()),
    )
    return tuple(each for each in others if not same_human(somebody(session, each.person_id), applicant))
