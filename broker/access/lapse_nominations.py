"""lapse_nominations: a nomination that nobody answered within the working days of its application lapses, and so does one whose
task was closed for another reason (an organisation that ended). Whoever asked is told, and what they typed is erased.

Run by the worker; each a transaction of its own.
"""

import uuid

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.access_request import EXPIRED
from broker.access.nomination import Nomination
from broker.access.settle_nomination import LAPSED, lock_nomination, settle_nomination
from broker.access.task import Task
from broker.catalogue import Catalogue
from broker.database import to_change
from broker.working_days import working_days_ago

AT_ONCE = 100
WORKING_DAYS = 30  # of an application that the policies no longer know


def overdue_nominations(session: Session, catalogue: Catalogue) -> list[uuid.UUID]:
    """The unanswered nominations whose days are over, or whose task is closed already; the oldest hundred."""
    now = clock.now()
    days = {each.code: each.decide_within_days for each in catalogue.applications.values()}
    over = [
        and_(Nomination.application_code == code, Nomination.created_at < working_days_ago(now, count))
        for code, count in days.items()
    ]
    unknown = Nomination.application_code.not_in(days)
    over.append(and_(unknown, Nomination.created_at < working_days_ago(now, WORKING_DAYS)))
    return list(
        session.scalars(
            select(Nomination.id)
            .join(Task, Task.nomination_id == Nomination.id)
            .where(Nomination.settled_at.is_(None), or_(Task.closed_at.is_not(None), *over))
            .order_by(Nomination.created_at)
            .limit(AT_ONCE)
        )
    )


def lapse_nomination(session: Session, nomination_id: uuid.UUID) -> None:
    """Lapse one of `overdue_nominations`, unless somebody answered it meanwhile."""
    task = session.scalars(to_change(select(Task).where(Task.nomination_id == nomination_id))).one()
    nomination = lock_nomination(session, nomination_id)
    if nomination.settled_at is not None:
        return
    if task.closed_at is None:
        task.closed_at, task.close_reason, task.version = clock.now(), EXPIRED, task.version + 1
    audit.record(session, "access:account:lapse", subject_id=nomination.id, organisation_id=nomination.organisation_id)
    settle_nomination(session, nomination, LAPSED)
