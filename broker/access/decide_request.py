"""decide_request: a local administrator approves or turns down a request (lifecycles §1-3, seed 002 step 2).

The decider says yes or no and may shorten the dates; nothing else of what was asked can change (threats ID6). Approving makes the
person where only a number was typed, the affiliation where it lacks, the grant, and asks the label where one is needed.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access import access_request, give_grant
from broker.access.access_request import OPEN, AccessRequest
from broker.access.ask_label import lock_needed_label
from broker.access.close_asked_facts import close_asked_of
from broker.access.decision import (
    PAGE_OUT_OF_DATE,
    Decision,
    cleaned_reason,
    close_decided,
    lock_authority,
    lock_organisation,
    lock_task,
    task_for,
)
from broker.access.explain_request import explanation_of
from broker.access.label import Label
from broker.access.load_case import applicant_person
from broker.access.pool import Authority
from broker.access.rules import Finding
from broker.access.task import FOR_REQUEST, Task
from broker.access.tell_decision import tell_affiliated, tell_claimer, tell_given, tell_rejected
from broker.access.tell_owner_of_request import GENERAL_EMAIL
from broker.access.wish import GrantWish
from broker.catalogue import AFFILIATION
from broker.database import WorldChangedError, to_change
from broker.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from broker.installation import Installation
from broker.people.add_affiliation import JobContact
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of it: `given` (active or planned), `waiting_for_label`, `waiting_for_identity`, `affiliated` or `rejected`."""

    outcome: str
    applicant_name: str
    grant_id: uuid.UUID | None = None


def decide_request(
    session: Session,
    installation: Installation,
    actor: uuid.UUID,
    decision: Decision,
    last_day: date | None = None,
    *,
    bulk: bool = False,
) -> Decided:
    """Decide one request. `last_day` may only make the grant end earlier; in a `bulk` nothing that carries a warning is approved.

    Raises:
        NotFoundError: no such task in the pools of `actor`.
        ForbiddenError: the mandate ended, or it is one's own request.
        ConflictError: decided already, changed since the page was shown, or a rule forbids it now; the task stays open.
        InvalidError: the reason is missing, or the last day is not within what was asked.
    """
    reason = cleaned_reason(decision.reason, required=not decision.approve)
    unlocked, authority = task_for(session, actor, decision.task_id)
    if unlocked.kind != FOR_REQUEST:
        raise NotFoundError("task_unknown")
    organisation = lock_organisation(session, unlocked.organisation_id)
    assert organisation is not None
    authority = lock_authority(session, actor, unlocked, authority)
    person = _lock_applicant(session, installation, unlocked)
    request = session.scalars(to_change(select(AccessRequest).where(AccessRequest.id == unlocked.request_id))).one()
    label = lock_needed_label(session, installation, organisation, request.application_code)
    task = lock_task(session, decision.task_id, decision.seen_version)
    if request.status != OPEN or (request.decide_before is not None and request.decide_before <= clock.now()):
        raise ConflictError("request_over", REQUEST_OVER)
    explanation = explanation_of(session, installation, request, organisation, actor)
    _check(explanation.findings, decision, explanation.fingerprint, bulk=bulk)
    if not decision.approve:
        return _reject(session, installation, actor, authority, task, request, organisation, reason)
    valid_until = _valid_until(explanation.last_day, last_day)
    return _approve(session, installation, actor, authority, task, request, organisation, person, label, valid_until)


def _lock_applicant(session: Session, installation: Installation, task: Task) -> Person | None:
    request = session.get_one(AccessRequest, task.request_id)
    person = applicant_person(session, installation.keys, request)
    if person is None:
        return None
    return session.scalar(to_change(select(Person).where(Person.id == person.id)))


def _check(findings: list[Finding], decision: Decision, fingerprint: str, *, bulk: bool) -> None:
    own = next((f for f in findings if f.rule == "not_for_yourself" and f.refused), None)
    if own is not None:
        raise ForbiddenError("not_for_yourself", own.statement)
    if decision.seen_explanation is not None and decision.seen_explanation != fingerprint:
        raise ConflictError("explanation_changed", PAGE_OUT_OF_DATE)
    if not decision.approve:
        return
    refused = next((f for f in findings if f.refused), None)
    if refused is not None:
        raise ConflictError(refused.rule, refused.why)
    if bulk and any(f.weight == "warning" for f in findings):
        raise ConflictError("look_at_it_first", LOOK_AT_IT_FIRST)


