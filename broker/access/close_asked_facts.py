"""close_asked: a question ends, and its answer goes with it (threats NR3). Part of the operations that end one.

Also the clock's own job: what ran out, what is about a request or job that is over, what was asked under a mandate that ended.
"""

import uuid

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.access_request import OPEN, AccessRequest
from broker.access.asked_facts import EXPIRED, MANDATE_ENDED, USED, AskedFacts
from broker.access.asker import still_asks
from broker.database import to_change
from broker.people.affiliation import Affiliation
from broker.people.mandate import Mandate
from broker.people.one_time_link import ASK_NUMBER, revoke_links

AT_ONCE = 100


def close_asked(session: Session, asked: AskedFacts, reason: str) -> None:
    """End one question that the caller locked: nothing of the answer or of why it was asked stays."""
    asked.closed_at, asked.close_reason = clock.now(), reason
    asked.answer_sealed = None
    asked.reasons = {}
    revoke_links(session, ASK_NUMBER, asked.id)
    audit.record(
        session,
        "access:facts:close",
        subject_id=asked.id,
        organisation_id=asked.organisation_id,
        details={"reason": reason},
    )


def close_asked_of(session: Session, request_id: uuid.UUID) -> None:
    """The request was decided: what was asked for it has been used."""
    asked = session.scalar(
        to_change(select(AskedFacts).where(AskedFacts.request_id == request_id, AskedFacts.closed_at.is_(None)))
    )
    if asked is not None:
        close_asked(session, asked, USED)


def close_run_out(session: Session) -> int:
    """End some of the questions whose time or reason is over; how many."""
    now = clock.now()
    over = (
        select(AskedFacts.id)
        .outerjoin(AccessRequest, AccessRequest.id == AskedFacts.request_id)
        .outerjoin(Affiliation, Affiliation.id == AskedFacts.affiliation_id)
        .join(Mandate, Mandate.id == AskedFacts.mandate_id)
        .where(
            AskedFacts.closed_at.is_(None),
            or_(
                AskedFacts.expires_at <= now,
                AccessRequest.status != OPEN,
                Affiliation.ended_at.is_not(None),
                Mandate.ended_at.is_not(None),
                Mandate.valid_until <= now,
            ),
        )
        .limit(AT_ONCE)
    )
    found = session.scalars(over).all()
    for asked in session.scalars(to_change(select(AskedFacts).where(AskedFacts.id.in_(found)).order_by(AskedFacts.id))):
        if asked.closed_at is None:
            lives = asked.expires_at > now and not still_asks(session, asked)
            close_asked(session, asked, MANDATE_ENDED if lives else EXPIRED)
    return len(found)
