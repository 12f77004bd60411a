"""PushedRequest: an authorization request that its client sent ahead (RFC 9126). Owns the table; pushing and taking are
operations."""

from datetime import datetime

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, UtcDateTime


class PushedRequest(Base):
    """Only the SHA-256 of its `request_uri` is stored (it has 256 random bits). `parameters` passed every check when
    it came."""

    __tablename__ = "pushed_requests"

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(80))
    parameters: Mapped[dict[str, str]] = mapped_column(JSON)
    dpop_jkt: Mapped[str | None] = mapped_column(String(43))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
