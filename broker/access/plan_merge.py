"""plan_merge: what becomes of the rights and requests of an organisation that merges into another (lifecycles §6, AP6). Reads only.

Rights follow for at most ninety days. Where somebody would get two roles nobody chooses one: the right is given to nobody, and
listed. The operation `merge_organisation` asks the same, under its locks; the page and the dry run show it.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.access_request import OPEN, AccessRequest
from broker.access.give_grant import role_key
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.own_people import own_people
from broker.catalogue import Catalogue, EntitlementCode
from broker.people.affiliation import Affiliation
from broker.people.mandate import Mandate
from broker.people.name_at_work import name_at_work
from broker.people.organisation import Organisation
from broker.people.person import Person

FOLLOWS_FOR = timedelta(days=90)
MERGED, MERGE_CONFLICT = "merged", "merge_conflict"

# What becomes of a right: it moves; the person has it there already; they would have two roles; it is not offered there; it is the
# actor's own, and nobody gives himself a right (threats rule 6).
MOVES, SAME, ROLE_CONFLICT, NOT_OFFERED, OWN = "moves", "same", "role_conflict", "not_offered", "own"


@dataclass(frozen=True, slots=True)
class RightPlan:
    """One right and what becomes of it. `valid_until` is its last instant at the successor, where it moves."""

    grant_id: uuid.UUID
    person_id: uuid.UUID
    person_name: str
    application_code: str
    right_code: str
    context_code: str
    outcome: str
    valid_until: datetime | None


@dataclass(frozen=True, slots=True)
class MergePlan:
    """Everything that a merger would do; `stopped` requests have no right to ask there. `fingerprint` says whether a page that
    showed it still is right (threats ID5)."""

    predecessor: Organisation
    successor: Organisation
    rights: tuple[RightPlan, ...]
    moved_requests: int
    stopped_requests: int
    mandates: int
    labels: int
    people: int

    def counted(self) -> Counter[str]:
        """How many rights have each outcome."""
        return Counter(each.outcome for each in self.rights)

    @property
    def listed(self) -> tuple[RightPlan, ...]:
        """The rights that somebody has to look at: they follow to nobody."""
        return tuple(each for each in self.rights if each.outcome in (ROLE_CONFLICT, NOT_OFFERED, OWN))

    @property
    def fingerprint(self) -> str:
        """A digest of what it says."""
        rights = sorted(f"{each.grant_id}:{each.outcome}" for each in self.rights)
        counts = (self.moved_requests, self.stopped_requests, self.mandates, self.labels, self.people)
        parts = (self.predecessor.id, self.successor.id, *counts, *rights)
        return sha256("\n".join(str(part) for part in parts).encode()).hexdigest()[:32]


def plan_merge(
    session: Session,
    catalogue: Catalogue,
    actor: uuid.UUID | None,
    predecessor: Organisation,
    successor: Organisation,
    also: Collection[uuid.UUID] = (),
) -> MergePlan:
    """What would become of `predecessor`; `also` are other organisations that merge into the same successor at this moment, so that
    of two roles at two of them neither is chosen."""
    requests = session.scalars(
        select(AccessRequest).where(AccessRequest.organisation_id == predecessor.id, AccessRequest.status == OPEN)
    ).all()
    moved = sum(request_code(catalogue, each, successor) is not None for each in requests)
    return MergePlan(
        predecessor=predecessor,
        successor=successor,
        rights=plan_rights(session, catalogue, actor, predecessor, successor, also),
        moved_requests=moved,
        stopped_requests=len(requests) - moved,
        mandates=_count(session, Mandate, predecessor),
        labels=_count(session, Label, predecessor),
        people=_count(session, Affiliation, predecessor),
    )


def plan_rights(
    session: Session,
    catalogue: Catalogue,
    actor: uuid.UUID | None,
    predecessor: Organisation,
    successor: Organisation,
    also: Collection[uuid.UUID] = (),
) -> tuple[RightPlan, ...]:
    """What becomes of each right that nobody ended and that has not run out, by name."""
    now = clock.now()
    open_now = Grant.not_over(now)
    rows = session.execute(
        select(Grant, Person, Affiliation)
        .join(Person, Person.id == Grant.person_id)
        .join(Affiliation, Affiliation.id == Grant.affiliation_id)
        .where(Grant.organisation_id == predecessor.id, open_now)
        .order_by(Person.family_name, Person.given_name, Grant.id)
    ).all()
    people = select(Grant.person_id).where(Grant.organisation_id == predecessor.id, open_now)
    own = own_people(session, actor, people) if actor is not None else frozenset()
    elsewhere: dict[uuid.UUID, list[Grant]] = defaultdict(list)
    lost = select(Organisation.id).where(Organisation.successor_id == successor.id)
    for grant in session.scalars(
        select(Grant).where(
            Grant.person_id.in_(people),
            Grant.organisation_id != predecessor.id,
            or_(open_now, and_(Grant.end_reason == MERGE_CONFLICT, Grant.organisation_id.in_(lost))),
        )
    ):
        elsewhere[grant.person_id].append(grant)
    merging = {successor.id, *also}
    until = clock.end_of_day(clock.local_date(now + FOLLOWS_FOR))
    plans = []
    for grant, person, affiliation in rows:
        outcome = _outcome(catalogue, grant, elsewhere[person.id], successor, merging)
        if person.id in own and outcome == MOVES:
            outcome = OWN
        ends = until if grant.valid_until is None else min(grant.valid_until, until)
        plans.append(
            RightPlan(
                grant_id=grant.id,
                person_id=person.id,
                person_name=name_at_work(person, affiliation).full_name,
                application_code=grant.application_code,
                right_code=grant.right_code,
                context_code=grant.context_code,
                outcome=outcome,
                valid_until=ends if outcome == MOVES else None,
            )
        )
    return tuple(plans)


def merged_before(session: Session, codes: Collection[str], successor: Organisation) -> set[str]:
    """Those of these codes whose organisation went up in `successor` already."""
    return set(
        session.scalars(
            select(Organisation.code).where(Organisation.code.in_(codes), Organisation.successor_id == successor.id)
        )
    )


def request_code(catalogue: Catalogue, request: AccessRequest, successor: Organisation) -> EntitlementCode | None:
    """By which entitlement code the same is asked of the successor; None where its kind is not offered it."""
    return _code(catalogue, request.application_code, request.right_code, request.context_code, successor)


def _outcome(
    catalogue: Catalogue,
    grant: Grant,
    elsewhere: Sequence[Grant],
    successor: Organisation,
    merging: Collection[uuid.UUID],
) -> str:
    """`elsewhere` are the other rights of the person: open ones, and those lost to a role conflict in this very merger."""
    if _code(catalogue, grant.application_code, grant.right_code, grant.context_code, successor) is None:
        return NOT_OFFERED
    application = catalogue.applications[grant.application_code]
    key = role_key(application, grant.person_id, successor.id)
    asked = (grant.right_code, grant.context_code)
    same = False
    for other in elsewhere:
        if other.application_code != grant.application_code:
            continue
        meets = other.ended_at is not None or other.organisation_id in merging
        if meets and (other.right_code, other.context_code) == asked:
            same = same or (other.ended_at is None and other.organisation_id == successor.id)
        elif key is not None and (meets or other.role_key == key):
            return ROLE_CONFLICT
    return SAME if same else MOVES


def _code(
    catalogue: Catalogue, application_code: str, right_code: str, context_code: str, successor: Organisation
) -> EntitlementCode | None:
    application = catalogue.applications.get(application_code)
    wanted = (right_code, context_code, successor.target_group, successor.organisation_type)
    codes = application.entitlement_codes.values() if application else ()
    return next(
        (
            each
            for each in codes
            if (each.right_code, each.context_code, each.target_group, each.organisation_type) == wanted
        ),
        None,
    )


def _count(session: Session, table: type[Mandate] | type[Label] | type[Affiliation], predecessor: Organisation) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(table)
            .where(table.organisation_id == predecessor.id, table.ended_at.is_(None))
        )
        or 0
    )
