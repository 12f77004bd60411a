"""RevokedToken: single access tokens that their application took back (RFC 7009). Owns the table.

A token that hangs on a session needs no row when the session ends: whoever reads it, reads the session too.
"""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, UtcDateTime


class RevokedToken(Base):
    """One token by its `jti`, until it would have expired anyway."""

    __tablename__ = "revoked_tokens"

    jti: Mapped[str] = mapped_column(String(36), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
