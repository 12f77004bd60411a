"""ended_sessions: sign-ins that are over, with what applications had of them. That they were, stands in the audit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, exists, func, select
from sqlalchemy.orm import Session

from broker import clock
from broker.authentication.authorization_code import AuthorizationCode
from broker.authentication.browser_session import BrowserSession
from broker.authentication.client_session import ClientSession
from broker.installation import Installation
from broker.retention.rule import RetentionRule


def _due(before: datetime) -> Select[Any]:
    still_used = exists().where(
        ClientSession.browser_session_id == BrowserSession.id,
        ClientSession.revoked_at.is_(None),
        ClientSession.expires_at > clock.now(),
    )
    return select(BrowserSession.id).where(BrowserSession.ended_at < before, ~still_used)


def _whole() -> Select[int]:
    return select(func.count()).select_from(BrowserSession)


def _erase(session: Session, _installation: Installation, ids: Sequence[Any]) -> None:
    theirs = select(ClientSession.id).where(ClientSession.browser_session_id.in_(ids))
    for statement in (
        delete(AuthorizationCode).where(AuthorizationCode.client_session_id.in_(theirs)),
        delete(ClientSession).where(ClientSession.browser_session_id.in_(ids)),
        delete(BrowserSession).where(BrowserSession.id.in_(ids)),
    ):
        session.execute(statement.execution_options(synchronize_session=False))


ENDED_SESSIONS = RetentionRule("ended_sessions", _due, _whole, _erase)
