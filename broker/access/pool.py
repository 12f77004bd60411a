"""Who decides a task: the pool of its scope, and who steps in where that pool is empty (lifecycles §2, decisions 9).

Owns the fallback: local administrators with their deputies, else the officers of the kind of organisation, else the operator. No
task without somebody. A deputy adds to a pool and never makes one: where no administrator can be told, the officers are asked too.
Does not own who holds which mandate (people/).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from broker.access.access_request import AccessRequest
from broker.access.load_case import acting_somebody, somebodies
from broker.access.own_pools import OwnPools, own_pools
from broker.access.rules.case import Somebody
from broker.access.rules.not_for_yourself import same_human
from broker.access.task import BY_ADMINISTRATORS, Task
from broker.people.identifiers import email_for_limits
from broker.people.living_deputies import deputy_members
from broker.people.living_mandates import PoolMember, pool_members
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
    """The mandate under which somebody decides a task; of a deputy that of `on_behalf_of`, with the deputyship beside it.
    `administrators`: in whose place, if it is in their place."""

    mandate_id: uuid.UUID
    kind: str
    in_place: bool
    deputy_id: uuid.UUID | None = None
    on_behalf_of: uuid.UUID | None = None
    administrators: tuple[PoolMember, ...] = ()


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
    if task.kind not in BY_ADMINISTRATORS:
        return Deciders(free, in_place=False)
    if reachable(free):
        return Deciders(_with_deputies(session, task, free, told=told), in_place=False)
    officers = pool_members(session, officer_scope(task.target_group, task.organisation_type))
    return Deciders(tuple(officers) if told else _free(session, task, officers), in_place=True)


def authority_over(session: Session, actor: uuid.UUID, task: Task, pools: OwnPools | None = None) -> Authority | None:
    """The living mandate under which `actor` may see and decide `task`, or None: then the task does not exist for them.
    `pools` are those of `actor`, where a page has just read them."""
    scopes = {task.pool_key: False}
    if task.kind in BY_ADMINISTRATORS:
        scopes[officer_scope(task.target_group, task.organisation_type)] = True
    pools = pools or own_pools(session, actor)
    held = [view for view in pools.mandates if view.scope_key in scopes]
    acting = pools.standing_in(task.pool_key) if task.kind in BY_ADMINISTRATORS else ()
    if acting:
        deputy, mandate = acting[0].deputy, acting[0].mandate
        return Authority(mandate.id, mandate.kind, False, deputy.id, deputy.holder_person_id)
    for view in sorted(held, key=lambda view: scopes[view.scope_key]):
        if not scopes[view.scope_key]:
            return Authority(view.mandate_id, view.kind, False)
        members = pool_members(session, task.pool_key)
        if task.escalated_at is not None or not _decide(session, task, members):
            return Authority(view.mandate_id, view.kind, True, administrators=tuple(members))
    return None


def _decide(session: Session, task: Task, members: list[PoolMember]) -> bool:
    """One of `members`, the task's own pool, may decide it and can be told."""
    return reachable(members) and reachable(_free(session, task, members))


def _with_deputies(
    session: Session, task: Task, members: tuple[PoolMember, ...], *, told: bool
) -> tuple[PoolMember, ...]:
    """`members` and whoever stands in for one of them, but for the applicant: who is that, or acts for them (threats AP2)."""
    known = {member.person_id for member in members}
    deputies = [each for each in deputy_members(session, task.pool_key) if each.person_id not in known]
    if not told:
        about = _about(session, task)
        deputies = [
            each for each in deputies if not same_human(acting_somebody(session, each.person_id, task.pool_key), about)
        ]
    return (*members, *deputies)


def reachable(members: Sequence[PoolMember]) -> bool:
    """Somebody in it can be told by mail; else the officer is asked as well (seed 002, issue: "with a known e-mail address")."""
    return any(member.email for member in members)


def _free(session: Session, task: Task, members: list[PoolMember]) -> tuple[PoolMember, ...]:
    """The members whom the task is not about: not by person, nor by the address or telephone on a request (threats ID1)."""
    about = _about(session, task)
    others = [member for member in members if member.person_id not in about.person_ids]
    if not about.emails and not about.phones:
        return tuple(others)
    known = somebodies(session, {member.person_id for member in others})
    return tuple(each for each in others if not same_human(known[each.person_id], about))


def _about(session: Session, task: Task) -> Somebody:
    """Whom the task is about, as far as it says so itself."""
    asked = session.get(AccessRequest, task.request_id) if task.request_id else None
    concerned = (task.applicant_person_id, task.doubted_person_id)
    return Somebody(
        person_ids=frozenset(each for each in concerned if each is not None),
        emails=frozenset({email_for_limits(asked.email)} if asked and asked.email_proved_at else ()),
        phones=frozenset({asked.phone} if asked and asked.phone else ()),
    )
