"""own_sessions: where somebody is signed in now, and what applications hold of it (Mijn profiel). Reads only.

A browser is known by when and with which digital key somebody signed in there: nothing else of it is kept.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock
from broker.authentication.browser_session import BrowserSession
from broker.authentication.client_session import ClientSession


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One sign-in. `applications` are the codes of those that hold a session of it; `over`: the browser's own session has ended,
    and only what the person let go on without it is left."""

    session_id: uuid.UUID
    provider_code: str
    acr: str
    since: datetime
    last_seen: datetime
    over: bool
    applications: list[str] = field(default_factory=list)


def own_sessions(session: Session, person_id: uuid.UUID) -> list[OwnSession]:
    """The sign-ins of one person that still open something, the one used last first; two statements."""
    now = clock.now()
    held: dict[uuid.UUID, set[str]] = {}
    for browser_session_id, application_code in session.execute(
        select(ClientSession.browser_session_id, ClientSession.application_code).where(
            ClientSession.person_id == person_id,
            ClientSession.revoked_at.is_(None),
            ClientSession.expires_at > now,
            ClientSession.generation > 0,
        )
    ):
        held.setdefault(browser_session_id, set()).add(application_code)
    rows = session.scalars(
        select(BrowserSession)
        .where(
            BrowserSession.person_id == person_id,
            BrowserSession.ended_at.is_(None) | BrowserSession.id.in_(held),
        )
        .order_by(BrowserSession.last_seen.desc(), BrowserSession.id)
    )
    return [
        OwnSession(
            session_id=row.id,
            provider_code=row.provider_code,
            acr=row.acr,
            since=row.auth_time,
            last_seen=row.last_seen,
            over=not row.living(now),
            applications=sorted(held.get(row.id, ())),
        )
        for row in rows
        if row.living(now) or row.id in held
    ]