def _valid_until(offered: date, wished: date | None) -> datetime:
    if wished is None:
        return clock.end_of_day(offered)
    if not clock.local_date(clock.now()) <= wished <= offered:
        raise InvalidError("last_day_outside", LAST_DAY_OUTSIDE, {"last_day": LAST_DAY_OUTSIDE})
    return clock.end_of_day(wished)


def _reject(
    session: Session,
    installation: Installation,
    actor: uuid.UUID,
    authority: Authority,
    task: Task,
    request: AccessRequest,
    organisation: Organisation,
    reason: str,
) -> Decided:
    close_decided(session, task, actor, authority, approve=False)
    request.status, request.closed_at, request.reason = access_request.REJECTED, clock.now(), reason
    request.number_sealed = None
    close_asked_of(session, request.id)
    audit.record(
        session,
        "access:request:reject",
        subject_id=request.id,
        organisation_id=organisation.id,
        details={"task": task.id, "in_place": authority.in_place},
    )
    tell_rejected(session, request, organisation.name, reason, authority)
    tell_claimer(session, task, request, organisation.name)
    return Decided("rejected", request.full_name)


def _approve(
    session: Session,
    installation: Installation,
    actor: uuid.UUID,
    authority: Authority,
    task: Task,
    request: AccessRequest,
    organisation: Organisation,
    person: Person | None,
    label: Label | None,
    valid_until: datetime,
) -> Decided:
    close_decided(session, task, actor, authority, approve=True)
    request.status, request.closed_at = access_request.APPROVED, clock.now()
    audit.record(
        session,
        "access:request:approve",
        subject_id=request.id,
        organisation_id=organisation.id,
        details={"task": task.id, "in_place": authority.in_place},
    )
    try:
        person = person or give_grant.person_for_typed(session, installation, request)
        if installation.catalogue.applications[request.application_code].gives == AFFILIATION:
            give_grant.affiliation_for(session, _wish(request), person, organisation, clock.now())
            return _affiliated(session, task, request, organisation, authority)
        given = give_grant.give_grant(
            session,
            installation,
            actor,
            wish=_wish(request),
            person=person,
            organisation=organisation,
            label=label,
            valid_until=valid_until,
        )
    except IntegrityError as error:
        # Another approval wrote the person, the affiliation, the label or the role a moment ago: run again and the rules
        # will see it and say so. The indexes hold what the rules explain.
        raise WorldChangedError from error
    request.number_sealed = None  # the person's hash remains; the number itself is needed no longer (DESIGN §6)
    close_asked_of(session, request.id)
    tell_given(session, installation, request, organisation, person, given, authority)
    tell_claimer(session, task, request, organisation.name)
    return Decided(given.outcome, request.full_name, given.grant.id)


def _affiliated(
    session: Session, task: Task, request: AccessRequest, organisation: Organisation, authority: Authority
) -> Decided:
    """An affiliation alone was asked for: there is no right to begin, and no team of an application to tell."""
    request.number_sealed = None
    close_asked_of(session, request.id)
    tell_affiliated(session, request, organisation.name, authority)
    tell_claimer(session, task, request, organisation.name)
    return Decided("affiliated", request.full_name)


def _wish(request: AccessRequest) -> GrantWish:
    return GrantWish(
        application_code=request.application_code,
        right_code=request.right_code,
        context_code=request.context_code,
        request_id=request.id,
        replaces_grant_id=request.replaces_grant_id,
        contact=JobContact(
            email=request.email,
            email_source="proved" if request.person_id else "typed",
            phone=request.phone,
            general_email=request.answers.get(GENERAL_EMAIL),
        ),
    )


REQUEST_OVER = Text(
    "Deze vraag staat niet meer open. Uw beslissing is niet bewaard.",
    "This request is no longer open. Your decision was not kept.",
)
LOOK_AT_IT_FIRST = Text(
    "Bij deze vraag hoort een waarschuwing. Open ze en beslis apart.",
    "This request carries a warning. Open it and decide on it separately.",
)
LAST_DAY_OUTSIDE = Text(
    "U kunt het recht alleen vroeger laten stoppen, niet later.",
    "You can only make the right end earlier, not later.",
)
