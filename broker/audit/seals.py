"""AuditSeal: the chain over the events, and the sealer that lengthens it.

Owns the table and the chaining. Operations insert events unchained, so that they never wait for one another; the
worker seals them within seconds, one after another under one lock (decisions 15, threats AU3). Does not own the
verification.
"""

import json
import uuid
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, ForeignKey, String, exists, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from broker import clock
from broker.audit.audit_event import AuditEvent
from broker.database import Base, UtcDateTime

GENESIS = "0" * 64
_SEALER_LOCK = 7_403_118  # of pg_advisory_xact_lock: any number, the same in every worker


class AuditSeal(Base):
    """The seal of one event: `digest` is over the event, its `sequence` (from 1, without a gap) and the digest before it."""

    __tablename__ = "audit_seals"

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("audit_events.id"), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime)


def seal_digest(event: AuditEvent, sequence: int, previous: str) -> str:
    """The digest of `event` at `sequence` after `previous`: SHA-256 over a fixed JSON form, 64 hex characters."""
    written = {
        "id": str(event.id),
        "name": event.name,
        "happened_at": event.happened_at.isoformat(),
        "actor_kind": event.actor_kind,
        "actor_id": str(event.actor_id) if event.actor_id else None,
        "actor_label": event.actor_label,
        "subject_id": str(event.subject_id) if event.subject_id else None,
        "organisation_id": str(event.organisation_id) if event.organisation_id else None,
        "details": event.details,
        "request_id": event.request_id,
        "source_digest": event.source_digest,
        "sequence": sequence,
        "previous": previous,
    }
    return sha256(json.dumps(written, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _without_seal() -> ColumnElement[bool]:
    return ~exists().where(AuditSeal.event_id == AuditEvent.id)


def seal_events(session: Session, since: datetime | None = None, limit: int = 500) -> int:
    """Seal at most `limit` events that have no seal yet; how many were sealed.

    `since` spares a look at the whole table: only events from that instant on. An event is chosen by having no seal,
    never by being later than the last one, because transactions do not commit in the order of their clocks.
    """
    if session.get_bind().dialect.name == "postgresql":  # SQLite: the transaction began as the only writer
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _SEALER_LOCK})
    events = select(AuditEvent).where(_without_seal()).order_by(AuditEvent.happened_at, AuditEvent.id).limit(limit)
    if since is not None:
        events = events.where(AuditEvent.happened_at >= since)
    found = session.scalars(events).all()
    if not found:
        return 0
    last = session.scalar(select(AuditSeal).order_by(AuditSeal.sequence.desc()).limit(1))
    count, previous = (last.sequence, last.digest) if last else (0, GENESIS)
    now = clock.now()
    for sequence, event in enumerate(found, start=count + 1):
        previous = seal_digest(event, sequence, previous)
        session.add(AuditSeal(sequence=sequence, event_id=event.id, digest=previous, sealed_at=now))
    session.flush()
    return len(found)


def seconds_unsealed(session: Session) -> float:
    """How long the oldest event of the last day without a seal has been waiting, in seconds; 0 when there is none.

    Readiness asks this often (threats AU3), so it does not look through the whole table.
    """
    yesterday = clock.now() - timedelta(days=1)
    oldest = session.scalar(
        select(func.min(AuditEvent.happened_at)).where(AuditEvent.happened_at >= yesterday, _without_seal())
    )
    return max(0.0, (clock.now() - oldest).total_seconds()) if oldest else 0.0
