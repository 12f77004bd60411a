"""vacancy: an organisation lost whoever appointed or decided there; the officers get a task (lifecycles §5, threats AP3).

Requests need no such task: where no administrator can decide they resolve to the officer by derivation (`pool`). This one asks for
somebody new. Owns when an organisation is vacant, opening the task and closing it when somebody is appointed. The organisation is
locked for a change by whoever calls, so that there is one task at a time and its ground still holds.
"""

import uuid

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.open_task import open_vacancy_task
from broker.access.task import APPROVED, FOR_VACANCY, Task
from broker.database import to_change
from broker.installation import Installation
from broker.people.living_mandates import living_rows
from broker.people.mandate import HEAD_LOCAL_ADMIN, LOCAL_KINDS, Mandate
from broker.people.mandate_authority import lock_organisation
from broker.people.organisation import Organisation
from broker.people.person import Person

AT_ONCE = 100


def open_vacancy(session: Session, installation: Installation, organisation: Organisation) -> None:
    """Tell the officers, unless they have that task already."""
    if open_vacancy_at(session, organisation.id) is None:
        open_vacancy_task(session, installation, organisation)


def open_vacancy_at(session: Session, organisation_id: uuid.UUID) -> Task | None:
    """The open task about this organisation, locked."""
    return session.scalar(
        to_change(
            select(Task).where(
                Task.organisation_id == organisation_id, Task.kind == FOR_VACANCY, Task.closed_at.is_(None)
            )
        )
    )


def fill_vacancy(session: Session, organisation_id: uuid.UUID, mandate: Mandate) -> None:
    """Somebody was appointed head: the task is done, by whoever appointed them."""
    task = open_vacancy_at(session, organisation_id)
    if task is None or mandate.kind != HEAD_LOCAL_ADMIN or mandate.appointed_by is None:
        return
    task.decision, task.decided_by = APPROVED, mandate.appointed_by
    task.closed_at, task.close_reason, task.version = clock.now(), "decided", task.version + 1
    audit.record(
        session,
        "access:task:decide",
        subject_id=task.id,
        organisation_id=organisation_id,
        details={"decision": APPROVED, "appointed": mandate.id},
    )


def vacant_organisations(session: Session) -> list[uuid.UUID]:
    """Organisations that had a head, or administrators, and have none left who counts or has only to sign in, and of which the
    officers were not told since; at most a hundred, by id."""
    return list(
        session.scalars(
            select(Organisation.id)
            .where(Organisation.ended_at.is_(None), or_(_lost((HEAD_LOCAL_ADMIN,)), _lost(LOCAL_KINDS)))
            .order_by(Organisation.id)
            .limit(AT_ONCE)
        )
    )


def _lost(kinds: tuple[str, ...]) -> ColumnElement[bool]:
    """A condition: there were mandates of these kinds, none counts now, and the officers do not know."""
    now = clock.now()
    theirs = and_(Mandate.organisation_id == Organisation.id, Mandate.kind.in_(kinds))
    living = living_rows(now).with_only_columns(Mandate.organisation_id).where(Mandate.kind.in_(kinds))
    to_sign_in = (
        select(Mandate.id)
        .join(Person, Person.id == Mandate.person_id)
        .where(
            theirs,
            Mandate.not_over(now),
            Person.state == "unlinked",
        )
    )
    over_since = (
        select(func.max(func.coalesce(Mandate.ended_at, Mandate.valid_until, Mandate.valid_from)))
        .where(theirs)
        .scalar_subquery()
    )
    told = select(Task.id).where(
        Task.organisation_id == Organisation.id,
        Task.kind == FOR_VACANCY,
        or_(Task.closed_at.is_(None), Task.closed_at >= over_since),
    )
    return and_(
        select(Mandate.id).where(theirs).exists(),
        Organisation.id.not_in(living),
        ~to_sign_in.exists(),
        ~told.exists(),
    )


def tell_vacancy(session: Session, installation: Installation, organisation_id: uuid.UUID) -> None:
    """Open the task where the organisation still is vacant; nothing where somebody was appointed meanwhile."""
    lock_organisation(session, organisation_id)
    vacant = session.scalar(
        select(Organisation).where(
            Organisation.id == organisation_id,
            Organisation.ended_at.is_(None),
            or_(_lost((HEAD_LOCAL_ADMIN,)), _lost(LOCAL_KINDS)),
        )
    )
    if vacant is not None:
        open_vacancy(session, installation, vacant)
