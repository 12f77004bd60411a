"""AuthorizationCode: what an application exchanges, once, for tokens. Owns the table; issuing and redeeming are
operations."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, UtcDateTime


class AuthorizationCode(Base):
    """Only the SHA-256 of the code is stored (it has 256 random bits). The rest binds it to the request it
    answers."""

    __tablename__ = "authorization_codes"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("client_sessions.id"))
    client_id: Mapped[str] = mapped_column(String(80))
    redirect_uri: Mapped[str]
    code_challenge: Mapped[str | None] = mapped_column(String(43))
    nonce: Mapped[str | None]
    dpop_jkt: Mapped[str | None] = mapped_column(String(43))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
