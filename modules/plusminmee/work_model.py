"""The tables of PlusMinMee about the work on a group: interventions and messages. What somebody wrote in them is sealed.

Owns: both. Does not own who may (who.py), nor the files of attachments (file_store.py), which lie under the names in these rows.
"""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from modules.kit.database import Instant
from modules.plusminmee.model import Base, Professional
from modules.plusminmee.sealing import Sealed, SealedField
from modules.plusminmee.youngster_model import Youngster

SIGNS = ("plus", "min")
INTERVENTION_TEXT = SealedField("interventions", "words")
MESSAGE_TEXT = SealedField("messages", "words")
ATTACHMENT = SealedField("messages", "attachment")
ATTACHMENT_NAME = SealedField("messages", "attachment_name")


class Intervention(Base):
    """A + or − intervention for one youngster or (without one) the group: what, for which professional, whether it is known on the
    street ("kent straatwaarde"), when to be reminded, and on which day it was settled.
    """

    __tablename__ = "interventions"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("youth_groups.id"), index=True)
    youngster_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("youngsters.id"), index=True)
    sign: Mapped[str] = mapped_column(String(4))
    words: Mapped[Sealed] = mapped_column(LargeBinary)
    professional_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("professionals.id"))
    street_value: Mapped[bool] = mapped_column(default=False)
    remind_on: Mapped[date | None] = mapped_column(index=True)
    settled_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
    added_at: Mapped[datetime] = mapped_column(Instant)
    added_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("professionals.id"))

    professional: Mapped[Professional] = relationship(foreign_keys=[professional_id])
    youngster: Mapped[Youngster | None] = relationship()

    __table_args__ = (CheckConstraint(f"sign IN {SIGNS!r}", name="sign"),)


class Message(Base):
    """What one professional tells the others of a group. `nobody_there`: nobody was met, which is worth knowing too (M17)."""

    __tablename__ = "messages"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("youth_groups.id"))
    words: Mapped[Sealed] = mapped_column(LargeBinary)
    nobody_there: Mapped[bool] = mapped_column(default=False)
    posted_at: Mapped[datetime] = mapped_column(Instant)
    posted_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("professionals.id"))
    attachment: Mapped[str | None] = mapped_column(String(32))
    attachment_name: Mapped[Sealed | None] = mapped_column(LargeBinary)
    attachment_type: Mapped[str | None] = mapped_column(String(100))

    author: Mapped[Professional] = relationship(foreign_keys=[posted_by])

    __table_args__ = (
        Index("ix_messages_group_id_posted_at", "group_id", "posted_at", "id"),
        CheckConstraint(
            "(attachment IS NULL) = (attachment_name IS NULL) AND (attachment IS NULL) = (attachment_type IS NULL)",
            name="attachment",
        ),
    )
