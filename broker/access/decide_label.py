"""decide_label: an officer approves or rejects a label (lifecycles §4, seed 002: "Doelgroepverantwoordelijke Type Organisatie").

Approving is one row: every grant that waits for it starts by itself, as that state is derived. Rejecting ends them with the reason.
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.access_request import AccessRequest
from broker.access.decision import (
    Decision,
    cleaned_reason,
    close_decided,
    lock_authority,
    lock_organisation,
    lock_task,
    task_for,
)
from broker.access.end_grant import name_of
from broker.access.end_organisation_rights import end_organisation_rights
from broker.access.follow_retype import follow_retype
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.load_case import somebodies
from broker.access.rules.case import Somebody
from broker.access.rules.not_for_yourself import same_human
from broker.access.task import FOR_LABEL, Task
from broker.access.tell_decision import CENTRE, request_facts, tracking
from broker.access.tell_owner import tell_owner
from broker.access.tell_rights_changed import tell_rights_changed
from broker.database import to_change
from broker.errors import ConflictError, ForbiddenError, NotFoundError
from broker.installation import Installation
from broker.notifications import put_mail
from broker.people.identifiers import email_for_limits
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text


@dataclass(frozen=True, slots=True)
class LabelDecided:
    """How many grants started, or ended, with the decision."""

    approved: bool
    organisation_name: str
    grants: int


def decide_label(session: Session, installation: Installation, actor: uuid.UUID, decision: Decision) -> LabelDecided:
    """Decide one label.

    Raises:
        NotFoundError: no such task in the pools of `actor`.
        ForbiddenError: the mandate ended; or the actor approved a right that waits for it, or is who waits (threats LA2).
        ConflictError: decided already, or the organisation has become another kind (then the task closed and the right pool
            has a new one: threats LA1).
        InvalidError: the reason is missing.
    """
    reason = cleaned_reason(decision.reason, required=not decision.approve)
    unlocked, authority = task_for(session, actor, decision.task_id)
    if unlocked.kind != FOR_LABEL:
        raise NotFoundError("task_unknown")
    organisation = lock_organisation(session, unlocked.organisation_id)
    assert organisation is not None
    authority = lock_authority(session, actor, unlocked, authority)
    label = session.scalars(to_change(select(Label).where(Label.id == unlocked.label_id))).one()
    task = lock_task(session, decision.task_id, decision.seen_version)
    if not fits(label, organisation):
        raise ConflictError("pool_changed", POOL_CHANGED)
    waiting = waiting_grants(session, label, lock=True)
    check_someone_else(session, actor, waiting)
    close_decided(session, task, actor, authority, approve=decision.approve)
    if decision.approve:
        _approve(session, installation, actor, label, organisation, waiting)
    else:
        _reject(session, installation, actor, label, organisation, waiting, reason)
    return LabelDecided(decision.approve, organisation.name, len(waiting))


def fits(label: Label, organisation: Organisation) -> bool:
    """The organisation lives and is what it was when the label was asked."""
    asked = (label.target_group, label.organisation_type)
    return organisation.living and (organisation.target_group, organisation.organisation_type) == asked


def waiting_grants(session: Session, label: Label, *, lock: bool = False) -> list[Grant]:
    """The grants of this organisation that need this label and have neither ended nor run out, by id."""
    query = (
        select(Grant)
        .where(
            Grant.organisation_id == label.organisation_id,
            Grant.label_code == label.label_code,
            Grant.ended_at.is_(None),
        )
        .order_by(Grant.id)
        .execution_options(populate_existing=True)
    )
    if lock:
        query = query.with_for_update(key_share=True)
    now = clock.now()
    return [grant for grant in session.scalars(query) if not grant.run_out(now)]


def check_someone_else(session: Session, actor: uuid.UUID, waiting: list[Grant]) -> None:
    """label_by_someone_else: not who approved a right that waits, nor who waits (threats LA2).

    Raises:
        ForbiddenError: it is the same human, by person, number, proved address or telephone.
    """
    people = {grant.given_by for grant in waiting} | {grant.person_id for grant in waiting}
    known = somebodies(session, {actor, *(each for each in people if each is not None)})
    officer = known[actor]
    concerned = [known[person_id] for person_id in people if person_id is not None]
    asked = session.scalars(
        select(AccessRequest).where(AccessRequest.id.in_([grant.request_id for grant in waiting if grant.request_id]))
    )
    # What was written on the requests counts as well: a typed second identity of the officer shows there (threats ID1).
    concerned += [
        Somebody(
            emails=frozenset({email_for_limits(request.email)}),
            phones=frozenset({request.phone}) if request.phone else frozenset(),
        )
        for request in asked
    ]
    if any(same_human(officer, other) for other in concerned):
        raise ForbiddenError("label_by_someone_else", LABEL_BY_SOMEONE_ELSE)


def close_changed_pool(session: Session, installation: Installation, task_id: uuid.UUID) -> None:
    """The organisation of a label task became another kind, or is no more: its labels and rights follow (threats LA1)."""
    organisation = session.get_one(Organisation, session.get_one(Task, task_id).organisation_id)
    if organisation.living:
        follow_retype(session, installation, organisation.id)
    else:
        end_organisation_rights(session, installation, organisation.id)


def _approve(
    session: Session,
    installation: Installation,
    actor: uuid.UUID,
    label: Label,
    organisation: Organisation,
    waiting: list[Grant],
) -> None:
    label.approved_at, label.approved_by = clock.now(), actor
    audit.record(
        session,
        "access:label:approve",
        subject_id=label.id,
        organisation_id=organisation.id,
        details={"label": label.label_code, "grants": len(waiting)},
    )
    tell_rights_changed(session, label, "label_approved")
    for grant in waiting:
        request, person = _who_waits(session, grant)
        email = request.email if request else person.proved_email
        if email is None:
            continue
        facts = {
            "application_code": grant.application_code,
            "right_code": grant.right_code,
            "context_code": grant.context_code,
            "organisation_name": organisation.name,
            "given_name": name_of(session, grant, person).given_name,
            "centre": request.answers.get(CENTRE) if request else None,
            "valid_until": clock.last_day(grant.valid_until).isoformat() if grant.valid_until else None,
            "label_code": label.label_code,
        }
        # Sent only if the grant still counts when the mail is delivered (lifecycles §14), unless it waits for the person.
        only_if = f"grant_active:{grant.id}" if person.state == "matched" else None
        put_mail(
            session,
            "grant_started",
            email,
            key=f"started:{grant.id}",
            language=request.language if request else person.language,
            facts=facts,
            only_if=only_if,
            subject_id=request.id if request else grant.id,  # after what was mailed about the request before
        )
        tell_owner(
            session,
            installation.catalogue,
            grant,
            name_of(session, grant, person).full_name,
            email,
            organisation.name,
            "started",
            only_if,
        )


def _reject(
    session: Session,
    installation: Installation,
    actor: uuid.UUID,
    label: Label,
    organisation: Organisation,
    waiting: list[Grant],
    reason: str,
) -> None:
    now = clock.now()
    label.ended_at, label.ended_by, label.end_reason, label.reason = now, actor, "rejected", reason
    audit.record(
        session,
        "access:label:reject",
        subject_id=label.id,
        organisation_id=organisation.id,
        details={"label": label.label_code, "grants": len(waiting)},
    )
    tell_rights_changed(session, label, "label_rejected")
    for grant in waiting:
        grant.ended_at, grant.ended_by, grant.end_reason = now, actor, "label_rejected"
        audit.record(
            session,
            "access:grant:end",
            subject_id=grant.id,
            organisation_id=organisation.id,
            details={"reason": "label_rejected", "label": label.id},
        )
        request, person = _who_waits(session, grant)
        email = request.email if request else person.proved_email
        if email is not None and request is not None:
            put_mail(
                session,
                "label_rejected",
                email,
                key=f"label:{label.id}:{grant.id}",
                language=request.language,
                facts={
                    **request_facts(request, organisation.name),
                    "label_code": label.label_code,
                    "reason": reason,
                },
                link=tracking(session, request),
                subject_id=request.id,
            )
        name = name_of(session, grant, person).full_name
        tell_owner(session, installation.catalogue, grant, name, email, organisation.name, "ended")


def _who_waits(session: Session, grant: Grant) -> tuple[AccessRequest | None, Person]:
    request = session.get(AccessRequest, grant.request_id) if grant.request_id else None
    return request, session.get_one(Person, grant.person_id)


LABEL_BY_SOMEONE_ELSE = Text(
    "Wie het recht goedkeurde of vroeg, beslist niet over het label. Een andere verantwoordelijke doet dat.",
    "Whoever approved or asked for the right does not decide on the label. Another officer does.",
)
POOL_CHANGED = Text(
    "Deze organisatie is intussen een ander soort organisatie. Uw beslissing is niet bewaard; de juiste verantwoordelijke"
    " krijgt de vraag.",
    "This organisation has become another kind of organisation. Your decision was not kept; the right officer gets the"
    " request.",
)
