"""The clock: a report of an incident is kept for two years, and then erased with its links.

Owns: that term. Who was told keeps what an authority asks for in the own register of incidents.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from modules.plusminmee.incident_model import IncidentLink, IncidentOpening, IncidentReport

KEPT_FOR = timedelta(days=730)


def erase_incidents(session: Session) -> int:
    """Erase those whose time has come; returns how many."""
    over = select(IncidentReport.id).where(IncidentReport.reported_at <= datetime.now(UTC) - KEPT_FOR)
    gone = session.scalars(over).all()
    if gone:
        links = select(IncidentLink.id).where(IncidentLink.report_id.in_(gone))
        session.execute(delete(IncidentOpening).where(IncidentOpening.link_id.in_(links)))
        session.execute(delete(IncidentLink).where(IncidentLink.report_id.in_(gone)))
        session.execute(delete(IncidentReport).where(IncidentReport.id.in_(gone)))
    return len(gone)
