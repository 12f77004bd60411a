"""The messages that follow a decision, written in its transaction. Owns who is told what; the words are in notifications/."""

from typing import Any

from sqlalchemy.orm import Session

from broker import clock
from broker.access.access_request import APPROVED, DIGITAL_KEY, TYPED, AccessRequest
from broker.access.give_grant import Given
from broker.access.grant import Grant
from broker.access.pool import Authority
from broker.access.task import Task
from broker.access.tell_owner import tell_owner
from broker.access.who_is_up import officer_of
from broker.installation import Installation
from broker.notifications import both, put_mail
from broker.people.affiliation import Affiliation
from broker.people.living_mandates import pool_members
from broker.people.mandate import organisation_scope
from broker.people.name_at_work import name_at_work
from broker.people.one_time_link import TRACKING, open_link
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text

CENTRE = "centre"  # the answer of a form's question of that kind, shown beside the organisation (seed-sentences M2)


def decided_by(authority: Authority) -> str:
    """The function of who decided, as the mails name it."""
    return "officer" if authority.in_place else "administrator"


def request_facts(request: AccessRequest, organisation_name: str) -> dict[str, Any]:
    """What every mail about a request says of it; a typed name is repeated only once somebody approved it (threats SR7)."""
    approved = request.status == APPROVED
    return {
        "application_code": request.application_code,
        "right_code": request.right_code,
        "context_code": request.context_code,
        "organisation_name": organisation_name,
        "given_name": request.given_name if request.identity_source == DIGITAL_KEY or approved else None,
        "request_number": request.number,
    }


def tracking(session: Session, request: AccessRequest) -> dict[str, str] | None:
    """The tracking link of a request, for a button in a mail."""
    link = open_link(session, TRACKING, request.id)
    return link.reference() if link else None


def tell_rejected(
    session: Session, request: AccessRequest, organisation_name: str, reason: str, authority: Authority
) -> None:
    """The applicant reads the reason."""
    put_mail(
        session,
        "refused",
        request.email,
        key=f"request:{request.id}",
        language=request.language,
        facts={
            **request_facts(request, organisation_name),
            "reason": reason,
            "decided_by": decided_by(authority),
            "since": clock.now().isoformat(),
        },
        link=tracking(session, request),
        subject_id=request.id,
    )


def tell_affiliated(session: Session, request: AccessRequest, organisation_name: str, authority: Authority) -> None:
    """Who asked for an affiliation alone reads that it is there."""
    put_mail(
        session,
        "affiliated",
        request.email,
        key=f"request:{request.id}",
        language=request.language,
        facts={**request_facts(request, organisation_name), "decided_by": decided_by(authority)},
        link=tracking(session, request),
        subject_id=request.id,
    )


def tell_given(
    session: Session,
    installation: Installation,
    request: AccessRequest,
    organisation: Organisation,
    person: Person,
    given: Given,
    authority: Authority,
) -> None:
    """The applicant gets the "bevestigingsmail" of the seed, or reads that a label is awaited; the owner is told."""
    grant = given.grant
    template, about_grant = given_message(session, installation, organisation, person, given)
    facts = {
        **request_facts(request, organisation.name),
        "centre": request.answers.get(CENTRE),
        "decided_by": decided_by(authority),
        **about_grant,
    }
    put_mail(
        session,
        template,
        request.email,
        key=f"request:{request.id}",
        language=request.language,
        facts=facts,
        link=tracking(session, request),
        subject_id=request.id,
    )
    if request.identity_source == TYPED and person.proved_email not in (None, request.email):
        # The right is that of the person of the number, whatever address was typed: they hear of it themselves (SR4).
        own = {key: fact for key, fact in facts.items() if key != "request_number"} | {"given_name": person.given_name}
        put_mail(
            session,
            template,
            person.proved_email or "",
            key=f"person:{request.id}",
            language=person.language,
            facts=own,
            subject_id=request.id,
        )
    if given.replaced is not None and given.replaced.organisation_id != organisation.id:
        name = name_at_work(person, session.get_one(Affiliation, given.replaced.affiliation_id)).full_name
        tell_left(session, given.replaced, name)
        left = session.get_one(Organisation, given.replaced.organisation_id)
        tell_owner(session, installation.catalogue, given.replaced, name, request.email, left.name, "ended")
    change = given_change(given)
    tell_owner(session, installation.catalogue, grant, request.full_name, request.email, organisation.name, change)


