"""Passkey: the key of an authenticator that somebody added to their account (WebAuthn Level 2). Owns the table.

Only the public key is kept, so a copy of the database signs nobody in. Does not own what an authenticator answers
(`passkey_answer`), nor the challenge that it answers (`passkey_challenge`).
"""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from broker.database import Base, Identified, UtcDateTime
from broker.people.local_account import LocalAccount

LONGEST_NAME = 40
LONGEST_CREDENTIAL_ID = 1023  # bytes (WebAuthn Level 2, 4: Credential ID)
LONGEST_PUBLIC_KEY = 1024  # bytes; one of RSA with 4096 bits has some 530


class Passkey(Identified, Base):
    """One key, by the name that the person gave it. `credential_id` and `public_key` (COSE) are written in base64url.

    `sign_count` is the authenticator's own count of its uses, 0 where it keeps none. `verifies_user`: it asked for a PIN, finger or
    face when it was added, or beside a right password since; only then it may take the place of the password.
    """

    __tablename__ = "passkeys"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("local_accounts.id"))
    credential_id: Mapped[str] = mapped_column(String(1364), unique=True)
    public_key: Mapped[str] = mapped_column(String(1366))
    sign_count: Mapped[int] = mapped_column(BigInteger)
    verifies_user: Mapped[bool]
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_passkeys_account", "account_id"),)


def has_passkey(session: Session, account_id: uuid.UUID) -> bool:
    """Whether the account has any."""
    return session.scalar(select(Passkey.id).where(Passkey.account_id == account_id).limit(1)) is not None


def passkeys_of(session: Session, account_id: uuid.UUID) -> list[Passkey]:
    """Those of an account, oldest first. Read-only."""
    rows = select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.created_at, Passkey.id)
    return list(session.scalars(rows))


def forget_passkeys_of_ended(session: Session, person_id: uuid.UUID) -> None:
    """Those of the person's accounts that ended are gone."""
    ended = select(LocalAccount.id).where(LocalAccount.person_id == person_id, LocalAccount.ended_at.is_not(None))
    session.execute(delete(Passkey).where(Passkey.account_id.in_(ended)).execution_options(synchronize_session=False))
