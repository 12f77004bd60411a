"""The tables of PlusMinMee about reports of incidents (M15). What somebody wrote in them is sealed.

Owns: a report, the two links by which others read it, and each time somebody did. Does not own sending the links.
"""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from modules.kit.database import Instant
from modules.plusminmee.model import Base, Group, Professional
from modules.plusminmee.sealing import Sealed, SealedField

RECIPIENTS = ("leader", "fg")
WHAT = SealedField("incident_reports", "what")
HAPPENED_ON = SealedField("incident_reports", "happened_on")
LEADER = SealedField("incident_reports", "leader_email")
SECRET = SealedField("incident_links", "secret_hash")


class IncidentReport(Base):
    """What somebody saw go wrong, on which day, and the leidinggevende they tell. It holds no data on youngsters: `group_id` says
    which group it was about, if any.
    """

    __tablename__ = "incident_reports"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    reported_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("professionals.id"), index=True)
    reported_at: Mapped[datetime] = mapped_column(Instant, index=True)
    group_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("youth_groups.id"))
    what: Mapped[Sealed] = mapped_column(LargeBinary)
    happened_on: Mapped[Sealed] = mapped_column(LargeBinary)
    leader_email: Mapped[Sealed] = mapped_column(LargeBinary)

    reporter: Mapped[Professional] = relationship()
    group: Mapped[Group | None] = relationship()
    links: Mapped[list["IncidentLink"]] = relationship(
        back_populates="report", order_by="IncidentLink.recipient.desc()"
    )


class IncidentLink(Base):
    """The way of one recipient to one report, who may have no account: a secret that only the mail holds, kept here as its SHA-256.
    `recipient` is leader or fg.
    """

    __tablename__ = "incident_links"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    report_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("incident_reports.id"))
    recipient: Mapped[str] = mapped_column(String(6))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(Instant)

    report: Mapped[IncidentReport] = relationship(back_populates="links")
    openings: Mapped[list["IncidentOpening"]] = relationship(order_by="IncidentOpening.at")

    __table_args__ = (
        UniqueConstraint("report_id", "recipient"),
        CheckConstraint(f"recipient IN {RECIPIENTS!r}", name="recipient"),
    )


class IncidentOpening(Base):
    """Somebody read the report by this link, then."""

    __tablename__ = "incident_openings"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    link_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("incident_links.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
