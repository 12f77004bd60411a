"""settle_run_out_deputies: what the clock ended is ended in writing (lifecycles §0). They count by derivation."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock
from broker.database import to_change
from broker.people.deputy import Deputy
from broker.people.end_deputyships import EXPIRED, end_deputyships

AT_ONCE = 200


def settle_run_out_deputies(session: Session) -> bool:
    """End a batch of deputyships whose last day is over; whether there may be more."""
    deputies = session.scalars(
        to_change(
            select(Deputy)
            .where(Deputy.ended_at.is_(None), Deputy.valid_until <= clock.now())
            .order_by(Deputy.id)
            .limit(AT_ONCE)
        )
    ).all()
    end_deputyships(session, deputies, ended_by=None, reason=EXPIRED)
    return len(deputies) == AT_ONCE
