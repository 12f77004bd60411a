"""revoke_client_sessions: end what applications hold of a person, at sign-out, code reuse, or when a right or job
ends. The one place through which every ClientSession ends before its time."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.authentication.client_session import ClientSession
from broker.authentication.tell_applications import tell_sessions_ended
from broker.installation import Installation


@dataclass(frozen=True, slots=True)
class RevokedSession:
    """One ClientSession that ended just now, with what is needed to tell its application."""

    sid: uuid.UUID
    client_id: str
    application_code: str
    person_id: uuid.UUID
    organisation_id: uuid.UUID | None


def revoke_client_sessions(
    session: Session,
    installation: Installation,
    reason: str,
    *,
    client_session_id: uuid.UUID | None = None,
    client_session_ids: Collection[uuid.UUID] | None = None,
    browser_session_id: uuid.UUID | None = None,
    client_id: str | None = None,
    person_id: uuid.UUID | None = None,
    organisation_id: uuid.UUID | None = None,
    application_code: str | None = None,
    even_offline: bool = True,
    because: str | None = None,
) -> list[RevokedSession]:
    """Revoke every living ClientSession that matches all that is given (one thing at least).

    `reason` is a code: signed_out, code_reused, right_ended… `even_offline=False` leaves those that the person allowed
    to go on without a browser (offline_access): they outlive a sign-out, never the end of a right or a person. `because`
    is what event streams hear where it says more than `reason`: which of a person's rights ended, and how.
    Rows are locked by id, in order (lifecycles §13).
    """
    asked: tuple[tuple[ColumnElement[bool], object], ...] = (
        (ClientSession.id == client_session_id, client_session_id),
        (ClientSession.id.in_(client_session_ids or ()), client_session_ids),
        (ClientSession.browser_session_id == browser_session_id, browser_session_id),
        (ClientSession.client_id == client_id, client_id),
        (ClientSession.person_id == person_id, person_id),
        (ClientSession.organisation_id == organisation_id, organisation_id),
        (ClientSession.application_code == application_code, application_code),
    )
    conditions = [condition for condition, value in asked if value is not None]
    if not conditions:
        raise ValueError("name at least one thing whose sessions end")
    now = clock.now()
    if not even_offline:
        conditions.append(ClientSession.offline.is_(False))
    rows = session.execute(
        select(
            ClientSession.id,
            ClientSession.client_id,
            ClientSession.application_code,
            ClientSession.person_id,
            ClientSession.organisation_id,
        )
        .where(ClientSession.revoked_at.is_(None), ClientSession.expires_at > now, *conditions)
        .order_by(ClientSession.id)
        .with_for_update(key_share=True)
    ).all()
    revoked = [RevokedSession(*row) for row in rows]
    if not revoked:
        return []
    session.execute(
        update(ClientSession)
        .where(ClientSession.id.in_([each.sid for each in revoked]), ClientSession.revoked_at.is_(None))
        .values(revoked_at=now, revoke_reason=reason)
        .execution_options(synchronize_session=False)
    )
    for each in revoked:
        audit.record(
            session,
            "authentication:client_session:revoke",
            subject_id=each.sid,
            details={"sid": each.sid, "reason": reason},
        )
    tell_sessions_ended(session, installation, [each.sid for each in revoked], because or reason)
    return revoked
