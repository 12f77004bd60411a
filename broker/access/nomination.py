"""Nomination (voordracht): somebody with a right asks for an account for a colleague elsewhere (seed-sentences M11).

Owns the table. What becomes of it is the task that it opens. Who was named, and why, is erased as soon as it is settled.
"""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, Identified, UtcDateTime


class Nomination(Identified, Base):
    """Who is named for an account of which application, at which organisation, by whom and why. `grant_id` is the right under
    which they are named: the answer goes where its holder reads mail."""

    __tablename__ = "nominations"

    application_code: Mapped[str] = mapped_column(String(40))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    nominated_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    grant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("grants.id"))
    given_name: Mapped[str]
    family_name: Mapped[str]
    email: Mapped[str]
    note: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("ix_nominations_by", "nominated_by", "created_at"),
        Index(
            "ix_nominations_open",
            "created_at",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
        CheckConstraint(
            "settled_at IS NULL OR (given_name = '' AND family_name = '' AND email = '' AND note = '')",
            name="erased_when_settled",
        ),
    )

    @property
    def full_name(self) -> str:
        """Given name and family name, as people write it; "" once it is settled."""
        return f"{self.given_name} {self.family_name}".strip()
