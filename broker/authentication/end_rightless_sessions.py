"""end_rightless_sessions: end in writing the sessions that no longer have what they stand on (threats OA2, lifecycles §3).

Nothing waits for this: whatever reads a session reads its right as well (`session_facts`). It is what tells the audit, and
the applications. Called when a right changed, for what hangs on it (`follow_ended_rights`), and each minute for all,
where the clock ended a right.
"""

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from broker import clock
from broker.authentication.client_session import ClientSession
from broker.authentication.revoke_client_sessions import RevokedSession, revoke_client_sessions
from broker.authentication.rightless_sessions import rightless
from broker.installation import Installation

AT_ONCE = 500
RIGHT_ENDED = "right_ended"


def end_rightless_sessions(
    session: Session,
    installation: Installation,
    of: tuple[ColumnElement[bool], ...] = (),
    because: str = RIGHT_ENDED,
) -> list[RevokedSession]:
    """Revoke up to AT_ONCE of them, among those that are `of` something; which. Called again until there are none."""
    ids = session.scalars(
        select(ClientSession.id)
        .where(rightless(session, installation.catalogue, clock.now()), *of)
        .order_by(ClientSession.id)
        .limit(AT_ONCE)
    ).all()
    if not ids:
        return []
    return revoke_client_sessions(session, installation, RIGHT_ENDED, client_session_ids=ids, because=because)
