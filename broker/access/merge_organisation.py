"""merge_organisation: one organisation goes up in another (lifecycles §6, AP6).

Requests are cancelled and copied, rights follow for at most ninety days and as items of a campaign at the successor, where somebody
would have two roles nobody chooses one, mandates end, labels never move. One predecessor, one transaction; one that went up in
this successor already is passed over, so that a run that was cut off is simply run again. Does not own what becomes of each
right (`plan_merge`).
"""

import re
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.access_request import CANCELLED, OPEN, AccessRequest
from broker.access.campaign import END, CampaignItem, RecertificationCampaign
from broker.access.copy_request import copy_request
from broker.access.end_grant import address_of, end_locked_grant, name_of
from broker.access.end_organisation_rights import end_labels_and_tasks
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.merge_authority import lock_merge_authority
from broker.access.move_right import Moved, move_right
from broker.access.open_campaign import note_opened
from broker.access.plan_merge import (
    FOLLOWS_FOR,
    MERGE_CONFLICT,
    MERGED,
    MOVES,
    NOT_OFFERED,
    OWN,
    ROLE_CONFLICT,
    SAME,
    MergePlan,
    RightPlan,
    plan_merge,
    request_code,
)
from broker.access.settle_run_out import settle_run_out_grant, settle_run_out_label
from broker.access.task import Task
from broker.access.tell_campaign import tell_to_confirm
from broker.access.tell_decision import tell_cancelled
from broker.access.withdraw_request import mark_closed
from broker.database import WorldChangedError, to_change
from broker.errors import ConflictError, InvalidError
from broker.installation import Installation
from broker.notifications import put_mail
from broker.people.affiliation import Affiliation
from broker.people.deputy import Deputy
from broker.people.end_deputyships import end_deputyships, lock_deputyships
from broker.people.end_organisations import end_organisations
from broker.people.mandate import Mandate
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.people.tell_of_mandate import tell_ended
from broker.text import Text

_DECISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:/\-]{0,99}")

SAME_ORGANISATION = Text("Een organisatie kan niet in zichzelf opgaan.", "An organisation cannot merge into itself.")
DECISION_BAD = Text(
    "Schrijf het nummer van de beslissing, met letters, cijfers en . : / - (hoogstens 100 tekens).",
    "Write the number of the decision, in letters, digits and . : / - (100 signs at most).",
)
NOT_LIVING = Text(
    "Een van deze organisaties bestaat niet meer. Er is niets veranderd.",
    "One of these organisations is no more. Nothing was changed.",
)
PLAN_CHANGED = Text(
    "Er is intussen iets veranderd bij deze organisaties. Kijk nog eens na wat er zal gebeuren.",
    "Something has changed at these organisations. Look once more at what will happen.",
)


@dataclass(frozen=True, slots=True)
class Merger:
    """What merges into what, by which decision (a reference in letters, digits and . : / -, for the audit).

    `also`: the other predecessors of the same decision. `seen`: the plan that the page showed.
    """

    predecessor_id: uuid.UUID
    successor_id: uuid.UUID
    decision: str
    also: tuple[uuid.UUID, ...] = ()
    seen: str | None = None


def merge_organisation(
    session: Session, installation: Installation, actor: uuid.UUID | None, merger: Merger
) -> MergePlan | None:
    """Carry it out; what was done, or None where it was done before. `actor` None is the operator at the command line.

    Raises:
        NotFoundError: an organisation that `actor` is not the officer of.
        ForbiddenError: no authority any more.
        InvalidError: the two are one.
        ConflictError: one of them has ended otherwise, or the plan is another than the page showed.
        WorldChangedError: a right came in meanwhile; run again, it will be seen.
    """
    if merger.predecessor_id == merger.successor_id:
        raise InvalidError("same_organisation", SAME_ORGANISATION)
    if not _DECISION.fullmatch(merger.decision):
        raise InvalidError("decision_bad", DECISION_BAD, {"decision": DECISION_BAD})
    predecessor, successor = _lock_organisations(session, merger)
    lock_merge_authority(session, actor, predecessor, successor)
    if predecessor.successor_id == successor.id:
        return None
    if not predecessor.living or not successor.living:
        raise ConflictError("organisation_ended", NOT_LIVING)
    locked = _lock_rest(session, predecessor, successor)
    plan = plan_merge(session, installation.catalogue, actor, predecessor, successor, merger.also)
    if merger.seen is not None and merger.seen != plan.fingerprint:
        raise ConflictError("plan_changed", PLAN_CHANGED)
    if any(each.person_id not in locked.people for each in plan.rights):
        raise WorldChangedError
    moved = _rights(session, installation, actor, plan, locked)
    _requests(session, installation, plan, locked.requests, {each.old.id: each.new.id for each in moved})
    end_labels_and_tasks(session, locked.labels, locked.tasks, MERGED)
    _mandates(session, actor, predecessor, locked)
    end_organisations(session, [predecessor], MERGED)
    session.flush()
    predecessor.successor_id = successor.id
    audit.record(
        session,
        "people:organisation:merge",
        subject_id=predecessor.id,
        organisation_id=successor.id,
        details={"decision": merger.decision, "rights": len(plan.rights), **dict(plan.counted())},
    )
    _campaigns(session, installation, plan, moved)
    return plan


