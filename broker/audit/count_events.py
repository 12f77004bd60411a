"""count_events: how often something happened to one subject, for the limits that count it (threats SR2). Reads only."""

import uuid
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broker.audit.audit_event import AuditEvent


def count_events(session: Session, name: str, subject_id: uuid.UUID, since: datetime) -> int:
    """Events of that name about `subject_id`, after `since`."""
    query = select(func.count()).where(
        AuditEvent.name == name, AuditEvent.subject_id == subject_id, AuditEvent.happened_at > since
    )
    return session.scalar(query) or 0
