"""open_task: put one decision before one pool, and tell everybody in it. Part of the operations that open one; no door calls it."""

import uuid
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.access_request import DIGITAL_KEY, AccessRequest
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.nomination import Nomination
from broker.access.organisation_proposal import OrganisationProposal
from broker.access.pool import Deciders, deciders_of
from broker.access.request_limits import digest_instead
from broker.access.task import (
    FOR_ADMISSION,
    FOR_DOUBT,
    FOR_LABEL,
    FOR_NOMINATION,
    FOR_REPORT,
    FOR_REQUEST,
    FOR_VACANCY,
    Task,
)
from broker.installation import Installation
from broker.notifications import put_mail
from broker.people.living_mandates import PoolMember
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


def open_doubt_task(
    session: Session,
    installation: Installation,
    doubted_person_id: uuid.UUID,
    organisation: Organisation,
    application_code: str,
    request_number: str | None,
) -> Task:
    """The task of the local administrators: is who signed in the person whom they meant (threats DG6)?"""
    task = Task(
        kind=FOR_DOUBT,
        doubted_person_id=doubted_person_id,
        pool_key=organisation_scope(organisation.id),
        organisation_id=organisation.id,
        target_group=organisation.target_group,
        organisation_type=organisation.organisation_type,
        application_code=application_code,
        opened_at=clock.now(),
    )
    _open_of_desk(session, installation, task, organisation, request_number)
    return task


def open_report_task(
    session: Session, installation: Installation, report_id: uuid.UUID, grant: Grant, organisation: Organisation
) -> Task:
    """The task of the local administrators: does whoever holds this right still need it?"""
    task = Task(
        kind=FOR_REPORT,
        report_id=report_id,
        pool_key=organisation_scope(organisation.id),
        organisation_id=organisation.id,
        target_group=organisation.target_group,
        organisation_type=organisation.organisation_type,
        application_code=grant.application_code,
        applicant_person_id=grant.person_id,
        opened_at=clock.now(),
    )
    _open_of_desk(session, installation, task, organisation)
    return task


def open_nomination_task(
    session: Session, installation: Installation, nomination: Nomination, organisation: Organisation
) -> Task:
    """The task of the local administrators: does whoever was named get an account?"""
    task = Task(
        kind=FOR_NOMINATION,
        nomination_id=nomination.id,
        pool_key=organisation_scope(organisation.id),
        organisation_id=organisation.id,
        target_group=organisation.target_group,
        organisation_type=organisation.organisation_type,
        application_code=nomination.application_code,
        opened_at=clock.now(),
    )
    _open_of_desk(session, installation, task, organisation)
    return task


def open_vacancy_task(session: Session, installation: Installation, organisation: Organisation) -> Task:
    """The task of the officers: an organisation has nobody left who appoints or decides there."""
    task = Task(
        kind=FOR_VACANCY,
        pool_key=officer_scope(organisation.target_group, organisation.organisation_type),
        organisation_id=organisation.id,
        target_group=organisation.target_group,
        organisation_type=organisation.organisation_type,
        application_code="",  # of no application
        opened_at=clock.now(),
    )
    _open_of_desk(session, installation, task, organisation)
    return task


def _open_of_desk(
    session: Session,
    installation: Installation,
    task: Task,
    organisation: Organisation,
    request_number: str | None = None,
) -> None:
    deciders = _begin(session, task)
    if deciders.nobody or deciders.in_place:
        tell_deciders(session, installation, task, deciders, {"organisation_name": organisation.name})
    else:
        tell_desk_task(session, task, organisation, deciders.members, request_number=request_number)


def tell_desk_task(
    session: Session,
    task: Task,
    organisation: Organisation,
    members: Sequence[PoolMember],
    *,
    reminder: int = 0,
    request_number: str | None = None,
) -> None:
    """A mail to everybody who may decide a task that no applicant waits for; `reminder` counts those sent before."""
    for member in members:
        if member.email is None:
            continue
        put_mail(
            session,
            "desk_task",
            member.email,
            key=f"task:{task.id}:{reminder}",
            language=member.language,
            facts={
                "task_id": str(task.id),
                "task_kind": task.kind,
                "organisation_name": organisation.name,
                "since": task.opened_at.isoformat(),
                "given_name": member.given_name,
                "reminder": reminder > 0 or None,
                "request_number": request_number,
            },
            subject_id=task.id,
        )


def _open(session: Session, installation: Installation, task: Task, facts: dict[str, str | None]) -> Deciders:
    deciders = _begin(session, task)
    tell_deciders(session, installation, task, deciders, facts)
    return deciders


def _begin(session: Session, task: Task) -> Deciders:
    """Write the task; who may decide it now."""
    session.add(task)
    session.flush()
    audit.record(
        session,
        "access:task:open",
        subject_id=task.id,
        organisation_id=task.organisation_id,
        details={"kind": task.kind, "request": task.request_id, "label": task.label_id, "proposal": task.proposal_id},
    )
    return deciders_of(session, task)


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
