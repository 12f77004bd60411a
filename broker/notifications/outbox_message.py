"""OutboxMessage: one message to one recipient, and where its delivery stands. Owns the table."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, Identified, UtcDateTime

PENDING, LEASED, SENT, DEAD, DROPPED = "pending", "leased", "sent", "dead", "dropped"
STATUSES = (PENDING, LEASED, SENT, DEAD, DROPPED)


class OutboxMessage(Identified, Base):
    """pending → leased → sent | dead; `dropped` when its `only_if` no longer held at delivery.

    `facts` (names and the like) and `recipient` are erased once it is sent. `idempotency_key` is
    `<what happened>:<template>:<digest of the recipient>`: the same event never writes two messages to one person.
    `channel` is mail, sms, logout, event (to an application, whose client id is then the recipient), change or forgotten (to
    ourselves).
    `lane` keeps a slow destination from holding up the others. A leased message becomes due again (`next_attempt_at`)
    when its lease is over.
    """

    __tablename__ = "outbox_messages"

    channel: Mapped[str] = mapped_column(String(10))
    template: Mapped[str] = mapped_column(String(40))
    lane: Mapped[str] = mapped_column(default="mail")
    recipient: Mapped[str | None]
    language: Mapped[str] = mapped_column(String(2))
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    link: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    only_if: Mapped[str | None]
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    subject_id: Mapped[uuid.UUID | None]
    request_id: Mapped[str | None] = mapped_column(String(36))
    status: Mapped[str] = mapped_column(String(10), default=PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_token: Mapped[uuid.UUID | None]
    handing_over_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (
        Index(
            "ix_outbox_messages_due",
            "next_attempt_at",
            "id",
            sqlite_where=text("status IN ('pending', 'leased')"),
            postgresql_where=text("status IN ('pending', 'leased')"),
        ),
        Index(
            "ix_outbox_messages_order",
            "subject_id",
            "created_at",
            sqlite_where=text("status IN ('pending', 'leased')"),
            postgresql_where=text("status IN ('pending', 'leased')"),
        ),
        CheckConstraint(f"status IN {STATUSES!r}", name="status"),
    )
