"""end_own_session: somebody ends a session of theirs from another browser: a device they left, or one they do not know.

Whatever applications hold of it ends too, also what goes on without a browser: who ends a session from afar means all of it.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock
from broker.authentication.browser_session import BrowserSession
from broker.authentication.client_session import ClientSession
from broker.authentication.end_session import end_row
from broker.authentication.revoke_client_sessions import revoke_client_sessions
from broker.database import to_change
from broker.errors import NotFoundError
from broker.installation import Installation

REASON = "ended_by_person"


def end_own_session(session: Session, installation: Installation, actor: uuid.UUID, session_id: uuid.UUID) -> None:
    """End one BrowserSession of `actor`; one that has ended already stays as it is.

    Raises:
        NotFoundError: not a session of `actor`.
    """
    row = session.scalar(to_change(select(BrowserSession).where(BrowserSession.id == session_id)))
    if row is None or row.person_id != actor:
        raise NotFoundError("session_unknown")
    _end(session, installation, row)


def end_other_sessions(session: Session, installation: Installation, actor: uuid.UUID, this: uuid.UUID) -> int:
    """End every other BrowserSession of `actor` than `this`, and what outlived one that ended; how many there were."""
    rows = session.scalars(
        to_change(
            select(BrowserSession)
            .where(BrowserSession.person_id == actor, BrowserSession.id != this, BrowserSession.ended_at.is_(None))
            .order_by(BrowserSession.id)
        )
    ).all()
    for row in rows:
        _end(session, installation, row)
    left = session.scalars(
        select(ClientSession.browser_session_id)
        .where(
            ClientSession.person_id == actor,
            ClientSession.browser_session_id != this,
            ClientSession.revoked_at.is_(None),
            ClientSession.expires_at > clock.now(),
        )
        .distinct()
    ).all()
    for browser_session_id in sorted(left):
        revoke_client_sessions(session, installation, REASON, browser_session_id=browser_session_id)
    return len({row.id for row in rows} | set(left))


def _end(session: Session, installation: Installation, row: BrowserSession) -> None:
    if row.ended_at is None:
        end_row(session, installation, row, clock.now(), REASON)
    revoke_client_sessions(session, installation, REASON, browser_session_id=row.id)
