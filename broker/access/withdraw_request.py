"""withdraw_request: the applicant takes a request back while it is open (lifecycles §1); never ends a grant (threats TL3)."""

import uuid

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.access_request import OPEN, WITHDRAWN, AccessRequest
from broker.access.organisation_proposal import OrganisationProposal
from broker.access.task import Task
from broker.access.tell_decision import request_facts, tracking
from broker.database import to_change
from broker.errors import ConflictError
from broker.installation import Installation
from broker.notifications import put_mail
from broker.people.organisation import Organisation
from broker.text import Text


def withdraw_request(session: Session, installation: Installation, request_id: uuid.UUID) -> None:
    """End the open request and its task. The door has checked the tracking link or the sign-in.

    Raises:
        ConflictError: it is no longer open.
    """
    request = session.scalars(to_change(select(AccessRequest).where(AccessRequest.id == request_id))).one()
    if request.status != OPEN:
        raise ConflictError("request_over", ALREADY_OVER)
    close_open_request(session, request, WITHDRAWN)
    audit.record(session, "access:request:withdraw", subject_id=request.id, organisation_id=request.organisation_id)
    organisation = session.get(Organisation, request.organisation_id) if request.organisation_id else None
    put_mail(
        session,
        "withdrawn",
        request.email,
        key=f"request:{request.id}",
        language=request.language,
        facts={
            **request_facts(request, organisation.name if organisation else ""),
            "since": clock.now().isoformat(),
        },
        link=tracking(session, request),
        subject_id=request.id,
    )


def close_open_request(session: Session, request: AccessRequest, status: str) -> None:
    """Close a locked open request and whatever task is open for it, as `withdrawn`, `expired` or `cancelled`."""
    mark_closed(request, status)
    task = session.scalar(
        to_change(
            select(Task).where(
                Task.closed_at.is_(None),
                or_(
                    Task.request_id == request.id,
                    Task.proposal_id.in_(
                        select(OrganisationProposal.id).where(OrganisationProposal.request_id == request.id)
                    ),
                ),
            )
        )
    )
    if task is not None:
        task.closed_at, task.close_reason, task.version = clock.now(), status, task.version + 1


def mark_closed(request: AccessRequest, status: str) -> None:
    """Close the row of a locked open request; whoever closes it closes its task. The number is needed no longer (DESIGN §6)."""
    request.status, request.closed_at, request.number_sealed = status, clock.now(), None


ALREADY_OVER = Text(
    "Over deze aanvraag is al beslist. Intrekken kan niet meer.",
    "This request has been decided already. It can no longer be withdrawn.",
)
