"""open_task: put one decision before one pool, and tell everybody in it. Part of the operations that open one; no door calls it."""

import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.access_request import DIGITAL_KEY, AccessRequest
from broker.access.label import Label
from broker.access.organisation_proposal import OrganisationProposal
from broker.access.pool import Deciders, deciders_of
from broker.access.request_limits import digest_instead
from broker.access.task import FOR_ADMISSION, FOR_LABEL, FOR_REQUEST, Task
from broker.installation import Installation
from broker.notifications import put_mail
from broker.people.mandate import officer_scope, organisation_scope
from broker.people.organisation import Organisation


def open_request_task(
    session: Session,
    installation: Installation,
    request: AccessRequest,
    organisation: Organisation,
    applicant_person_id: uuid.UUID | None,
) -> tuple[Task, Deciders]:
    """The task of the local administrators of `organisation` for `request`."""
    task = Task(
        kind=FOR_REQUEST,
        request_id=request.id,
        pool_key=organisation_scope(organisation.id),
        organisation_id=organisation.id,
        target_group=request.target_group,
        organisation_type=request.organisation_type,
        application_code=request.application_code,
        applicant_person_id=applicant_person_id,
        opened_at=clock.now(),
    )
    facts = {
        "right_code": request.right_code,
        "context_code": request.context_code,
        "organisation_name": organisation.name,
        # A typed name is the applicant's word only: it stays out of mails until somebody decided (threats SR7).
        "applicant_name": request.full_name if request.identity_source == DIGITAL_KEY else None,
    }
    return task, _open(session, installation, task, facts)


def open_label_task(
    session: Session, installation: Installation, label: Label, organisation: Organisation
) -> tuple[Task, Deciders]:
    """The task of the officers for `label`: one per organisation, however many requests wait for it."""
    task = Task(
        kind=FOR_LABEL,
        label_id=label.id,
        pool_key=officer_scope(label.target_group, label.organisation_type),
        organisation_id=organisation.id,
        target_group=label.target_group,
        organisation_type=label.organisation_type,
        application_code=label.application_code,
        opened_at=clock.now(),
    )
    return task, _open(
        session, installation, task, {"label_code": label.label_code, "organisation_name": organisation.name}
    )


def open_admission_task(
    session: Session, installation: Installation, request: AccessRequest, proposal: OrganisationProposal
) -> tuple[Task, Deciders]:
    """The task of the officers to admit an organisation that was not in the list."""
    task = Task(
        kind=FOR_ADMISSION,
        proposal_id=proposal.id,
        pool_key=officer_scope(proposal.target_group, proposal.organisation_type),
        target_group=proposal.target_group,
        organisation_type=proposal.organisation_type,
        application_code=request.application_code,
        applicant_person_id=request.person_id,
        opened_at=clock.now(),
    )
    facts = {"right_code": request.right_code, "context_code": request.context_code, "organisation_name": None}
    return task, _open(session, installation, task, facts)


def _open(session: Session, installation: Installation, task: Task, facts: dict[str, str | None]) -> Deciders:
    session.add(task)
    session.flush()
    audit.record(
        session,
        "access:task:open",
        subject_id=task.id,
        organisation_id=task.organisation_id,
        details={"kind": task.kind, "request": task.request_id, "label": task.label_id, "proposal": task.proposal_id},
    )
    deciders = deciders_of(session, task)
    tell_deciders(session, installation, task, deciders, facts)
    return deciders


def tell_deciders(
    session: Session, installation: Installation, task: Task, deciders: Deciders, facts: dict[str, str | None]
) -> None:
    """A mail to everybody who may decide; a digest where the hour is busy; the operator where there is nobody."""
    since = task.opened_at.isoformat()
    if deciders.nobody:
        put_mail(
            session,
            "operator_told",
            installation.settings.operator_email,
            key=f"task:{task.id}",
            facts={
                "sentence": {
                    "nl": "Een taak wacht en niemand kan ze beslissen: er is geen beheerder en geen verantwoordelijke.",
                    "en": "A task waits and nobody can decide it: there is no administrator and no officer.",
                },
                "task_id": str(task.id),
            },
            subject_id=task.id,
        )
        return
    busy = digest_instead(session, task.pool_key)
    for member in deciders.members:
        if member.email is None:
            continue
        if busy:
            put_mail(
                session,
                "task_digest",
                member.email,
                key=f"digest:{task.pool_key}:{task.opened_at:%Y%m%d%H}",
                language=member.language,
                facts={
                    "application_code": task.application_code,
                    "task_count": open_in_pool(session, task.pool_key),
                    "organisation_name": facts["organisation_name"],
                },
            )
            continue
        template = "no_administrator" if deciders.in_place else "task_waiting"
        message = {
            "task_id": str(task.id),
            "application_code": task.application_code,
            "since": since,
            "given_name": member.full_name.split(" ")[0],
            **({"task_kind": task.kind, **facts} if template == "task_waiting" else _without_applicant(facts)),
        }
        put_mail(
            session,
            template,
            member.email,
            key=f"task:{task.id}",
            language=member.language,
            facts=message,
            subject_id=task.id,
        )


def _without_applicant(facts: dict[str, str | None]) -> dict[str, str | None]:
    return {name: value for name, value in facts.items() if name != "applicant_name"}


def open_in_pool(session: Session, pool_key: str) -> int:
    """How many tasks wait in one pool."""
    return session.scalar(select(func.count()).where(Task.pool_key == pool_key, Task.closed_at.is_(None))) or 0
