"""list_events: the newest events that answer to some filters. Reads only; ids and codes, no names."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.audit.audit_event import AuditEvent


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What to look for; what is None does not matter. `name` may be the beginning of one: "access:" or "access:request:"."""

    name: str | None = None
    actor_id: uuid.UUID | None = None
    subject_id: uuid.UUID | None = None
    organisation_id: uuid.UUID | None = None
    request_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def list_events(session: Session, wanted: EventFilter, limit: int = 50) -> list[AuditEvent]:
    """At most `limit` events, newest first; `since` is included, `until` is not."""
    events = select(AuditEvent).order_by(AuditEvent.happened_at.desc(), AuditEvent.id.desc()).limit(limit)
    if wanted.name is not None:
        events = events.where(AuditEvent.name.startswith(wanted.name, autoescape=True))
    for column, value in (
        (AuditEvent.actor_id, wanted.actor_id),
        (AuditEvent.subject_id, wanted.subject_id),
        (AuditEvent.organisation_id, wanted.organisation_id),
        (AuditEvent.request_id, wanted.request_id),
    ):
        if value is not None:
            events = events.where(column == value)
    if wanted.since is not None:
        events = events.where(AuditEvent.happened_at >= wanted.since)
    if wanted.until is not None:
        events = events.where(AuditEvent.happened_at < wanted.until)
    return list(session.scalars(events))
