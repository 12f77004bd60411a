"""end_organisation_rights: an organisation is no more; what was asked and given there ends in writing (lifecycles §6,
decisions 16).

Everything there stopped counting by derivation the moment the organisation ended (`people.end_organisations`). Here
each row says so, and people are told. One organisation, one transaction; run after an import and by the worker, so
that a killed run is taken up again.
"""

import uuid
from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.access_request import CANCELLED, OPEN, AccessRequest
from broker.access.end_grant import end_locked_grant
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.settle_run_out import settle_run_out_grant
from broker.access.task import Task
from broker.access.tell_decision import tell_cancelled
from broker.access.withdraw_request import close_open_request
from broker.database import WorldChangedError, to_change, to_depend_on
from broker.installation import Installation
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text

ORGANISATION_ENDED = "organisation_ended"
AT_ONCE = 100


def ended_organisations_with_rights(session: Session) -> list[uuid.UUID]:
    """Organisations that have ended and still have an open request, grant or label, at most a hundred, by id."""
    rows = (
        select(AccessRequest.id).where(AccessRequest.organisation_id == Organisation.id, AccessRequest.status == OPEN),
        select(Grant.id).where(Grant.organisation_id == Organisation.id, Grant.ended_at.is_(None)),
        select(Label.id).where(Label.organisation_id == Organisation.id, Label.ended_at.is_(None)),
    )
    return list(
        session.scalars(
            select(Organisation.id)
            .where(Organisation.ended_at.is_not(None), or_(*(each.exists() for each in rows)))
            .order_by(Organisation.id)
            .limit(AT_ONCE)
        )
    )


def end_organisation_rights(session: Session, installation: Installation, organisation_id: uuid.UUID) -> int:
    """Cancel the open requests, end the labels and the grants of an ended organisation; how many rows. A living one
    is left alone.

    Locks in the order of lifecycles §13. Nobody gets a new right there meanwhile: deciders read the organisation
    under its lock.

    Raises:
        WorldChangedError: a grant came in between; run again, it will be seen.
    """
    organisation = session.scalars(to_depend_on(select(Organisation).where(Organisation.id == organisation_id))).one()
    if organisation.living:
        return 0
    people = _lock_people(session, organisation_id)
    requests = session.scalars(
        to_change(
            select(AccessRequest)
            .where(AccessRequest.organisation_id == organisation_id, AccessRequest.status == OPEN)
            .order_by(AccessRequest.id)
        )
    ).all()
    labels = session.scalars(
        to_change(
            select(Label).where(Label.organisation_id == organisation_id, Label.ended_at.is_(None)).order_by(Label.id)
        )
    ).all()
    tasks = session.scalars(
        to_change(
            select(Task).where(Task.organisation_id == organisation_id, Task.closed_at.is_(None)).order_by(Task.id)
        )
    ).all()
    for request in requests:
        _cancel(session, request, organisation)
    end_labels_and_tasks(session, labels, tasks, ORGANISATION_ENDED)
    grants = session.scalars(
        to_change(
            select(Grant).where(Grant.organisation_id == organisation_id, Grant.ended_at.is_(None)).order_by(Grant.id)
        )
    ).all()
    if any(grant.person_id not in people for grant in grants):
        raise WorldChangedError
    for grant in grants:
        _end_grant(session, installation, grant, people[grant.person_id])
    return len(requests) + len(labels) + len(grants)


def _lock_people(session: Session, organisation_id: uuid.UUID) -> dict[uuid.UUID, Person]:
    """Who ends rights locks the persons first, so that a token being issued at that moment sees it."""
    ids = session.scalars(
        select(Grant.person_id).where(Grant.organisation_id == organisation_id, Grant.ended_at.is_(None)).distinct()
    ).all()
    people = session.scalars(to_change(select(Person).where(Person.id.in_(ids)).order_by(Person.id)))
    return {person.id: person for person in people}


def _cancel(session: Session, request: AccessRequest, organisation: Organisation) -> None:
    close_open_request(session, request, CANCELLED)
    audit.record(
        session,
        "access:request:cancel",
        subject_id=request.id,
        organisation_id=organisation.id,
        details={"cause": ORGANISATION_ENDED},
    )
    tell_cancelled(session, request, organisation.name, IS_NO_MORE)


def end_labels_and_tasks(session: Session, labels: Sequence[Label], tasks: Sequence[Task], reason: str) -> None:
    """End the locked labels for `reason`, and close whatever tasks are open still: an organisation's labels never move."""
    now = clock.now()
    for task in tasks:
        if task.closed_at is None:  # those of requests closed with their request
            task.closed_at, task.close_reason, task.version = now, CANCELLED, task.version + 1
    for label in labels:
        label.ended_at, label.end_reason = now, reason
        audit.record(
            session,
            "access:label:end",
            subject_id=label.id,
            organisation_id=label.organisation_id,
            details={"reason": reason},
        )
    session.flush()


def _end_grant(session: Session, installation: Installation, grant: Grant, person: Person) -> None:
    if grant.run_out(clock.now()):
        settle_run_out_grant(session, installation, grant)
        return
    end_locked_grant(session, installation, grant, person, ended_by=None, reason=ORGANISATION_ENDED, cause=IS_NO_MORE)


IS_NO_MORE = Text("Deze organisatie bestaat niet meer.", "This organisation no longer exists.")
