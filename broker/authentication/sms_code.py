"""SmsCode: six digits on their way to a mobile number. Owns the table.

The digits are made of the row's id and nonce by a key (`Keys.sms_code`), at delivery and again when they are typed: a copy of the
database tells none. Only the newest code of an account counts (threats PW4).
"""

import uuid
from datetime import datetime, timedelta
from secrets import token_hex

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, Identified, UtcDateTime

LIFETIME = timedelta(minutes=5)
TRIES = 5
BETWEEN = timedelta(seconds=60)
AN_HOUR = 5


class SmsCode(Identified, Base):
    """sent → used | replaced; expired and used up (TRIES) are derived.

    `number_key` is a keyed hash of the number it went to, `prefix` how that begins: what sendings are counted by (threats PW5).
    `message_id` is the row of the outbox, which says how the delivery went.
    """

    __tablename__ = "sms_codes"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("local_accounts.id"))
    nonce: Mapped[str] = mapped_column(String(32), default=lambda: token_hex(16))
    number_key: Mapped[str] = mapped_column(String(64))
    prefix: Mapped[str] = mapped_column(String(8))
    tries: Mapped[int] = mapped_column(default=0)
    message_id: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    replaced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("ix_sms_codes_account", "account_id", "created_at"),
        Index("ix_sms_codes_prefix", "prefix", "created_at"),
        Index("ix_sms_codes_created_at", "created_at"),
    )

    def usable(self, instant: datetime) -> bool:
        """Whether a right answer would still do."""
        return self.used_at is None and self.replaced_at is None and self.tries < TRIES and instant < self.expires_at
