"""The tables of PlusMinMee about youngsters. Every personal field is sealed (sealing.py); what is plain are states of the method.

Owns: youngsters, and where each was placed when. Does not own what a field may hold (youngster_form.py), nor the photos: they lie
sealed in files (file_store.py), under the names in these rows.
"""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from modules.kit.database import Instant
from modules.plusminmee.model import Base, Professional
from modules.plusminmee.sealing import Sealed, SealedField

PLACES = ("plus", "mee", "min", "outside", "monitoring")
IN_CIRCLE = ("plus", "mee", "min")
_DOCUMENTS = ("id_card", "passport", "driving_licence")

NAME = SealedField("youngsters", "name")
BORN = SealedField("youngsters", "born")
KENTEKEN = SealedField("youngsters", "kenteken")
DESCRIPTION = SealedField("youngsters", "description")
CHECKED_ON = SealedField("youngsters", "checked_on")
DOCUMENT_NUMBER = SealedField("youngsters", "document_number")
PHOTO = SealedField("youngsters", "photo")
PHOTO_SQUARE = SealedField("youngsters", "photo_square")
WHY = SealedField("placements", "why")


class Youngster(Base):
    """One youngster in one group. Removed for good (C1), every personal field is gone and `erased_at` says so; `place` is where
    they stand now, which the newest placement says too.
    """

    __tablename__ = "youngsters"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("youth_groups.id"), index=True)
    name: Mapped[Sealed | None] = mapped_column(LargeBinary)
    born: Mapped[Sealed | None] = mapped_column(LargeBinary)
    kenteken: Mapped[Sealed | None] = mapped_column(LargeBinary)
    description: Mapped[Sealed | None] = mapped_column(LargeBinary)
    checked_on: Mapped[Sealed | None] = mapped_column(LargeBinary)
    document_kind: Mapped[str | None] = mapped_column(String(20))
    document_number: Mapped[Sealed | None] = mapped_column(LargeBinary)
    photo: Mapped[str | None] = mapped_column(String(32))
    photo_square: Mapped[str | None] = mapped_column(String(32))
    kopstuk: Mapped[bool] = mapped_column(default=False)
    traject: Mapped[bool] = mapped_column(default=False)
    letter: Mapped[bool] = mapped_column(default=False)
    place: Mapped[str] = mapped_column(String(12), default="outside")
    monitor_until: Mapped[date | None] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(default=1)
    added_at: Mapped[datetime] = mapped_column(Instant)
    added_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("professionals.id"))
    erased_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint(f"place IN {PLACES!r}", name="place"),
        CheckConstraint("(place = 'monitoring') = (monitor_until IS NOT NULL)", name="monitored"),
        CheckConstraint(f"document_kind IS NULL OR document_kind IN {_DOCUMENTS!r}", name="document_kind"),
        CheckConstraint("(document_kind IS NULL) = (document_number IS NULL)", name="document"),
        CheckConstraint("(photo IS NULL) = (photo_square IS NULL)", name="photo"),
        CheckConstraint("(erased_at IS NULL) = (name IS NOT NULL)", name="named"),
        CheckConstraint(
            "erased_at IS NULL OR (born IS NULL AND kenteken IS NULL AND description IS NULL AND checked_on IS NULL"
            " AND document_number IS NULL AND photo IS NULL)",
            name="erased",
        ),
    )


class Placement(Base):
    """From when a youngster stood where, by whom, and why; the circle of any day is read from these (seed 004, Methode).
    `agreed_with`: ids of the professionals with whom monitoring was agreed (W21).
    """

    __tablename__ = "placements"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("youth_groups.id"))
    youngster_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("youngsters.id"), index=True)
    place: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[uuid.UUID] = mapped_column(ForeignKey("professionals.id"))
    why: Mapped[Sealed | None] = mapped_column(LargeBinary)
    monitor_until: Mapped[date | None]
    agreed_with: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))

    placed_by: Mapped[Professional] = relationship(foreign_keys=[by])

    __table_args__ = (
        Index("ix_placements_group_id_at", "group_id", "at"),
        CheckConstraint(f"place IN {PLACES!r}", name="place"),
    )
