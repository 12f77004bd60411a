"""What the broker ends: the sessions that a logout token or an event speaks of, here and now, once.

Owns: ending those sessions, remembering for ten minutes that they are over (a sign-in may be under way, threats BC3), and that
each notice counts once (BC2). Does not own whether a notice is true (tokens.py) nor how it arrives (notices.py).
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, and_, delete, func, insert, or_, select, text, update
from sqlalchemy.orm import Session

from modules.kit.sealing import fingerprint
from modules.kit.session_tables import ended_sessions, heard_notices, sessions

REMEMBERED_FOR = timedelta(minutes=10)
TURNS_LOCK = 7_310_003


@dataclass(frozen=True)
class Subject:
    """Whom a notice is about: one session, or all of a person, for one organisation or any. `at` is when it happened."""

    sid: str | None
    sub: str | None
    organisation_code: str | None
    at: datetime


@dataclass(frozen=True)
class Notice:
    """One notice: its id, until when it could come again, whom it is about; whether it ends sessions or only changes them."""

    id: str
    repeatable_until: datetime
    subject: Subject
    ends: bool


def take_turns(session: Session) -> None:
    """Nobody begins a session while somebody ends one: the rest of this transaction runs alone (SQLite's always does)."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT pg_advisory_xact_lock({TURNS_LOCK})"))


def heard_before(session: Session, notice_id: str) -> bool:
    """Whether this notice has had its effect."""
    return session.scalar(select(heard_notices.c.id_hash).where(_id_is(notice_id))) is not None


def carry_out(session: Session, notice: Notice) -> int:
    """Let the notice have its effect, unless it had. Returns how many sessions it touched."""
    take_turns(session)
    now = datetime.now(UTC)
    session.execute(delete(ended_sessions).where(ended_sessions.c.known_until < now))
    session.execute(delete(heard_notices).where(heard_notices.c.known_until < now))
    if heard_before(session, notice.id):
        return 0
    session.execute(insert(heard_notices).values(id_hash=fingerprint(notice.id), known_until=notice.repeatable_until))
    if not notice.ends:
        return _count(session.execute(update(sessions).where(_about(notice.subject)).values(refresh_due_at=now)))
    _remember(session, notice.subject, now)
    return _count(session.execute(delete(sessions).where(_about(notice.subject))))


def ended_before(session: Session, sid: str | None, sub: str, organisation_code: str, issued_at: datetime) -> bool:
    """Whether the broker has ended the session that this sign-in is about to begin."""
    over = [
        and_(
            ended_sessions.c.name_hash.in_([_name(None, sub, None), _name(None, sub, organisation_code)]),
            ended_sessions.c.ended_at >= issued_at,
        )
    ]
    if sid is not None:
        over.append(ended_sessions.c.name_hash.in_([_name(sid, None, None)]))
    return session.scalar(select(ended_sessions.c.name_hash).where(or_(*over)).limit(1)) is not None


def _remember(session: Session, subject: Subject, now: datetime) -> None:
    name_hash = _name(
        subject.sid, None if subject.sid else subject.sub, None if subject.sid else subject.organisation_code
    )
    before = session.scalar(select(ended_sessions.c.ended_at).where(ended_sessions.c.name_hash == name_hash))
    session.execute(delete(ended_sessions).where(ended_sessions.c.name_hash == name_hash))
    session.execute(
        insert(ended_sessions).values(
            name_hash=name_hash,
            ended_at=max(subject.at, before or subject.at),
            known_until=now + REMEMBERED_FOR,
        )
    )


def _about(subject: Subject) -> ColumnElement[bool]:
    """The sessions it speaks of: by their name, or of the person as they were at that moment, by the broker's clock."""
    if subject.sid is not None:
        named = sessions.c.sid == subject.sid
        return and_(named, sessions.c.sub == subject.sub) if subject.sub is not None else named
    of_person = [
        sessions.c.sub == subject.sub,
        func.coalesce(sessions.c.issued_at, sessions.c.created_at) <= subject.at,
    ]
    if subject.organisation_code is not None:
        of_person.append(sessions.c.organisation_code == subject.organisation_code)
    return and_(*of_person)


def _name(sid: str | None, sub: str | None, organisation_code: str | None) -> str:
    return fingerprint(json.dumps([sid, sub, organisation_code]))


def _id_is(notice_id: str) -> ColumnElement[bool]:
    return heard_notices.c.id_hash == fingerprint(notice_id)


def _count(result: Any) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0
