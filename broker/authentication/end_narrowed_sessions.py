"""end_narrowed_sessions: end the sessions whose application would otherwise go on with a right that ended (decisions 0028).

Where a right ends and another remains, the session could go on; but an application that listens to nothing but back-channel
logout cannot be told so. Its session ends, that of the browser stays: whoever comes back gets fresh rights without being asked
anything. Applications with a stream of `token-claims-change` are told what is left, and keep their sessions.
"""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from broker import clock
from broker.authentication.client_session import ClientSession
from broker.authentication.end_rightless_sessions import AT_ONCE, RIGHT_ENDED
from broker.authentication.narrowed_sessions import narrowed
from broker.authentication.revoke_client_sessions import RevokedSession, revoke_client_sessions
from broker.authentication.tell_applications import only_hears_logouts
from broker.database import db
from broker.installation import Installation


def narrowed_sessions(
    installation: Installation, of: tuple[ColumnElement[bool], ...], changed_at: datetime, reason: str
) -> Iterator[Sequence[uuid.UUID]]:
    """The sessions that may have to end, among those that are `of` something; AT_ONCE at a time, nothing locked."""
    clients = [each.client_id for each in installation.catalogue.clients.values() if only_hears_logouts(each)]
    if not clients:
        return
    with Session(db.engine) as reading:
        found = reading.scalars(
            select(ClientSession.id)
            .where(
                ClientSession.client_id.in_(clients),
                ClientSession.revoked_at.is_(None),
                ClientSession.expires_at > clock.now(),
                narrowed(reading, installation.catalogue, clock.now(), changed_at, reason),
                *of,
            )
            .order_by(ClientSession.id)
        ).all()
    for start in range(0, len(found), AT_ONCE):
        yield found[start : start + AT_ONCE]


def end_narrowed_sessions(
    session: Session, installation: Installation, sids: Sequence[uuid.UUID], changed_at: datetime, reason: str
) -> list[RevokedSession]:
    """Revoke those of `sids` that still believe too much; which.

    Locked in one statement and judged in the next (lifecycles §13), so that a refresh that was under way is seen. A code not
    redeemed yet has told its application nothing: it is redeemed for the rights of that moment.
    """
    session.execute(
        select(ClientSession.id)
        .where(ClientSession.id.in_(sids))
        .order_by(ClientSession.id)
        .with_for_update(key_share=True)
    ).all()
    still = session.scalars(
        select(ClientSession.id).where(
            ClientSession.id.in_(sids),
            ClientSession.generation > 0,
            narrowed(session, installation.catalogue, clock.now(), changed_at, reason),
        )
    ).all()
    if not still:
        return []
    return revoke_client_sessions(session, installation, RIGHT_ENDED, client_session_ids=still, because=reason)
