"""end_session: somebody signs out, or is signed out. Whatever applications hold of that session ends with it."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.authentication.browser_session import BrowserSession
from broker.authentication.revoke_client_sessions import revoke_client_sessions
from broker.installation import Installation


def end_session(session: Session, installation: Installation, session_id: uuid.UUID, reason: str) -> None:
    """End one BrowserSession for `reason` (a code, e.g. `signed_out`); one that has ended already stays as it is."""
    row = session.scalar(
        select(BrowserSession)
        .where(BrowserSession.id == session_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if row is not None and row.ended_at is None:
        end_row(session, row, clock.now(), reason)


def end_row(session: Session, row: BrowserSession, now: datetime, reason: str) -> None:
    """End a row that the caller has locked. One that ran out ends at the instant the clock ended it."""
    ran_out = not row.living(now)
    reason = "expired" if ran_out else reason
    row.end(row.ends_at if ran_out else now, reason)
    if not ran_out:
        revoke_client_sessions(session, reason, browser_session_id=row.id)
    audit.record(
        session,
        "authentication:session:end",
        subject_id=row.person_id,
        details={"session": row.id, "reason": reason},
    )
