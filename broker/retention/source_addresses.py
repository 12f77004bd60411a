"""source_addresses: where requests came from. The event and its place in the chain stay, with the salted digest."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from broker.audit.audit_event import AuditEvent, AuditSource
from broker.installation import Installation
from broker.retention.rule import RetentionRule


def _due(before: datetime) -> Select[Any]:
    return (
        select(AuditSource.event_id)
        .join(AuditEvent, AuditEvent.id == AuditSource.event_id)
        .where(AuditEvent.happened_at < before)
    )


def _whole() -> Select[int]:
    return select(func.count()).select_from(AuditSource)


def _erase(session: Session, _installation: Installation, ids: Sequence[Any]) -> None:
    session.execute(
        delete(AuditSource).where(AuditSource.event_id.in_(ids)).execution_options(synchronize_session=False)
    )


SOURCE_ADDRESSES = RetentionRule("source_addresses", _due, _whole, _erase)
