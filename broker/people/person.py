"""Person: a human being known to the broker. Owns the table; linking lives in `link_identity`, numbers in `identifiers`."""

import uuid
from datetime import datetime
from secrets import token_hex

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, Identified, UtcDateTime

STATES = ("unlinked", "matched", "doubted", "merged", "erased")


class Person(Identified, Base):
    """One person. A fact knows who vouched for it (threats rule 1): typed, entered, proved or verified.

    `sub` is random, 40 hex characters, never reused. `number_*` hold the rijksregisternummer: sealed while linking needs
    it, and as a keyed hash to recognise the next sign-in (DESIGN §6). `email` is the person's own; an address that
    belongs to a job stands on the Affiliation. `held_at`: an investigation holds them, and nothing of them is erased.
    """

    __tablename__ = "persons"

    sub: Mapped[str] = mapped_column(String(40), default=lambda: token_hex(20), unique=True)
    given_name: Mapped[str]
    family_name: Mapped[str]
    name_source: Mapped[str] = mapped_column(String(10))
    number_sealed: Mapped[str | None]
    number_hash: Mapped[str | None] = mapped_column(String(64))
    number_hash_version: Mapped[str | None] = mapped_column(String(32))
    email: Mapped[str | None]
    email_source: Mapped[str | None] = mapped_column(String(10))
    phone: Mapped[str | None]
    phone_source: Mapped[str | None] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(2), default="nl")
    state: Mapped[str] = mapped_column(String(10))
    merged_into_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index(
            "uq_persons_number",
            "number_hash_version",
            "number_hash",
            unique=True,
            sqlite_where=text("merged_into_id IS NULL AND number_hash IS NOT NULL"),
            postgresql_where=text("merged_into_id IS NULL AND number_hash IS NOT NULL"),
        ),
        CheckConstraint(f"state IN {STATES!r}", name="state"),
        CheckConstraint("(email IS NULL) = (email_source IS NULL)", name="email_source"),
        CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="merged"),
    )

    @property
    def full_name(self) -> str:
        """Given name and family name, as people write it; of an erased person three dots."""
        return f"{self.given_name} {self.family_name}".strip() or "…"

    @property
    def proved_email(self) -> str | None:
        """The address that this person has proved to read; the only one that becomes a claim or recovers anything."""
        return self.email if self.email_source == "proved" else None