def given_message(
    session: Session, installation: Installation, organisation: Organisation, person: Person, given: Given
) -> tuple[str, dict[str, Any]]:
    """The mail to the person about a right that was given, and what it says of that right."""
    grant = given.grant
    unconfirmed = session.get_one(Affiliation, grant.affiliation_id).name_unconfirmed
    invited = person.state == "unlinked" and person.number_hash is None
    if given.outcome == "waiting_for_label":
        up = officer_of(installation.catalogue, organisation.target_group, organisation.organisation_type)
        return "label_waiting", {
            "label_code": grant.label_code,
            "who_is_up": both(up),
            "since": (given.label.asked_at if given.label else grant.given_at).isoformat(),
            "unlinked": (person.state != "matched" or unconfirmed) and not invited,
        }
    return "granted", {
        "valid_until": clock.last_day(grant.valid_until).isoformat() if grant.valid_until else None,
        "replaces_right_code": given.replaced.right_code if given.replaced else None,
        "unlinked": person.state != "matched" or unconfirmed,
        "invited": invited,
    }


def given_change(given: Given) -> str:
    """What the owner of the application reads about a right that was given."""
    if given.outcome == "waiting_for_label":
        return "waiting_for_label"
    return "changed_role" if given.replaced else "given"


def tell_claimer(session: Session, task: Task, request: AccessRequest, organisation_name: str) -> None:
    """Whoever had taken the task on hears that a colleague decided it; the others see it in Mijn taken."""
    if task.claimed_by is None or task.claimed_by == task.decided_by or task.closed_at is None:
        return
    if task.claimed_until is None or task.claimed_until <= task.closed_at:
        return
    member = next((each for each in pool_members(session, task.pool_key) if each.person_id == task.claimed_by), None)
    if member is None or member.email is None or task.decided_by is None:
        return
    put_mail(
        session,
        "task_decided_by_colleague",
        member.email,
        key=f"decided:{task.id}",
        language=member.language,
        facts={
            "task_id": str(task.id),
            "application_code": request.application_code,
            "right_code": request.right_code,
            "context_code": request.context_code,
            "organisation_name": organisation_name,
            "decision": task.decision,
            "decided_by_name": session.get_one(Person, task.decided_by).full_name,
            "since": task.closed_at.isoformat(),
            "given_name": member.given_name,
        },
        subject_id=task.id,
    )


def tell_cancelled(session: Session, request: AccessRequest, organisation_name: str, cause: Text) -> None:
    """The applicant hears that the request stopped without a decision, and why."""
    put_mail(
        session,
        "cancelled",
        request.email,
        key=f"request:{request.id}",
        language=request.language,
        facts={**request_facts(request, organisation_name), "cause": both(cause)},
        link=tracking(session, request),
        subject_id=request.id,
    )


def tell_left(session: Session, replaced: Grant, person_name: str) -> None:
    """A change of role asked elsewhere ended a right here: the administrators of this organisation are told (threats DG5)."""
    organisation = session.get_one(Organisation, replaced.organisation_id)
    for member in pool_members(session, organisation_scope(organisation.id)):
        if member.email is None or member.person_id == replaced.person_id:
            continue
        put_mail(
            session,
            "right_left",
            member.email,
            key=f"left:{replaced.id}",
            language=member.language,
            facts={
                "application_code": replaced.application_code,
                "right_code": replaced.right_code,
                "context_code": replaced.context_code,
                "organisation_name": organisation.name,
                "person_name": person_name,
                "since": clock.now().isoformat(),
                "given_name": member.given_name,
            },
            subject_id=replaced.id,
        )
