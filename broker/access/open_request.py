"""open_request: put a proved request before the people who decide (lifecycles §1: unproved → open).

Part of `submit_request` and `confirm_request_email`; no door calls it.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.access_request import OPEN, TYPED, AccessRequest
from broker.access.load_case import applicant_person
from broker.access.open_task import open_admission_task, open_request_task
from broker.access.organisation_proposal import OrganisationProposal
from broker.access.pool import deciders_told
from broker.access.task import Task
from broker.access.tell_owner_of_request import tell_owner_of_request
from broker.access.who_is_up import who_is_up
from broker.database import WorldChangedError
from broker.installation import Installation
from broker.notifications import both, put_mail
from broker.people.one_time_link import TRACKING, issue_link
from broker.people.organisation import Organisation
from broker.working_days import end_of_working_day


def open_request(session: Session, installation: Installation, request: AccessRequest) -> None:
    """Open `request`, whose address is proved: a task for its pool, a mail with the tracking link to the applicant.

    Raises:
        WorldChangedError: the same request was opened a moment ago; run again, it will be found.
    """
    now = clock.now()
    application = installation.catalogue.applications[request.application_code]
    request.status = OPEN
    request.opened_at = now
    request.decide_before = end_of_working_day(now, application.decide_within_days)
    try:
        session.flush()
    except IntegrityError as error:
        raise WorldChangedError from error
    organisation = session.get(Organisation, request.organisation_id) if request.organisation_id else None
    person = applicant_person(session, installation.keys, request)
    task, name = _open_task(session, installation, request, organisation, person.id if person else None)
    audit.record(
        session,
        "access:request:submit",
        subject_id=request.id,
        organisation_id=request.organisation_id,
        details={"task": task.id, "entitlement": request.entitlement_code},
    )
    deciders = deciders_told(session, task, typed=request.identity_source == TYPED)
    up = who_is_up(installation.catalogue, task, organisation, in_place=deciders.in_place, nobody=deciders.nobody)
    tell_applicant_sent(session, request, name, both(up))
    tell_owner_of_request(session, installation.catalogue, request, name)
    if request.identity_source == TYPED and person is not None and person.proved_email:
        put_mail(
            session,
            "request_in_your_name",
            person.proved_email,
            key=f"request:{request.id}",
            language=person.language,
            facts={
                "application_code": request.application_code,
                "given_name": person.given_name,
                "since": now.isoformat(),
            },
            subject_id=request.id,
        )


def tell_applicant_sent(
    session: Session, request: AccessRequest, organisation_name: str, up: dict[str, str], *, again: bool = False
) -> None:
    """The mail that says the request is under way, with the link to follow it."""
    link = issue_link(session, TRACKING, request.id)
    put_mail(
        session,
        "request_sent",
        request.email,
        key=f"request:{request.id}:{link.id}",
        language=request.language,
        facts={
            "application_code": request.application_code,
            "right_code": request.right_code,
            "context_code": request.context_code,
            "organisation_name": organisation_name,
            "request_number": request.number,
            "since": (request.opened_at or request.created_at).isoformat(),
            "who_is_up": up,
            "given_name": None if request.identity_source == TYPED else request.given_name,
            **({"again": True} if again else {}),
        },
        link=link.reference(),
        subject_id=request.id,
    )


def _open_task(
    session: Session,
    installation: Installation,
    request: AccessRequest,
    organisation: Organisation | None,
    applicant_id: uuid.UUID | None,
) -> tuple[Task, str]:
    if organisation is not None:
        task, _ = open_request_task(session, installation, request, organisation, applicant_id)
        return task, organisation.name
    proposal = session.scalars(select(OrganisationProposal).where(OrganisationProposal.request_id == request.id)).one()
    task, _ = open_admission_task(session, installation, request, proposal)
    return task, proposal.kbo
