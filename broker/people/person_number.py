"""PersonNumber: a rijksregisternummer somebody had before. Owns the table.

A number changes with the registration of sex, or from a BIS number to a rijksregisternummer (threats UP4). Only its
keyed hash is kept, so that the old one still finds its person and is never taken for somebody new.
"""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, Identified, UtcDateTime


class PersonNumber(Identified, Base):
    """An earlier number of a person, as a keyed hash; the number of now stands on the Person."""

    __tablename__ = "person_numbers"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    number_hash: Mapped[str] = mapped_column(String(64))
    number_hash_version: Mapped[str] = mapped_column(String(32))
    replaced_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("uq_person_numbers_number", "number_hash_version", "number_hash", unique=True),)
