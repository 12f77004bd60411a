"""settle_sessions and settle_client_sessions: write the end of sessions that the clock has ended.

Of those at the broker, what they held of their person is erased; of those of applications, the applications are told.
"""

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from broker import clock
from broker.authentication.browser_session import ABSOLUTE, IDLE, BrowserSession
from broker.authentication.client_session import ClientSession
from broker.authentication.end_session import end_row
from broker.authentication.tell_applications import tell_sessions_ended
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
        end_row(session, installation, row, now, "expired")
    return len(rows)


def settle_client_sessions(session: Session, installation: Installation) -> int:
    """End up to 500 sessions of applications that reached their own limit, and tell their applications; how many.

    No event in the audit: when it would end stood from the beginning.
    """
    now = clock.now()
    sids = session.scalars(
        select(ClientSession.id)
        .where(ClientSession.revoked_at.is_(None), ClientSession.expires_at <= now)
        .order_by(ClientSession.id)
        .limit(AT_ONCE)
        .with_for_update(key_share=True, skip_locked=True)
    ).all()
    if sids:
        session.execute(
            update(ClientSession)
            .where(ClientSession.id.in_(sids))
            .values(revoked_at=ClientSession.expires_at, revoke_reason="expired")
            .execution_options(synchronize_session=False)
        )
        tell_sessions_ended(session, installation, sids, "expired")
    return len(sids)
