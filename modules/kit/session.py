"""The session of one browser: a row in the application's database, opened by a random value in the cookie.

Owns: when a session begins, is found, runs out and ends in its own browser. The access token in it is what counts: it is
verified at each request (tokens.py), so nobody stays longer than the broker said. Does not own signing in (sign_in.py), new
tokens for a session that goes on (refresh.py), nor what the broker ends (end_by_notice.py).
"""

import enum
import secrets
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import flask
import structlog
from flask import g, request
from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.orm import Session

from modules.kit.broker import Tokens
from modules.kit.database import database
from modules.kit.end_by_notice import ended_before, take_turns
from modules.kit.outgoing import BrokerUnreachableError
from modules.kit.person import NotAPersonError, SignedIn, proved_phone, read_person
from modules.kit.sealing import fingerprint, seal, unseal
from modules.kit.session_tables import sessions
from modules.kit.state import kit
from modules.kit.tokens import Claims, SigningKey, TokenExpiredError, TokenRefusedError, read_again

log = structlog.get_logger("modules.kit")

PURPOSE = "session"
SEEN_EVERY_SECONDS = 60
RENEW_AFTER = timedelta(minutes=5)
ASKS_BY_ITSELF = "kit_stay"
_ASKS_PHONE = "phone"  # the scope; without it the ID token holds none


class SessionEndedError(Exception):
    """The broker ended this session while its sign-in was still under way; nobody is signed in."""


class Presence(enum.Enum):
    """How somebody is at the door."""

    ABSENT = "absent"
    """Not signed in."""
    IDLE = "idle"
    """Was signed in, and did nothing for too long: asked to sign in again."""
    RUN_OUT = "run_out"
    """Signed in, but the tokens are over, or too old to go on: the broker is asked again, without a word where possible."""
    UNSURE = "unsure"
    """Signed in, but the broker's keys cannot be had to see whether that is still true."""
    PRESENT = "present"


@dataclass(frozen=True)
class Kept:
    """What the session holds under seal, and under which id; enough to renew it."""

    browser_value: str = field(repr=False)
    sealed: str = field(repr=False)
    tokens: Tokens
    sid: str | None

    @property
    def id_hash(self) -> str:
        """The key of the row."""
        return fingerprint(self.browser_value)


@dataclass(frozen=True)
class Found:
    """What the session of this request says. `person` only when PRESENT; the rest whenever there was a session. `ends_at`: when it
    is over if nothing more is done, here or at the broker."""

    presence: Presence
    person: SignedIn | None = None
    sub: str = ""
    organisation_code: str = ""
    target_group: str = ""
    kept: Kept | None = None
    ends_at: datetime | None = None


def signed_in() -> SignedIn | None:
    """Who is signed in, or None. Without a broker to verify with, nobody is."""
    return look_up().person


def person_here() -> SignedIn:
    """The person that `require_right` let through.

    Raises:
        RuntimeError: called on a page that has no guard.
    """
    person = signed_in()
    if person is None:
        raise RuntimeError("a page without require_right asked who is there")
    return person


def is_page_request() -> bool:
    """Whether a person asked for a page. What a page asks by itself, and what a browser fetches ahead, is no activity (PW11)."""
    if request.blueprint == ASKS_BY_ITSELF:
        return False
    ahead = "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
    return request.method != "HEAD" and not ahead and request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"


def look_up() -> Found:
    """The session of this request, read once."""
    if "kit_found" not in g:
        g.kit_found = _look_up()
    found: Found = g.kit_found
    return found


def look_again() -> Found:
    """The same, read anew: something about it has changed."""
    g.pop("kit_found", None)
    return look_up()


def _look_up() -> Found:
    browser_value = flask.session.get("id")
    if not isinstance(browser_value, str):
        return Found(Presence.ABSENT)
    row = database().reading().execute(select(sessions).where(sessions.c.id_hash == fingerprint(browser_value))).first()
    content = unseal(kit().settings.secret, browser_value, PURPOSE, row.sealed_tokens) if row else None
    if row is None or content is None:
        return Found(Presence.ABSENT)
    tokens = Tokens(
        access_token=content["access_token"],
        id_token=content["id_token"],
        refresh_token=content.get("refresh_token"),
        key=SigningKey(content["key"]) if content.get("key") else None,
    )
    kept = Kept(browser_value, row.sealed_tokens, tokens, row.sid)
    ends_at = _ends_at(row.created_at, row.refresh_due_at)
    session_of = (row.sub, row.organisation_code, str(content["target_group"]), kept, ends_at)
    if _idle(row.created_at):
        return Found(Presence.IDLE, None, *session_of)
    try:
        person = read_access_token(tokens.access_token)
        if tokens.id_token is not None and _ASKS_PHONE in kit().application.scope.split():
            person = replace(person, phone=proved_phone(read_again(tokens.id_token)))
    except TokenExpiredError:
        return Found(Presence.RUN_OUT, None, *session_of)
    except BrokerUnreachableError:
        return Found(Presence.UNSURE, None, *session_of)
    except (TokenRefusedError, NotAPersonError) as error:
        log.warning("session token refused", reason=str(error))
        return Found(Presence.ABSENT)
    if (person.sub, person.organisation_code) != (row.sub, row.organisation_code):
        return Found(Presence.ABSENT)
    if row.refresh_due_at is not None and row.refresh_due_at <= datetime.now(UTC):
        return Found(Presence.RUN_OUT, None, *session_of)
    return Found(Presence.PRESENT, person, *session_of)