@dataclass(frozen=True, slots=True)
class _Locked:
    """Everything of the predecessor that a merger changes, and the labels of the successor that its rights lean on."""

    mandates: Sequence[Mandate]
    deputies: Sequence[Deputy]
    people: Mapping[uuid.UUID, Person]
    requests: Sequence[AccessRequest]
    labels: Sequence[Label]
    labels_there: dict[str, Label]
    tasks: Sequence[Task]
    grants: Mapping[uuid.UUID, Grant]


def _lock_organisations(session: Session, merger: Merger) -> tuple[Organisation, Organisation]:
    """Both, by id: the successor must live under its lock, so that no circle can be closed."""
    ids = (merger.predecessor_id, merger.successor_id)
    found = {
        each.id: each
        for each in session.scalars(
            to_change(select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.id))
        )
    }
    return found[merger.predecessor_id], found[merger.successor_id]


def _lock_rest(session: Session, predecessor: Organisation, successor: Organisation) -> _Locked:
    """In the order of lifecycles §13. Who ends rights locks the persons first; their rights elsewhere say what conflicts."""
    mandates = session.scalars(
        to_change(
            select(Mandate)
            .where(Mandate.organisation_id == predecessor.id, Mandate.ended_at.is_(None))
            .order_by(Mandate.id)
        )
    ).all()
    deputies = lock_deputyships(session, mandate_ids=[each.id for each in mandates])
    of_grants = select(Grant.person_id).where(Grant.organisation_id == predecessor.id, Grant.ended_at.is_(None))
    people = session.scalars(to_change(select(Person).where(Person.id.in_(of_grants)).order_by(Person.id))).all()
    requests = session.scalars(
        to_change(
            select(AccessRequest)
            .where(AccessRequest.organisation_id == predecessor.id, AccessRequest.status == OPEN)
            .order_by(AccessRequest.id)
        )
    ).all()
    labels = session.scalars(
        to_change(
            select(Label)
            .where(Label.organisation_id.in_((predecessor.id, successor.id)), Label.ended_at.is_(None))
            .order_by(Label.id)
        )
    ).all()
    tasks = session.scalars(
        to_change(
            select(Task).where(Task.organisation_id == predecessor.id, Task.closed_at.is_(None)).order_by(Task.id)
        )
    ).all()
    ids = [each.id for each in people]
    grants = session.scalars(
        to_change(select(Grant).where(Grant.person_id.in_(ids), Grant.ended_at.is_(None)).order_by(Grant.id))
    ).all()
    session.execute(
        to_change(
            select(Affiliation)
            .where(
                Affiliation.ended_at.is_(None),
                Affiliation.person_id.in_(ids),
                Affiliation.organisation_id.in_((predecessor.id, successor.id)),
            )
            .order_by(Affiliation.id)
        )
    ).all()
    return _Locked(
        mandates=mandates,
        deputies=deputies,
        people={each.id: each for each in people},
        requests=requests,
        labels=[each for each in labels if each.organisation_id == predecessor.id],
        labels_there=_labels_of(session, successor, labels),
        tasks=tasks,
        grants={each.id: each for each in grants if each.organisation_id == predecessor.id},
    )


def _labels_of(session: Session, successor: Organisation, labels: Sequence[Label]) -> dict[str, Label]:
    """Those that live there as what it is now, by code; one that the clock has ended is ended in writing, as it holds the slot."""
    kind = (successor.id, successor.target_group, successor.organisation_type)
    found = {}
    for label in labels:
        if (label.organisation_id, label.target_group, label.organisation_type) != kind:
            continue
        if label.valid_until is not None and label.valid_until <= clock.now():
            settle_run_out_label(session, label)
        else:
            found[label.label_code] = label
    return found


def _rights(
    session: Session, installation: Installation, actor: uuid.UUID | None, plan: MergePlan, locked: _Locked
) -> list[Moved]:
    """Each right ends; those that move are given at the successor."""
    planned = {each.grant_id: each for each in plan.rights}
    moved = []
    for grant in locked.grants.values():
        if grant.id not in planned:
            settle_run_out_grant(session, installation, grant)
            continue
        right, person = planned[grant.id], locked.people[grant.person_id]
        if right.outcome == MOVES:
            assert right.valid_until is not None
            places = (plan.predecessor, plan.successor, locked.labels_there)
            moved.append(move_right(session, installation, actor, grant, person, *places, right.valid_until))
            _tell_moved(session, moved[-1], person, plan, right.valid_until)
        else:
            reason = MERGE_CONFLICT if right.outcome == ROLE_CONFLICT else MERGED
            cause = _why_not(right, plan)
            end_locked_grant(session, installation, grant, person, ended_by=actor, reason=reason, cause=cause)
    successors = {each.old.id: each.new.id for each in moved}
    for each in moved:
        each.new.handed_over_from = successors.get(each.old.handed_over_from) if each.old.handed_over_from else None
    session.flush()
    return moved


