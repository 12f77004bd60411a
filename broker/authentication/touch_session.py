"""touch_session: remember that somebody was here, at most once a minute. The one thing that a GET may write."""

import uuid
from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from broker import clock
from broker.authentication.browser_session import BrowserSession
from broker.installation import Installation

EVERY = timedelta(minutes=1)


def touch_session(session: Session, installation: Installation, session_id: uuid.UUID) -> None:
    """Set `last_seen` to now, unless another request did so within the minute, or the session has ended."""
    now = clock.now()
    session.execute(
        update(BrowserSession)
        .where(
            BrowserSession.id == session_id,
            BrowserSession.ended_at.is_(None),
            BrowserSession.last_seen <= now - EVERY,
        )
        .values(last_seen=now)
        .execution_options(synchronize_session=False)
    )
