"""ClientSession: one application's session of one person for one organisation. Its id is the `sid`. Owns the table.

Created at authorize (generation 0), live from the first redemption of its code (generation 1). It holds the
capacity, so that two applications, or two tabs, never change each other's organisation (threats CC2), and it is
what whoever ends a right, a mandate or a browser session revokes.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from broker.database import Base, Identified, UtcDateTime

_UNENDED = text("revoked_at IS NULL")


class ClientSession(Identified, Base):
    """`organisation_id` is the capacity; empty for a person who works for nobody, where the policy lets any person
    in.

    `browser_session_id` is the broker session it hangs on. `scopes` is what was granted, space-separated.
    The refresh family is this row (lifecycles §10): `generation` and `rotated_at` are all that is kept of its tokens;
    without `refresh_expires_at` none was granted. `offline`: it outlives the browser's session. `dpop_jkt` is the
    thumbprint of the key it is bound to (RFC 9449). `requested_claims` is the checked claims parameter:
    {"userinfo": [names], "id_token": [names]}.
    """

    __tablename__ = "client_sessions"

    browser_session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("browser_sessions.id"), index=True)
    client_id: Mapped[str] = mapped_column(String(80))
    application_code: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisations.id"))
    provider_code: Mapped[str] = mapped_column(String(40))
    acr: Mapped[str]
    level: Mapped[int]
    amr: Mapped[list[str]] = mapped_column(JSON)
    auth_time: Mapped[datetime] = mapped_column(UtcDateTime)
    scopes: Mapped[str]
    generation: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoke_reason: Mapped[str | None] = mapped_column(String(40))
    rotated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refresh_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dpop_jkt: Mapped[str | None] = mapped_column(String(43))
    offline: Mapped[bool] = mapped_column(default=False)
    requested_claims: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    __table_args__ = (
        Index("ix_client_sessions_person", "person_id", "client_id", "created_at"),
        Index("ix_client_sessions_unended", "expires_at", sqlite_where=_UNENDED, postgresql_where=_UNENDED),
        CheckConstraint("(revoked_at IS NULL) = (revoke_reason IS NULL)", name="revoke_has_reason"),
    )


def browser_session_of(session: Session, sid: uuid.UUID) -> uuid.UUID | None:
    """The broker session that a ClientSession hangs on, or None."""
    return session.scalar(select(ClientSession.browser_session_id).where(ClientSession.id == sid))
