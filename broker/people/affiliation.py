"""Affiliation (werkrelatie): a person works for an organisation. Owns the table."""

import uuid

from sqlalchemy import ColumnElement, ForeignKey, Index, String, UniqueConstraint, and_, text
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, Ending, Identified, Instant, ending_checks


class Affiliation(Identified, Ending, Base):
    """A person works for an organisation. Contact data here belongs to the job, and administrators edit it here only.

    `general_email` is the address of the service (seed 000: "het generieke emailadres van je jeugddienst"); it reads along.
    `entered_*`: somebody added by number, as `entered_by` typed the name, until the person signs in and it is theirs
    (`name_at_work`).
    """

    __tablename__ = "affiliations"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    email: Mapped[str | None]
    email_source: Mapped[str | None] = mapped_column(String(10))
    phone: Mapped[str | None]
    general_email: Mapped[str | None]
    entered_given_name: Mapped[str | None]
    entered_family_name: Mapped[str | None]
    entered_by: Mapped[uuid.UUID | None]

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

    @classmethod
    def counts(cls, instant: Instant) -> ColumnElement[bool]:
        """A condition: it holds, and the person has confirmed the name that was typed (threats DG6): something may stand on it."""
        return and_(cls.holds(instant), cls.entered_family_name.is_(None))

    @property
    def name_unconfirmed(self) -> bool:
        """The name of this job is what an administrator typed; nothing that stands on it counts yet (threats DG6)."""
        return self.entered_family_name is not None
