"""The tables of the Cultuurmonitor.

Owns: centres, yearly figures, and the log of who saved, submitted or reopened them. Does not own what a figure means and which
values it may have (figures.py).
"""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, MetaData, String, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from modules.cultuurmonitor.figures import FIGURES, FIRST_YEAR
from modules.kit.database import NAMING, Instant

CENTRE_KINDS = ("cultuurcentrum", "gemeenschapscentrum")
STATES = ("draft", "submitted")
EVENTS = ("saved", "submitted", "reopened")


class Base(DeclarativeBase):
    """Every table of the Cultuurmonitor."""

    metadata = MetaData(naming_convention=NAMING)


class Centre(Base):
    """A culture or community centre of one organisation (M2: the centre is not the organisation).

    `name_key` is the name as it is compared; two open centres of one organisation may not share it. A centre that stops is
    ended, never deleted: its figures remain.
    """

    __tablename__ = "centres"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    organisation_code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))
    name_key: Mapped[str] = mapped_column(String(240))
    kind: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str] = mapped_column(String(40))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        Index(
            "uq_centres_open_name",
            "organisation_code",
            "name_key",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        CheckConstraint(f"kind IN {CENTRE_KINDS!r}", name="kind"),
    )


class YearFigures(Base):
    """The figures of one centre for one year.

    Every figure is a whole number in its smallest unit (figures.py): a count, a hundredth of a full-time equivalent, or a
    cent; NULL is not filled in. `version` grows with every change and tells two editors apart.
    """

    __tablename__ = "year_figures"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("centres.id"))
    year: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="draft")
    version: Mapped[int]
    remark: Mapped[str] = mapped_column(Text, default="")
    saved_at: Mapped[datetime] = mapped_column(Instant)
    saved_by: Mapped[str] = mapped_column(String(40))
    saved_by_name: Mapped[str] = mapped_column(String(200))

    activities_own: Mapped[int | None] = mapped_column(BigInteger)
    activities_partners: Mapped[int | None] = mapped_column(BigInteger)
    activities_receptive: Mapped[int | None] = mapped_column(BigInteger)
    activities_total: Mapped[int | None] = mapped_column(BigInteger)
    visitors_total: Mapped[int | None] = mapped_column(BigInteger)
    tickets_paid: Mapped[int | None] = mapped_column(BigInteger)
    tickets_free: Mapped[int | None] = mapped_column(BigInteger)
    tickets_total: Mapped[int | None] = mapped_column(BigInteger)
    hirings_associations: Mapped[int | None] = mapped_column(BigInteger)
    hirings_others: Mapped[int | None] = mapped_column(BigInteger)
    hirings_total: Mapped[int | None] = mapped_column(BigInteger)
    staff_programme: Mapped[int | None] = mapped_column(BigInteger)
    staff_support: Mapped[int | None] = mapped_column(BigInteger)
    staff_total: Mapped[int | None] = mapped_column(BigInteger)
    income_own: Mapped[int | None] = mapped_column(BigInteger)
    income_subsidies: Mapped[int | None] = mapped_column(BigInteger)
    income_other: Mapped[int | None] = mapped_column(BigInteger)
    income_total: Mapped[int | None] = mapped_column(BigInteger)
    expense_staff: Mapped[int | None] = mapped_column(BigInteger)
    expense_programme: Mapped[int | None] = mapped_column(BigInteger)
    expense_running: Mapped[int | None] = mapped_column(BigInteger)
    expense_total: Mapped[int | None] = mapped_column(BigInteger)

    centre: Mapped[Centre] = relationship()
    events: Mapped[list["FigureEvent"]] = relationship(order_by="FigureEvent.version", back_populates="figures")

    __table_args__ = (
        UniqueConstraint("centre_id", "year"),
        CheckConstraint(f"state IN {STATES!r}", name="state"),
        CheckConstraint(f"year >= {FIRST_YEAR}", name="year"),
        *(CheckConstraint(f"{code} BETWEEN 0 AND {figure.most}", name=code) for code, figure in FIGURES.items()),
    )

    def values(self) -> dict[str, int | None]:
        """The figures by code, in their smallest unit."""
        return {code: getattr(self, code) for code in FIGURES}


class FigureEvent(Base):
    """One change to the figures of a year: who, when, what kind. Never changed, never removed."""

    __tablename__ = "figure_events"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    figures_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("year_figures.id"))
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(Instant)
    person_sub: Mapped[str] = mapped_column(String(40))
    person_name: Mapped[str] = mapped_column(String(200))

    figures: Mapped[YearFigures] = relationship(back_populates="events")

    __table_args__ = (
        UniqueConstraint("figures_id", "version"),
        CheckConstraint(f"kind IN {EVENTS!r}", name="kind"),
    )
