"""Operation: somebody with the link from the mail reads a report; each time is noted (M15).

Owns: which links still work, and the note. Looking whether one works notes nothing: mail scanners open links (threats, rule 3).
"""

import uuid
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from modules.plusminmee.errors import NotFoundError
from modules.plusminmee.find_incidents import whole
from modules.plusminmee.incident_link import hash_of, is_a_secret
from modules.plusminmee.incident_model import IncidentLink, IncidentOpening, IncidentReport
from modules.plusminmee.report_incident import READABLE_FOR

MOST_OPENINGS = 20


def find_link(session: Session, secret: str) -> IncidentLink:
    """The link with this secret, which still works.

    Raises:
        NotFoundError: unknown, run out, or opened MOST_OPENINGS times since it was last mailed.
    """
    return _one(session, secret, lock=False)


def open_report(session: Session, secret: str) -> IncidentReport:
    """Note that it is opened now; returns the report.

    Raises:
        NotFoundError: as above.
    """
    link = _one(session, secret, lock=True)
    session.add(IncidentOpening(id=uuid.uuid4(), link_id=link.id, at=datetime.now(UTC)))
    session.flush()
    return session.scalars(whole().where(IncidentReport.id == link.report_id)).one()


def _one(session: Session, secret: str, *, lock: bool) -> IncidentLink:
    if not is_a_secret(secret):
        raise NotFoundError
    query = select(IncidentLink).where(
        IncidentLink.secret_hash == hash_of(secret), IncidentLink.expires_at > datetime.now(UTC)
    )
    found = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise NotFoundError
    since = found.expires_at - READABLE_FOR
    opened = select(func.count()).where(IncidentOpening.link_id == found.id, IncidentOpening.at >= since)
    if (session.scalar(opened) or 0) >= MOST_OPENINGS:
        raise NotFoundError
    return found
