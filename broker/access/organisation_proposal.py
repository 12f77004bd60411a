"""OrganisationProposal: "my organisation is not in the list" (EA links). Owns the table (seed-sentences M1)."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from broker.database import Base, Identified, UtcDateTime


class OrganisationProposal(Identified, Base):
    """What the applicant says of an organisation that we do not know. The officer admits it, or refuses with a reason."""

    __tablename__ = "organisation_proposals"

    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("access_requests.id"), unique=True)
    target_group: Mapped[str] = mapped_column(String(10))
    organisation_type: Mapped[str] = mapped_column(String(40))
    kbo: Mapped[str] = mapped_column(String(10))
    name: Mapped[str]
    address: Mapped[str]
    representative: Mapped[str]
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisations.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refused_reason: Mapped[str | None]

    __table_args__ = (
        CheckConstraint(
            "(decided_at IS NOT NULL) = (organisation_id IS NOT NULL OR refused_reason IS NOT NULL)", name="decided"
        ),
    )
