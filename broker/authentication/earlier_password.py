"""EarlierPassword: what a password of an account was, so that it does not come back. Owns the table; the newest few are kept."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, Identified, UtcDateTime


class EarlierPassword(Identified, Base):
    """One password, hashed as it was when it counted; the present one is among them."""

    __tablename__ = "earlier_passwords"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("local_accounts.id"))
    password_hash: Mapped[str]
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_earlier_passwords_account", "account_id", "set_at"),)
