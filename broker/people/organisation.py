"""Organisation: what a person works for. Owns the table; import and look-up have files of their own."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, Identified, UtcDateTime


class Organisation(Identified, Base):
    """An organisation of one target group and one organisation type.

    `code` is the KBO number, else the OVO code, else the NIS code, fixed at the first import (decisions 16): it is what
    tokens carry as vo_orgcode. `search_text` holds name, municipality and numbers, folded, for look-up.
    """

    __tablename__ = "organisations"

    code: Mapped[str] = mapped_column(String(20))
    kbo: Mapped[str | None] = mapped_column(String(10))
    ovo: Mapped[str | None] = mapped_column(String(9))
    nis: Mapped[str | None] = mapped_column(String(5))
    target_group: Mapped[str] = mapped_column(String(10))
    organisation_type: Mapped[str] = mapped_column(String(40))
    name: Mapped[str]
    name_fr: Mapped[str] = mapped_column(default="")
    province: Mapped[str] = mapped_column(default="")
    parent_nis: Mapped[str | None] = mapped_column(String(5))
    email: Mapped[str | None]
    search_text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_reason: Mapped[str | None]
    successor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisations.id"))

    __table_args__ = (
        Index(
            "uq_organisations_code",
            "code",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_organisations_kind", "target_group", "organisation_type", "name"),
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="end_has_reason"),
        CheckConstraint("successor_id IS NULL OR (successor_id <> id AND ended_at IS NOT NULL)", name="successor"),
    )

    @property
    def living(self) -> bool:
        """Not ended."""
        return self.ended_at is None
