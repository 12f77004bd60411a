"""Finding reports of incidents: only one's own; others come by their link (open_report.py).

Owns: those queries, and opening what is sealed.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from modules.plusminmee.errors import NotFoundError
from modules.plusminmee.incident_model import HAPPENED_ON, LEADER, WHAT, IncidentLink, IncidentReport
from modules.plusminmee.sealing import Sealer

MOST_SHOWN = 100


@dataclass(frozen=True)
class Told:
    """A report with its words."""

    row: IncidentReport
    what: str
    happened_on: date
    leader_email: str


def told(sealer: Sealer, row: IncidentReport) -> Told:
    """The report of this row, opened."""
    return Told(
        row,
        sealer.open_text(row.what, WHAT.of(row.id)),
        sealer.open_date(row.happened_on, HAPPENED_ON.of(row.id)),
        sealer.open_text(row.leader_email, LEADER.of(row.id)),
    )


def reports_of(session: Session, professional_id: uuid.UUID) -> Sequence[IncidentReport]:
    """What they reported, the newest first, with who opened it."""
    return session.scalars(
        whole()
        .where(IncidentReport.reported_by == professional_id)
        .order_by(IncidentReport.reported_at.desc(), IncidentReport.id)
        .limit(MOST_SHOWN)
    ).all()


def find_report(session: Session, professional_id: uuid.UUID, report_id: uuid.UUID) -> IncidentReport:
    """One of theirs.

    Raises:
        NotFoundError: there is none, or it is somebody else's.
    """
    found = session.scalars(
        whole().where(IncidentReport.id == report_id, IncidentReport.reported_by == professional_id)
    ).one_or_none()
    if found is None:
        raise NotFoundError
    return found


def whole() -> Select[IncidentReport]:
    """Reports with all that a page shows of them."""
    return select(IncidentReport).options(
        joinedload(IncidentReport.reporter, innerjoin=True),
        joinedload(IncidentReport.group),
        selectinload(IncidentReport.links).selectinload(IncidentLink.openings),
    )
