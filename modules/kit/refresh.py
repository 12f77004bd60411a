"""New tokens for a session that goes on: the refresh token in place of a trip of the browser to the broker.

Owns: that one request at a time renews a session and the others wait for it, and what a refusal or a silence of the broker
means. Called for a page that a person asked (guard.py), never by itself: that counts as activity at the broker (decision 18).
Does not own when it is due (session.py).
"""

import enum
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from modules.kit.broker import Tokens
from modules.kit.database import database
from modules.kit.outgoing import AnswerRefusedError, BrokerUnreachableError
from modules.kit.person import NotAPersonError
from modules.kit.session import (
    RENEW_AFTER,
    Found,
    Kept,
    Presence,
    end_session,
    look_again,
    read_access_token,
    seal_tokens,
    sid_of,
)
from modules.kit.session_tables import sessions
from modules.kit.state import kit
from modules.kit.tokens import TokenRefusedError

log = structlog.get_logger("modules.kit")

LEASE = timedelta(seconds=10)
PATIENCE_SECONDS = 8.0
GLANCE_SECONDS = 0.05


class _Turn(enum.Enum):
    MINE = "mine"
    ANOTHERS = "another's"
    OVER = "over"


def can_renew(found: Found) -> bool:
    """Whether the broker gave what is needed to go on without the browser."""
    return found.presence is Presence.RUN_OUT and found.kept is not None and found.kept.tokens.refresh_token is not None


def renew(found: Found) -> Found:
    """The session with new tokens; ABSENT when the broker refuses, and then it is over.

    Raises:
        BrokerUnreachableError: the broker cannot be asked; the session stays as it is.
    """
    kept = found.kept
    if kept is None:
        return found
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        started = datetime.now(UTC)
        turn = database().perform(_take_turn, kept, started)
        if turn is _Turn.MINE:
            _renew_now(found, kept, started)
        if turn is not _Turn.ANOTHERS:
            return look_again()
        if time.monotonic() > until:
            raise BrokerUnreachableError("another request waits for it too")
        time.sleep(GLANCE_SECONDS)


def _renew_now(found: Found, kept: Kept, started: datetime) -> None:
    try:
        fresh = _ask(kept)
    except BrokerUnreachableError:
        database().perform(_give_back, kept)
        raise
    except AnswerRefusedError as error:
        _end(str(error))
        return
    try:
        _check(found, kept, fresh)
    except BrokerUnreachableError:
        pass  # the keys cannot be had: kept all the same, as the refresh token before it is used up; verified at the next look
    except (TokenRefusedError, NotAPersonError) as error:
        _end(str(error))
        return
    tokens = replace(
        fresh,
        id_token=fresh.id_token or kept.tokens.id_token,
        refresh_token=fresh.refresh_token or kept.tokens.refresh_token,
    )
    database().perform(_store, kept, seal_tokens(kept.browser_value, tokens, found.target_group), started)


def _end(reason: str) -> None:
    log.info("refresh refused", reason=reason)
    end_session()


def _ask(kept: Kept) -> Tokens:
    try:
        return kit().broker.refresh(kept.tokens.refresh_token or "", kept.tokens.key)
    except AnswerRefusedError as error:
        if str(error) == "invalid_client":  # our own secret or key is wrong: that is no reason to throw everybody out
            raise BrokerUnreachableError("invalid_client") from error
        raise


def _check(found: Found, kept: Kept, fresh: Tokens) -> None:
    """The new tokens are good, and of the same person, organisation and session."""
    person = read_access_token(fresh.access_token)
    if (person.sub, person.organisation_code) != (found.sub, found.organisation_code):
        raise TokenRefusedError("another_person")
    if fresh.id_token is not None:
        identity = kit().verifier.id_token(fresh.id_token, nonce=None, access_token=fresh.access_token)
        if identity["sub"] != person.sub or sid_of(identity) != kept.sid:
            raise TokenRefusedError("another_session")


def _take_turn(session: Session, kept: Kept, now: datetime) -> _Turn:
    row = session.execute(
        select(sessions.c.sealed_tokens, sessions.c.refreshing_until)
        .where(sessions.c.id_hash == kept.id_hash)
        .with_for_update()
    ).first()
    if row is None or row.sealed_tokens != kept.sealed:
        return _Turn.OVER
    if row.refreshing_until is not None and row.refreshing_until > now:
        return _Turn.ANOTHERS
    session.execute(_this(kept).values(refreshing_until=now + LEASE))
    return _Turn.MINE


def _give_back(session: Session, kept: Kept) -> None:
    session.execute(_this(kept).values(refreshing_until=None))


def _store(session: Session, kept: Kept, sealed: str, started: datetime) -> None:
    """Nothing is stored when the session was ended meanwhile. What changed since we asked makes the next renewal due at once."""
    due = case(
        (sessions.c.refresh_due_at > started, sessions.c.refresh_due_at),
        else_=started + RENEW_AFTER,
    )
    session.execute(_this(kept).values(sealed_tokens=sealed, refresh_due_at=due, refreshing_until=None))


def _this(kept: Kept) -> Any:
    return update(sessions).where(sessions.c.id_hash == kept.id_hash, sessions.c.sealed_tokens == kept.sealed)