def _tell_moved(session: Session, moved: Moved, person: Person, plan: MergePlan, valid_until: datetime) -> None:
    email, language = address_of(session, moved.old, person)
    if email is None:
        return
    put_mail(
        session,
        "right_moved",
        email,
        key=f"moved:{moved.new.id}",
        language=language,
        facts={
            "application_code": moved.new.application_code,
            "right_code": moved.new.right_code,
            "context_code": moved.new.context_code,
            "organisation_name": plan.successor.name,
            "from_name": plan.predecessor.name,
            "given_name": name_of(session, moved.old, person).given_name,
            "valid_until": clock.last_day(valid_until).isoformat(),
        },
        subject_id=moved.new.id,
    )


def _why_not(right: RightPlan, plan: MergePlan) -> Text:
    """Why a right does not follow, for the person who loses it."""
    old, new = plan.predecessor.name, plan.successor.name
    became = Text(f"{old} ging op in {new}.", f"{old} merged into {new}.")
    also = {
        SAME: Text(
            f"Bij {new} had u dit recht al; daar verandert niets.",
            f"You have this right at {new} already; nothing changes there.",
        ),
        ROLE_CONFLICT: Text(
            "U zou daar twee rollen hebben, en iemand kan er maar één hebben. Vraag de rol die u nodig hebt opnieuw aan.",
            "You would have two roles there, and a person can have one only. Ask again for the role that you need.",
        ),
        NOT_OFFERED: Text(
            "De toepassing biedt dit recht daar niet aan.", "The application does not offer this right there."
        ),
        OWN: Text(
            "U voerde de fusie zelf uit en geeft uzelf geen recht. Een beheerder daar kan dat wel.",
            "You carried out the merger yourself and give yourself no right. An administrator there can.",
        ),
    }[right.outcome]
    return Text(f"{became.nl} {also.nl}", f"{became.en} {also.en}")


def _requests(
    session: Session,
    installation: Installation,
    plan: MergePlan,
    requests: Sequence[AccessRequest],
    moved: Mapping[uuid.UUID, uuid.UUID],
) -> None:
    """Each is cancelled; what can be asked of the successor goes on there."""
    became = Text(
        f"{plan.predecessor.name} ging op in {plan.successor.name}.",
        f"{plan.predecessor.name} merged into {plan.successor.name}.",
    )
    for request in requests:
        code = request_code(installation.catalogue, request, plan.successor)
        cause = became
        if code is not None:
            replaces = moved.get(request.replaces_grant_id) if request.replaces_grant_id else None
            copy = copy_request(session, installation, request, plan.successor, code, replaces)
            request.moved_to = copy.id
            cause = Text(
                f"{became.nl} Uw vraag loopt daar verder, met nummer {copy.number}.",
                f"{became.en} Your request goes on there, with number {copy.number}.",
            )
        mark_closed(request, CANCELLED)
        audit.record(
            session,
            "access:request:cancel",
            subject_id=request.id,
            organisation_id=plan.predecessor.id,
            details={"cause": MERGED, "moved_to": request.moved_to},
        )
        tell_cancelled(session, request, plan.predecessor.name, cause)


def _mandates(session: Session, actor: uuid.UUID | None, predecessor: Organisation, locked: _Locked) -> None:
    """Mandates and deputyships never follow (AP6). Their holders hear of it."""
    for mandate in locked.mandates:
        mandate.ended_at, mandate.ended_by, mandate.end_reason = clock.now(), actor, MERGED
        session.flush()
        audit.record(
            session,
            "people:mandate:dismiss",
            subject_id=mandate.person_id,
            organisation_id=predecessor.id,
            details={"mandate": mandate.id, "kind": mandate.kind, "scope": mandate.scope_key, "reason": MERGED},
        )
        tell_ended(session, mandate, session.get_one(Person, mandate.person_id), predecessor, resigned=False)
    end_deputyships(session, locked.deputies, ended_by=actor, reason=MERGED)


def _campaigns(session: Session, installation: Installation, plan: MergePlan, moved: Sequence[Moved]) -> None:
    """What moved is confirmed at the successor, an application a campaign, before it runs out."""
    now = clock.now()
    by_application: dict[str, list[Moved]] = defaultdict(list)
    for each in moved:
        by_application[each.new.application_code].append(each)
    for application_code, rights in sorted(by_application.items()):
        campaign = RecertificationCampaign(
            id=uuid.uuid4(),
            application_code=application_code,
            organisation_id=plan.successor.id,
            period=f"merge-{plan.predecessor.code}",
            unconfirmed=END,
            opened_at=now,
            due_at=clock.end_of_day(clock.local_date(now + FOLLOWS_FOR)),
        )
        session.add(campaign)
        session.flush()
        session.add_all(
            CampaignItem(
                campaign_id=campaign.id,
                grant_id=each.new.id,
                person_id=each.new.person_id,
                keep_until=each.old.valid_until,
            )
            for each in rights
        )
        session.flush()
        note_opened(session, campaign, len(rights))
        tell_to_confirm(session, installation, campaign, len(rights))
