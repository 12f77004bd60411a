"""end_session: somebody signs out, or is signed out. Whatever applications hold of that session ends with it.

Not so what may go on without a browser (offline_access, OpenID Connect Core 11) when the person merely signs out. And a
session that the clock has ended takes along only what applications hold that would have told us of the person
(`refresh_is_activity`): where they did not, nobody was there. All other refresh tokens of it are refused from that instant
on (`redeem_refresh_token`), but an application that the person may still be working in goes on until its own limit
(decisions 18; `settle_client_sessions`), and stays there to be told when a right ends.
"""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.authentication.browser_session import BrowserSession
from broker.authentication.revoke_client_sessions import revoke_client_sessions
from broker.authentication.tell_applications import tell_signed_out
from broker.database import to_change
from broker.installation import Installation

_LEAVES_OFFLINE = ("signed_out", "replaced")


def end_session(session: Session, installation: Installation, session_id: uuid.UUID, reason: str) -> None:
    """End one BrowserSession for `reason` (a code, e.g. `signed_out`); one that has ended already stays as it is."""
    row = session.scalar(to_change(select(BrowserSession).where(BrowserSession.id == session_id)))
    if row is not None and row.ended_at is None:
        end_row(session, installation, row, clock.now(), reason)


def end_row(session: Session, installation: Installation, row: BrowserSession, now: datetime, reason: str) -> None:
    """End a row that the caller has locked. One that ran out ends at the instant the clock ended it."""
    ran_out = not row.living(now)
    reason = "expired" if ran_out else reason
    row.end(row.ends_at if ran_out else now, reason)
    if not ran_out:
        revoke_client_sessions(
            session, installation, reason, browser_session_id=row.id, even_offline=reason not in _LEAVES_OFFLINE
        )
        if reason in _LEAVES_OFFLINE:
            tell_signed_out(session, installation, row.id)
    else:
        for client in installation.catalogue.clients.values():
            if client.refresh_is_activity:
                revoke_client_sessions(
                    session,
                    installation,
                    reason,
                    browser_session_id=row.id,
                    client_id=client.client_id,
                    even_offline=False,
                )
    audit.record(
        session,
        "authentication:session:end",
        subject_id=row.person_id,
        details={"session": row.id, "reason": reason},
    )