def _ends_at(created_at: datetime, refresh_due_at: datetime | None) -> datetime:
    """The broker heard of this session when it was renewed last, a minute off at most, and waits as long as we do."""
    application = kit().application
    seen = datetime.fromtimestamp(flask.session.get("seen", 0), UTC)
    ends = [created_at + application.absolute, seen + application.idle]
    if refresh_due_at is not None:
        ends.append(refresh_due_at - RENEW_AFTER - timedelta(seconds=SEEN_EVERY_SECONDS) + application.idle)
    return min(ends)


def note_presence() -> None:
    """The person says that they are still there."""
    flask.session["seen"] = int(time.time())


def _idle(created_at: datetime) -> bool:
    """Whether the session is over here; notes that its person is still at work."""
    application = kit().application
    now = int(time.time())
    seen = flask.session.get("seen", 0)
    if datetime.now(UTC) - created_at >= application.absolute or now - seen >= application.idle.total_seconds():
        return True
    if now - seen >= SEEN_EVERY_SECONDS and is_page_request():
        flask.session["seen"] = now
    return False


def read_access_token(token: str, named: Claims | None = None) -> SignedIn:
    """The person of an access token of this session; `named` may hold the names that the token lacks.

    Raises:
        TokenRefusedError, NotAPersonError: it is not a good one, or nobody's.
        BrokerUnreachableError: the keys cannot be had.
    """
    claims = kit().verifier.access_token(token)
    application = kit().application
    names = {name: named.get(name) for name in ("given_name", "family_name")} if named is not None else {}
    # Names may stand in the ID token only; the organisation and the rights count from the access token alone.
    return read_person({**names, **claims}, rights_claim=application.rights_claim, context=application.context)


def start_session(tokens: Tokens, person: SignedIn, identity: Claims) -> None:
    """Begin a session under a new id; the one that this browser had ends, and so do all that are too old.

    Raises:
        SessionEndedError: the broker has ended it meanwhile (BC3).
    """
    before = flask.session.get("id")
    browser_value = secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    row: dict[str, object] = {
        "id_hash": fingerprint(browser_value),
        "sub": person.sub,
        "organisation_code": person.organisation_code,
        "created_at": now,
        "sealed_tokens": seal_tokens(browser_value, tokens, person.target_group),
        "sid": sid_of(identity),
        "issued_at": datetime.fromtimestamp(identity["iat"], UTC),
        "refresh_due_at": now + RENEW_AFTER if tokens.refresh_token else None,
    }
    database().perform(_replace, before, row, now)
    flask.session["id"] = browser_value
    note_presence()
    g.pop("kit_found", None)


def seal_tokens(browser_value: str, tokens: Tokens, target_group: str) -> str:
    """The tokens as they stand in the row."""
    content: dict[str, Any] = {
        "access_token": tokens.access_token,
        "id_token": tokens.id_token,
        "refresh_token": tokens.refresh_token,
        "key": tokens.key.pem if tokens.key else None,
        "target_group": target_group,
    }
    return seal(kit().settings.secret, browser_value, PURPOSE, content)


def sid_of(identity: Claims) -> str | None:
    """The broker's name for the session, where it gives one."""
    sid = identity.get("sid")
    return sid if isinstance(sid, str) and 0 < len(sid) <= 255 else None


def end_session() -> str | None:
    """End the session of this browser. Returns its ID token, to hint with at the broker, or None."""
    browser_value = flask.session.get("id")
    flask.session.clear()
    g.pop("kit_found", None)
    if not isinstance(browser_value, str):
        return None
    taken = database().perform(_take, fingerprint(browser_value))
    if taken is None:
        return None
    sealed, sid = taken
    if sid is not None:
        kit().verifier.forget(sid=sid)
    kept = unseal(kit().settings.secret, browser_value, PURPOSE, sealed)
    return str(kept["id_token"]) if kept else None


def _replace(session: Session, before: str | None, row: dict[str, Any], now: datetime) -> None:
    take_turns(session)
    if ended_before(session, row["sid"], row["sub"], row["organisation_code"], row["issued_at"]):
        raise SessionEndedError
    session.execute(delete(sessions).where(sessions.c.created_at < now - kit().application.absolute))
    if before is not None:
        session.execute(delete(sessions).where(sessions.c.id_hash == fingerprint(before)))
    session.execute(insert(sessions).values(**row))


def _take(session: Session, id_hash: str) -> tuple[str, str | None] | None:
    connection: Connection = session.connection()
    found = connection.execute(
        select(sessions.c.sealed_tokens, sessions.c.sid).where(sessions.c.id_hash == id_hash)
    ).first()
    connection.execute(delete(sessions).where(sessions.c.id_hash == id_hash))
    return (found.sealed_tokens, found.sid) if found else None
