"""settle_sessions: write the end of sessions that the clock has ended, and erase what they held of their person."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from broker import clock
from broker.authentication.browser_session import ABSOLUTE, IDLE, BrowserSession
from broker.authentication.end_session import end_row
from broker.installation import Installation

AT_ONCE = 500


def settle_sessions(session: Session, installation: Installation) -> int:
    """End up to 500 sessions that ran out; how many. Housekeeping calls it until there are none."""
    now = clock.now()
    rows = session.scalars(
        select(BrowserSession)
        .where(
            BrowserSession.ended_at.is_(None),
            or_(BrowserSession.last_seen <= now - IDLE, BrowserSession.created_at <= now - ABSOLUTE),
        )
        .order_by(BrowserSession.id)
        .limit(AT_ONCE)
        .with_for_update(key_share=True, skip_locked=True)
    ).all()
    for row in rows:
        end_row(session, row, now, "expired")
    return len(rows)
