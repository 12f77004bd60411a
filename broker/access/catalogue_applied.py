"""CatalogueApplied: which policies the rows of this database agree with (DESIGN §3, threats PF4). Owns the table: one
row.

A node whose own policies have another fingerprint is not ready (`web/health.py`), until `poortwachter catalogue
apply`. Every application is an event in the audit; only the last stands here.
"""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from broker.catalogue import Catalogue
from broker.database import Base, UtcDateTime

THE_ROW = 1


class CatalogueApplied(Base):
    """`fingerprint` and `files` are those of the catalogue that was applied last."""

    __tablename__ = "catalogue_applied"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=THE_ROW)
    fingerprint: Mapped[str] = mapped_column(String(64))
    files: Mapped[list[str]] = mapped_column(JSON)
    applied_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (CheckConstraint(f"id = {THE_ROW}", name="one_row"),)


def applied_fingerprint(session: Session) -> str | None:
    """The fingerprint of the catalogue that was applied last; None where none ever was. One statement."""
    return session.scalar(select(CatalogueApplied.fingerprint))


def is_applied(session: Session, catalogue: Catalogue) -> bool:
    """Whether the rows of this database agree with `catalogue`."""
    return applied_fingerprint(session) == catalogue.fingerprint
