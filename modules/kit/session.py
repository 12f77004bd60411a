"""The session of one browser: a row in the application's database, opened by a random value in the cookie.

Owns: when a session begins, is found, runs out and ends. The access token in it is what counts: it is verified at each
request (tokens.py), so nobody stays longer than the broker said. Does not own signing in (sign_in.py).
"""

import enum
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import flask
import structlog
from flask import g
from sqlalchemy import Connection, Row, delete, insert, select
from sqlalchemy.orm import Session

from modules.kit.broker import Tokens
from modules.kit.database import database
from modules.kit.outgoing import BrokerUnreachableError
from modules.kit.person import NotAPersonError, SignedIn, read_person
from modules.kit.sealing import fingerprint, seal, unseal
from modules.kit.session_tables import sessions
from modules.kit.state import kit
from modules.kit.tokens import TokenExpiredError, TokenRefusedError

log = structlog.get_logger("modules.kit")

PURPOSE = "session"
SEEN_EVERY_SECONDS = 60


class Presence(enum.Enum):
    """How somebody is at the door."""

    ABSENT = "absent"
    """Not signed in."""
    IDLE = "idle"
    """Was signed in, and did nothing for too long: asked to sign in again."""
    RUN_OUT = "run_out"
    """Signed in, but the access token is over: the broker is asked again, without a word where possible."""
    PRESENT = "present"


@dataclass(frozen=True)
class Found:
    """What the session of this request says. `person` only when PRESENT; the three codes whenever there was a session."""

    presence: Presence
    person: SignedIn | None = None
    sub: str = ""
    organisation_code: str = ""
    target_group: str = ""


def signed_in() -> SignedIn | None:
    """Who is signed in, or None. Never fails: without a broker to verify with, nobody is."""
    try:
        return look_up().person
    except BrokerUnreachableError:
        return None


def look_up() -> Found:
    """The session of this request, read once.

    Raises:
        BrokerUnreachableError: there is a session, but its token cannot be verified now.
    """
    if "kit_found" not in g:
        g.kit_found = _look_up()
    found: Found = g.kit_found
    return found


def _look_up() -> Found:
    browser_value = flask.session.get("id")
    if not isinstance(browser_value, str):
        return Found(Presence.ABSENT)
    row = database().reading().execute(select(sessions).where(sessions.c.id_hash == fingerprint(browser_value))).first()
    kept = unseal(kit().settings.secret, browser_value, PURPOSE, row.sealed_tokens) if row else None
    if row is None or kept is None:
        return Found(Presence.ABSENT)
    return _judge(row, str(kept["access_token"]), str(kept["target_group"]))


def _judge(row: Row[tuple[object, ...]], access_token: str, target_group: str) -> Found:
    application = kit().application
    codes = (row.sub, row.organisation_code, target_group)
    now = int(time.time())
    seen = flask.session.get("seen", 0)
    too_old = datetime.now(UTC) - row.created_at >= application.absolute
    if too_old or now - seen >= application.idle.total_seconds():
        return Found(Presence.IDLE, None, *codes)
    if now - seen >= SEEN_EVERY_SECONDS:
        flask.session["seen"] = now
    try:
        claims = kit().verifier.access_token(access_token)
        person = read_person(claims, rights_claim=application.rights_claim, context=application.context)
    except TokenExpiredError:
        return Found(Presence.RUN_OUT, None, *codes)
    except (TokenRefusedError, NotAPersonError) as error:
        log.warning("session token refused", reason=str(error))
        return Found(Presence.ABSENT)
    return Found(Presence.PRESENT, person, *codes)


def start_session(tokens: Tokens, person: SignedIn) -> None:
    """Begin a session under a new id; the one that this browser had ends, and so do all that are too old."""
    before = flask.session.get("id")
    browser_value = secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    row: dict[str, object] = {
        "id_hash": fingerprint(browser_value),
        "sub": person.sub,
        "organisation_code": person.organisation_code,
        "created_at": now,
        "sealed_tokens": seal(
            kit().settings.secret,
            browser_value,
            PURPOSE,
            {
                "access_token": tokens.access_token,
                "id_token": tokens.id_token,
                "target_group": person.target_group,
            },
        ),
    }
    database().perform(_replace, before, row, now - kit().application.absolute)
    flask.session["id"] = browser_value
    flask.session["seen"] = int(time.time())
    g.pop("kit_found", None)


def end_session() -> str | None:
    """End the session of this browser. Returns its ID token, to hint with at the broker, or None."""
    browser_value = flask.session.get("id")
    flask.session.clear()
    g.pop("kit_found", None)
    if not isinstance(browser_value, str):
        return None
    sealed = database().perform(_take, fingerprint(browser_value))
    kept = unseal(kit().settings.secret, browser_value, PURPOSE, sealed) if sealed else None
    return str(kept["id_token"]) if kept else None


def _replace(session: Session, before: str | None, row: dict[str, object], too_old: datetime) -> None:
    session.execute(delete(sessions).where(sessions.c.created_at < too_old))
    if before is not None:
        session.execute(delete(sessions).where(sessions.c.id_hash == fingerprint(before)))
    session.execute(insert(sessions).values(**row))


def _take(session: Session, id_hash: str) -> str | None:
    connection: Connection = session.connection()
    sealed: str | None = connection.scalar(select(sessions.c.sealed_tokens).where(sessions.c.id_hash == id_hash))
    connection.execute(delete(sessions).where(sessions.c.id_hash == id_hash))
    return sealed
