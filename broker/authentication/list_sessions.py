"""list_sessions: who is signed in now, for the operator. Reads only; ids and codes, no names."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock
from broker.authentication.browser_session import BrowserSession
from broker.authentication.client_session import ClientSession


@dataclass(frozen=True, slots=True)
class ListedSession:
    """One living session: at the broker itself (`client_id` None), or of an application, then `offline` says what kind."""

    session_id: uuid.UUID
    person_id: uuid.UUID
    client_id: str | None
    since: datetime
    ends_at: datetime
    offline: bool


def list_sessions(session: Session, person_id: uuid.UUID | None = None, limit: int = 50) -> list[ListedSession]:
    """Living sessions, the newest first, at most `limit`; of one person where that is given."""
    now = clock.now()
    at_broker = select(BrowserSession).where(BrowserSession.ended_at.is_(None))
    of_applications = select(ClientSession).where(
        ClientSession.revoked_at.is_(None), ClientSession.expires_at > now, ClientSession.generation > 0
    )
    if person_id is not None:
        at_broker = at_broker.where(BrowserSession.person_id == person_id)
        of_applications = of_applications.where(ClientSession.person_id == person_id)
    found = [
        ListedSession(each.id, each.person_id, None, each.auth_time, each.ends_at, offline=False)
        for each in session.scalars(at_broker.order_by(BrowserSession.created_at.desc()).limit(limit))
        if each.living(now)
    ]
    found += [
        ListedSession(each.id, each.person_id, each.client_id, each.created_at, each.expires_at, offline=each.offline)
        for each in session.scalars(of_applications.order_by(ClientSession.created_at.desc()).limit(limit))
    ]
    return sorted(found, key=lambda each: each.since, reverse=True)[:limit]
