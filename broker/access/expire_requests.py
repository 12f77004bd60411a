"""What the clock ends: requests that nobody decided in time, and requests whose address was never proved (lifecycles §1).

Run by the worker; each a transaction of its own. Reading never waits for it.
"""

import uuid
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.access_request import EXPIRED, OPEN, UNPROVED, AccessRequest
from broker.access.organisation_proposal import OrganisationProposal
from broker.access.tell_decision import request_facts, tracking
from broker.access.withdraw_request import close_open_request
from broker.database import to_change
from broker.installation import Installation
from broker.notifications import put_mail
from broker.people.one_time_link import OneTimeLink
from broker.people.organisation import Organisation

UNPROVED_FOR = timedelta(hours=24)
AT_ONCE = 100


def overdue_requests(session: Session) -> list[uuid.UUID]:
    """The open requests whose `decide_before` has passed, at most a hundred."""
    return list(
        session.scalars(
            select(AccessRequest.id)
            .where(AccessRequest.status == OPEN, AccessRequest.decide_before <= clock.now())
            .order_by(AccessRequest.decide_before)
            .limit(AT_ONCE)
        )
    )


def expire_request(session: Session, installation: Installation, request_id: uuid.UUID) -> None:
    """Expire one overdue request, if it still is; the applicant may ask again."""
    request = session.scalars(to_change(select(AccessRequest).where(AccessRequest.id == request_id))).one()
    if request.status != OPEN or request.decide_before is None or request.decide_before > clock.now():
        return
    close_open_request(session, request, EXPIRED)
    audit.record(session, "access:request:expire", subject_id=request.id, organisation_id=request.organisation_id)
    organisation = session.get(Organisation, request.organisation_id) if request.organisation_id else None
    put_mail(
        session,
        "expired",
        request.email,
        key=f"request:{request.id}",
        language=request.language,
        facts=request_facts(request, organisation.name if organisation else ""),
        link=tracking(session, request),
        subject_id=request.id,
    )


def forget_unproved(session: Session) -> int:
    """Delete what was never proved within a day: it was nobody's request yet (threats SR8). How many."""
    old = list(
        session.scalars(
            select(AccessRequest.id)
            .where(AccessRequest.status == UNPROVED, AccessRequest.created_at < clock.now() - UNPROVED_FOR)
            .limit(AT_ONCE)
        )
    )
    if old:
        session.execute(delete(OneTimeLink).where(OneTimeLink.subject_id.in_(old)))
        session.execute(delete(OrganisationProposal).where(OrganisationProposal.request_id.in_(old)))
        session.execute(delete(AccessRequest).where(AccessRequest.id.in_(old), AccessRequest.status == UNPROVED))
        audit.record(session, "access:request:forget", details={"count": len(old)})
    return len(old)
