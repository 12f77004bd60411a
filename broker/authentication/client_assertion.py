"""ClientAssertion: the signed assertions that clients proved themselves with. Owns the table and using one (RFC
7523)."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import String
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from broker.database import Base, UtcDateTime


class ClientAssertion(Base):
    """One assertion, by the digest of its client and jti, until it would have expired anyway."""

    __tablename__ = "client_assertions"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


def use_client_assertion(session: Session, client_id: str, jti: str, expires_at: datetime) -> bool:
    """Note that `jti` was used; False when it was used before. One statement, on whichever node (threats OA9)."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    digest = sha256(f"{client_id}\n{jti}".encode()).hexdigest()
    noted = session.scalar(
        insert(ClientAssertion)
        .values(digest=digest, expires_at=expires_at)
        .on_conflict_do_nothing()
        .returning(ClientAssertion.digest)
    )
    return noted is not None
