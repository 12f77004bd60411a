"""AuditEvent and AuditSource: the two tables of what happened. Rows are inserted, never changed (triggers in the migration)."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, Identified, UtcDateTime

_ABOUT_AN_ORGANISATION = text("organisation_id IS NOT NULL")


class AuditEvent(Identified, Base):
    """One event, `room:subject:action`. Ids and codes only; `source_digest` binds the erasable address row to it."""

    __tablename__ = "audit_events"

    name: Mapped[str] = mapped_column(String(64))
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_kind: Mapped[str] = mapped_column(String(12))
    actor_id: Mapped[uuid.UUID | None]
    actor_label: Mapped[str | None] = mapped_column(String(64))
    subject_id: Mapped[uuid.UUID | None]
    organisation_id: Mapped[uuid.UUID | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    request_id: Mapped[str | None] = mapped_column(String(36))
    source_digest: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        Index("ix_audit_events_happened_at", "happened_at", "id"),
        Index("ix_audit_events_subject_id", "subject_id"),
        Index(
            "ix_audit_events_organisation",
            "organisation_id",
            "happened_at",
            "id",
            sqlite_where=_ABOUT_AN_ORGANISATION,
            postgresql_where=_ABOUT_AN_ORGANISATION,
        ),
    )


class AuditSource(Base):
    """The source address of one event, apart so that it can be erased; its salted digest stays in the event."""

    __tablename__ = "audit_sources"

    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("audit_events.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(45))
    salt: Mapped[str] = mapped_column(String(32))
