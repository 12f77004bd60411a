"""lapse_email_changes: addresses that nobody proved within their day are forgotten. Their links ran out by themselves."""

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from broker import clock
from broker.people.email_change import LAPSED, WAITS, EmailChange


def lapse_email_changes(session: Session) -> int:
    """Close what waited for a day, in one statement; how many."""
    now = clock.now()
    result = session.execute(
        update(EmailChange)
        .where(EmailChange.ended_at.is_(None), EmailChange.asked_at <= now - WAITS)
        .values(ended_at=now, outcome=LAPSED, address_sealed=None)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount
