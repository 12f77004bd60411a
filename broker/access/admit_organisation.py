"""admit_organisation: an officer lets an organisation in that was not in the list, or refuses it (seed-sentences M1).

Admitted, the request goes its ordinary way: to the administrators of that organisation, and as it has none yet, to the officer,
who can appoint one.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.access_request import OPEN, REJECTED, TYPED, AccessRequest
from broker.access.decision import (
    Decision,
    cleaned_reason,
    close_decided,
    lock_authority,
    lock_task,
    task_for,
)
from broker.access.load_case import applicant_person, applicant_somebody, somebody
from broker.access.open_task import open_request_task
from broker.access.organisation_proposal import OrganisationProposal
from broker.access.pool import deciders_told
from broker.access.rules.not_for_yourself import same_human
from broker.access.task import FOR_ADMISSION
from broker.access.tell_decision import request_facts, tracking
from broker.access.who_is_up import who_is_up
from broker.database import WorldChangedError, to_change
from broker.errors import ConflictError, ForbiddenError, NotFoundError
from broker.installation import Installation
from broker.notifications import both, put_mail
from broker.people.find_organisations import search_text
from broker.people.organisation import Organisation
from broker.text import Text


def admit_organisation(
    session: Session, installation: Installation, actor: uuid.UUID, decision: Decision
) -> Organisation | None:
    """Admit the proposed organisation (then it is returned), or refuse it with a reason.

    Raises:
        NotFoundError: no such task in the pools of `actor`.
        ForbiddenError: the mandate ended, or the actor is the applicant.
        ConflictError: decided already, the request is over, or an organisation with this KBO number exists by now.
        InvalidError: the reason is missing.
    """
    reason = cleaned_reason(decision.reason, required=not decision.approve)
    unlocked, authority = task_for(session, actor, decision.task_id)
    if unlocked.kind != FOR_ADMISSION:
        raise NotFoundError("task_unknown")
    authority = lock_authority(session, actor, unlocked, authority)
    proposal = session.scalars(
        to_change(select(OrganisationProposal).where(OrganisationProposal.id == unlocked.proposal_id))
    ).one()
    request = session.scalars(to_change(select(AccessRequest).where(AccessRequest.id == proposal.request_id))).one()
    task = lock_task(session, decision.task_id, decision.seen_version)
    if request.status != OPEN:
        raise ConflictError("request_over", REQUEST_OVER)
    person = applicant_person(session, installation.keys, request)
    applicant = applicant_somebody(session, installation.keys, request, person)
    if same_human(somebody(session, actor), applicant):
        raise ForbiddenError("not_for_yourself", OWN_REQUEST)
    close_decided(session, task, actor, authority, approve=decision.approve)
    if not decision.approve:
        proposal.decided_at, proposal.refused_reason = clock.now(), reason
        _refuse(session, request, reason)
        return None
    organisation = _admit(session, proposal)
    request.organisation_id = organisation.id
    try:
        session.flush()
    except IntegrityError as error:
        raise WorldChangedError from error
    audit.record(session, "access:request:readdress", subject_id=request.id, organisation_id=organisation.id)
    new_task, _ = open_request_task(session, installation, request, organisation, person.id if person else None)
    deciders = deciders_told(session, new_task, typed=request.identity_source == TYPED)
    up = who_is_up(installation.catalogue, new_task, organisation, in_place=deciders.in_place, nobody=deciders.nobody)
    put_mail(
        session,
        "organisation_admitted",
        request.email,
        key=f"proposal:{proposal.id}",
        language=request.language,
        facts={**request_facts(request, organisation.name), "who_is_up": both(up)},
        link=tracking(session, request),
        subject_id=request.id,
    )
    return organisation


def _admit(session: Session, proposal: OrganisationProposal) -> Organisation:
    known = session.scalar(
        select(Organisation.id).where(
            Organisation.ended_at.is_(None), (Organisation.kbo == proposal.kbo) | (Organisation.code == proposal.kbo)
        )
    )
    if known is not None:
        raise ConflictError("organisation_known", ORGANISATION_KNOWN)
    organisation = Organisation(
        id=uuid.uuid4(),
        code=proposal.kbo,
        kbo=proposal.kbo,
        target_group=proposal.target_group,
        organisation_type=proposal.organisation_type,
        name=proposal.name,
        search_text=search_text(
            name=proposal.name, municipality=proposal.address, kbo=proposal.kbo, ovo=None, nis=None
        ),
        created_at=clock.now(),
    )
    session.add(organisation)
    try:
        session.flush()
    except IntegrityError as error:
        raise WorldChangedError from error
    proposal.decided_at, proposal.organisation_id = clock.now(), organisation.id
    audit.record(
        session,
        "access:organisation:admit",
        subject_id=organisation.id,
        organisation_id=organisation.id,
        details={"proposal": proposal.id, "kbo": proposal.kbo},
    )
    return organisation


def _refuse(session: Session, request: AccessRequest, reason: str) -> None:
    request.status, request.closed_at, request.reason = REJECTED, clock.now(), reason
    request.number_sealed = None
    audit.record(session, "access:organisation:refuse", subject_id=request.id)
    put_mail(
        session,
        "admission_refused",
        request.email,
        key=f"request:{request.id}",
        language=request.language,
        facts={key: value for key, value in request_facts(request, "").items() if key != "organisation_name"}
        | {"reason": reason},
        link=tracking(session, request),
        subject_id=request.id,
    )


REQUEST_OVER = Text("Deze vraag staat niet meer open.", "This request is no longer open.")
OWN_REQUEST = Text("Over uw eigen vraag beslist u niet zelf", "You do not decide on your own request")
ORGANISATION_KNOWN = Text(
    "Intussen staat er een organisatie met dit KBO-nummer in de lijst. Keur deze vraag af en vraag om die te kiezen.",
    "An organisation with this KBO number has come into the list. Turn this one down and ask to choose that one.",
)
