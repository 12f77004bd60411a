"""SingleUseValue: what may be used once and never again, on whichever node. Owns the table and using one (threats OA9).

Client assertions (RFC 7523), proofs of possession (RFC 9449) and request objects (RFC 9101), each under its purpose. The
database decides, never a memory that another node does not share (threats rule 7).
"""

from datetime import datetime
from hashlib import sha256
from typing import Literal

from sqlalchemy import Connection, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from broker.database import Base, UtcDateTime, insert_into

Purpose = Literal["assertion", "dpop", "request_object"]


class SingleUseValue(Base):
    """One value, by the digest of its purpose, its owner and itself, until it would have expired anyway."""

    __tablename__ = "single_use_values"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


def use_once(session: Session | Connection, purpose: Purpose, owner: str, value: str, expires_at: datetime) -> bool:
    """Note that `value` of `owner` (a client id, or the thumbprint of a key) was used; False when it was used before.

    One statement.
    """
    digest = sha256(f"{purpose}\n{owner}\n{value}".encode()).hexdigest()
    noted = session.scalar(
        insert_into(session, SingleUseValue)
        .values(digest=digest, expires_at=expires_at)
        .on_conflict_do_nothing()
        .returning(SingleUseValue.digest)
    )
    return noted is not None
