"""revoke_client_sessions: end what applications hold of a person, at sign-out, code reuse, or when a right or job
ends."""

import uuid

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.authentication.client_session import ClientSession


def revoke_client_sessions(
    session: Session,
    reason: str,
    *,
    client_session_id: uuid.UUID | None = None,
    browser_session_id: uuid.UUID | None = None,
    person_id: uuid.UUID | None = None,
    organisation_id: uuid.UUID | None = None,
    application_code: str | None = None,
) -> list[uuid.UUID]:
    """Revoke every living ClientSession that matches all that is given (one thing at least); their ids.

    `reason` is a code: signed_out, code_reused, right_ended… Rows are locked by id, in order (lifecycles §13).
    """
    asked: tuple[tuple[ColumnElement[bool], object], ...] = (
        (ClientSession.id == client_session_id, client_session_id),
        (ClientSession.browser_session_id == browser_session_id, browser_session_id),
        (ClientSession.person_id == person_id, person_id),
        (ClientSession.organisation_id == organisation_id, organisation_id),
        (ClientSession.application_code == application_code, application_code),
    )
    conditions = [condition for condition, value in asked if value is not None]
    if not conditions:
        raise ValueError("name at least one thing whose sessions end")
    ids = list(
        session.scalars(
            select(ClientSession.id)
            .where(ClientSession.revoked_at.is_(None), *conditions)
            .order_by(ClientSession.id)
            .with_for_update(key_share=True)
        )
    )
    if not ids:
        return []
    session.execute(
        update(ClientSession)
        .where(ClientSession.id.in_(ids), ClientSession.revoked_at.is_(None))
        .values(revoked_at=clock.now(), revoke_reason=reason)
        .execution_options(synchronize_session=False)
    )
    for each in ids:
        audit.record(
            session, "authentication:client_session:revoke", subject_id=each, details={"sid": each, "reason": reason}
        )
    return ids
