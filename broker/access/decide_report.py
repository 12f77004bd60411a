"""decide_report: an administrator ends the right of a colleague who was reported, or lets it be (seed 000, lifecycles §2).

Approving a report ends the right, and the person reads the reason of the administrator; never the words of who reported, nor who
that was. Those words go as soon as it is settled. Nobody decides on a report about himself (threats rule 6).
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.access.decision import (
    Decision,
    cleaned_reason,
    close_decided,
    lock_authority,
    lock_organisation,
    lock_task,
    task_for,
)
from broker.access.end_right import end_as_administrator
from broker.access.grant import Grant
from broker.access.load_case import about_themselves
from broker.access.report import Report
from broker.access.task import FOR_REPORT
from broker.database import to_change
from broker.errors import ForbiddenError, NotFoundError
from broker.installation import Installation
from broker.people.person import Person
from broker.text import Text

NOT_ABOUT_YOURSELF = Text(
    "Over uw eigen recht beslist u niet zelf. Een collega-beheerder doet dat.",
    "You do not decide on your own right. A fellow administrator does.",
)


@dataclass(frozen=True, slots=True)
class ReportDecided:
    """Whether the right stopped by it; it may have stopped before."""

    ended: bool


def decide_report(session: Session, installation: Installation, actor: uuid.UUID, decision: Decision) -> ReportDecided:
    """Approving ends the right now, with a reason; rejecting leaves it as it is.

    Raises:
        NotFoundError: no such task in the pools of `actor`.
        ForbiddenError: the mandate ended, or it is about the actor.
        ConflictError: decided already, or changed since the page was shown.
        InvalidError: no reason for an end.
    """
    reason = cleaned_reason(decision.reason, required=decision.approve)
    unlocked, authority = task_for(session, actor, decision.task_id)
    if unlocked.kind != FOR_REPORT:
        raise NotFoundError("task_unknown")
    lock_organisation(session, unlocked.organisation_id)
    authority = lock_authority(session, actor, unlocked, authority)
    report = session.get_one(Report, unlocked.report_id)
    holder_id = session.scalars(select(Grant.person_id).where(Grant.id == report.grant_id)).one()
    person = session.scalars(to_change(select(Person).where(Person.id == holder_id))).one()
    task = lock_task(session, decision.task_id, decision.seen_version)
    if about_themselves(session, actor, task.pool_key, person.id):
        raise ForbiddenError("not_for_yourself", NOT_ABOUT_YOURSELF)
    grant = session.scalars(to_change(select(Grant).where(Grant.id == report.grant_id))).one()
    close_decided(session, task, actor, authority, approve=decision.approve)
    report.note = ""
    if not decision.approve or grant.ended_at is not None:
        return ReportDecided(ended=False)
    end_as_administrator(session, installation, actor, grant, person, reason, in_place=authority.in_place)
    return ReportDecided(ended=True)
