"""Affiliation (werkrelatie): a person works for an organisation. Owns the table."""

import uuid

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, Ending, Identified, ending_checks


class Affiliation(Identified, Ending, Base):
    """A person works for an organisation. Contact data here belongs to the job, and administrators edit it here only."""

    __tablename__ = "affiliations"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    email: Mapped[str | None]
    email_source: Mapped[str | None] = mapped_column(String(10))
    phone: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("id", "person_id", "organisation_id", name="uq_affiliations_triple"),
        Index(
            "uq_affiliations_living",
            "person_id",
            "organisation_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        *ending_checks(),
    )
