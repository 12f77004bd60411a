"""touch_session: remember that somebody was here, at most once a minute. The one thing that a GET may write."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from broker import clock
from broker.authentication.browser_session import BrowserSession
from broker.database import perform
from broker.errors import BusyError
from broker.installation import Installation
from serving.at_once import about_to_wait

EVERY = timedelta(minutes=1)


def note_presence(installation: Installation, session_id: uuid.UUID, last_seen: datetime) -> None:
    """The person did something just now in a living session, last seen at `last_seen`: write so if that is a minute ago.

    In a transaction of its own. A busy database is no reason to refuse what the person came for: the next time writes it.
    """
    if clock.now() - last_seen < EVERY:
        return
    about_to_wait()  # a change of its own, beside what the person came for
    try:
        perform(touch_session, installation, session_id)
    except BusyError:
        return


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
