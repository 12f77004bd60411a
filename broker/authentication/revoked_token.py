"""RevokedToken: single access tokens that their application took back (RFC 7009). Owns the table.

A token that hangs on a session needs no row when the session ends: whoever reads it, reads the session too.
"""

from datetime import datetime

from sqlalchemy import Connection, String, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from broker.database import Base, UtcDateTime
from broker.precompiled import Precompiled


class RevokedToken(Base):
    """One token by its `jti`, until it would have expired anyway."""

    __tablename__ = "revoked_tokens"

    jti: Mapped[str] = mapped_column(String(36), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


def is_revoked(session: Session | Connection, jti: str) -> bool:
    """Whether this token was taken back: for a token without a session. `session_facts` asks it in its own statement."""
    return _FOUND.one_or_none(session, jti=jti) is not None


_FOUND = Precompiled(select(RevokedToken.jti).where(RevokedToken.jti == bindparam("jti")))
