"""remind_deciders: the clock's own work on tasks that wait (lifecycles §2; seed 000: "kan enige tijd in beslag nemen").

After the working days that the policy says, everybody who may decide is reminded; later the officer of that kind of
organisation may decide as well. A task that somebody has taken on is left alone until that claim lapses. Each step happens once.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.access_request import DIGITAL_KEY, AccessRequest
from broker.access.decision import lock_task
from broker.access.label import Label
from broker.access.open_task import open_in_pool, tell_desk_task
from broker.access.pool import deciders_of
from broker.access.task import BY_ADMINISTRATORS, FOR_DOUBT, FOR_NOMINATION, FOR_REPORT, FOR_REQUEST, FOR_VACANCY, Task
from broker.catalogue import Catalogue
from broker.errors import ConflictError
from broker.installation import Installation
from broker.notifications import both, put_mail
from broker.people.living_mandates import PoolMember, pool_members
from broker.people.mandate import officer_scope
from broker.people.organisation import Organisation
from broker.text import Text
from broker.working_days import working_days_ago

AT_ONCE = 200
ONE_BY_ONE = 3  # so many waiting tasks in a pool are a mail each
REMIND_AFTER, ESCALATE_AFTER = (3, 7), 14  # working days, of a task that is of no application

NO_OFFICER = Text(
    "Een taak wacht al lang en er is geen verantwoordelijke voor dat soort organisaties die kan beslissen.",
    "A task has waited for long and there is no officer for that kind of organisation who could decide it.",
)


def tasks_that_wait(session: Session, catalogue: Catalogue) -> list[uuid.UUID]:
    """Open tasks for which a reminder or the escalation is due, the oldest first; at most two hundred."""
    now = clock.now()
    pace = [(each.code, each.remind_after, each.escalate_after) for each in catalogue.applications.values()]
    conditions = []
    for code, remind_after, escalate_after in (*pace, ("", REMIND_AFTER, ESCALATE_AFTER)):
        of_application = Task.application_code == code
        for count, days in enumerate(remind_after, start=1):
            conditions.append(
                and_(of_application, Task.reminders < count, Task.opened_at < working_days_ago(now, days))
            )
        conditions.append(
            and_(
                of_application,
                Task.kind.in_(BY_ADMINISTRATORS),
                Task.escalated_at.is_(None),
                Task.opened_at < working_days_ago(now, escalate_after),
            )
        )
    return list(
        session.scalars(
            select(Task.id)
            .where(
                Task.closed_at.is_(None),
                or_(Task.claimed_until.is_(None), Task.claimed_until <= now),
                or_(*conditions),
            )
            .order_by(Task.opened_at)
            .limit(AT_ONCE)
        )
    )


def remind_deciders(session: Session, installation: Installation, task_id: uuid.UUID) -> None:
    """Do what is due for one task; nothing where it was decided or taken on meanwhile.

    Reminders that were missed while no worker ran are one mail, not several.
    """
    try:
        task = lock_task(session, task_id)
    except ConflictError:
        return
    now = clock.now()
    application = installation.catalogue.applications.get(task.application_code)
    if task.claimed_at(now) or (application is None and task.application_code):
        return  # somebody is at it, or the policies no longer know its application
    remind_after = application.remind_after if application else REMIND_AFTER
    escalate_after = application.escalate_after if application else ESCALATE_AFTER
    reached = sum(task.opened_at < working_days_ago(now, days) for days in remind_after)
    if reached > task.reminders:
        task.reminders = reached
        _record(session, "access:task:remind", task, number=reached)
        _remind(session, task, reached, now)
    if (
        task.kind in BY_ADMINISTRATORS
        and task.escalated_at is None
        and task.opened_at < working_days_ago(now, escalate_after)
    ):
        _escalate(session, installation, task, now)


def _remind(session: Session, task: Task, number: int, now: datetime) -> None:
    """A mail about this task; where many wait in the pool, one mail a day about all of them."""
    members = deciders_of(session, task).members
    if task.kind in (FOR_REPORT, FOR_DOUBT, FOR_VACANCY, FOR_NOMINATION):
        tell_desk_task(session, task, session.get_one(Organisation, task.organisation_id), members, reminder=number)
        return
    waiting = open_in_pool(session, task.pool_key)
    if waiting <= ONE_BY_ONE:
        _tell(session, task, members, "task_reminder", f"remind:{number}")
        return
    organisation = session.get(Organisation, task.organisation_id) if task.organisation_id else None
    for member in members:
        if member.email is not None:
            put_mail(
                session,
                "task_digest",
                member.email,
                key=f"reminders:{task.pool_key}:{clock.local_date(now)}",
                language=member.language,
                facts={
                    "application_code": task.application_code,
                    "task_count": waiting,
                    "organisation_name": organisation.name if organisation else None,
                    "given_name": member.given_name,
                    "reminder": True,
                },
            )


def _escalate(session: Session, installation: Installation, task: Task, now: datetime) -> None:
    """From now on the officers may decide it too (`pool.authority_over`)."""
    task.escalated_at = now
    _record(session, "access:task:escalate", task)
    officers = [
        each
        for each in pool_members(session, officer_scope(task.target_group, task.organisation_type))
        if each.person_id != task.applicant_person_id
    ]
    if officers and task.kind == FOR_REQUEST:
        _tell(session, task, officers, "task_escalated", "escalate")
        return
    if officers:
        organisation = session.get_one(Organisation, task.organisation_id)
        tell_desk_task(session, task, organisation, officers, reminder=task.reminders + 1)
        return
    put_mail(
        session,
        "operator_told",
        installation.settings.operator_email,
        key=f"escalate:{task.id}",
        facts={"sentence": both(NO_OFFICER), "task_id": str(task.id)},
        subject_id=task.id,
    )


def _tell(session: Session, task: Task, members: Sequence[PoolMember], template: str, occasion: str) -> None:
    request = session.get(AccessRequest, task.request_id) if task.request_id else None
    label = session.get(Label, task.label_id) if task.label_id else None
    organisation = session.get(Organisation, task.organisation_id) if task.organisation_id else None
    named = request is not None and request.identity_source == DIGITAL_KEY  # threats SR7
    for member in members:
        if member.email is None:
            continue
        put_mail(
            session,
            template,
            member.email,
            key=f"{occasion}:{task.id}",
            language=member.language,
            facts={
                "application_code": task.application_code,
                "task_id": str(task.id),
                "task_kind": task.kind,
                "since": task.opened_at.isoformat(),
                "decide_before": _last_day(request),
                "given_name": member.given_name,
                "right_code": request.right_code if request else None,
                "context_code": request.context_code if request else None,
                "label_code": label.label_code if label else None,
                "organisation_name": organisation.name if organisation else None,
                "applicant_name": request.full_name if request and named else None,
            },
            subject_id=task.id,
        )


def _last_day(request: AccessRequest | None) -> str | None:
    """The last day on which the request can be decided."""
    if request is None or request.decide_before is None:
        return None
    return clock.last_day(request.decide_before).isoformat()


def _record(session: Session, event: str, task: Task, **details: int) -> None:
    audit.record(session, event, subject_id=task.id, organisation_id=task.organisation_id, details={**details})
