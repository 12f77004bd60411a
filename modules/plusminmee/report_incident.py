"""Operations: somebody reports an incident; the leidinggevende and the FG each get a link to it, and again when asked (M15).

Owns: keeping it sealed, the links, and how many somebody may send in a day. No mail holds a word that was typed.
"""

import uuid
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from modules.plusminmee.errors import TooManyReportsError
from modules.plusminmee.find_incidents import find_report
from modules.plusminmee.incident_form import IncidentFields
from modules.plusminmee.incident_link import hash_of, secret_of
from modules.plusminmee.incident_model import HAPPENED_ON, LEADER, WHAT, IncidentLink, IncidentReport
from modules.plusminmee.keeping import Keeping
from modules.plusminmee.model import Professional
from modules.plusminmee.policy import POLICY
from modules.plusminmee.put_letter import put_letter
from modules.plusminmee.retention import today
from modules.plusminmee.sealing import Sealer

READABLE_FOR = timedelta(days=30)
MOST_A_DAY = 10


def report_incident(session: Session, kept: Keeping, reporter: Professional, fields: IncidentFields) -> uuid.UUID:
    """Keep it and have both links mailed; returns its id.

    Raises:
        TooManyReportsError: MOST_A_DAY of theirs in the last day.
    """
    now, sealer = datetime.now(UTC), kept.sealer
    session.execute(select(Professional.id).where(Professional.id == reporter.id).with_for_update())
    lately = select(func.count()).where(
        IncidentReport.reported_by == reporter.id, IncidentReport.reported_at > now - timedelta(days=1)
    )
    if (session.scalar(lately) or 0) >= MOST_A_DAY:
        raise TooManyReportsError
    report_id = uuid.uuid4()
    session.add(
        IncidentReport(
            id=report_id,
            reported_by=reporter.id,
            reported_at=now,
            group_id=fields.group_id,
            what=sealer.seal_text(fields.what, WHAT.of(report_id)),
            happened_on=sealer.seal_date(fields.happened_on, HAPPENED_ON.of(report_id)),
            leader_email=sealer.seal_text(fields.leader_email, LEADER.of(report_id)),
        )
    )
    session.flush()
    for recipient, address in (("leader", fields.leader_email), ("fg", POLICY.data_protection_officer)):
        link = IncidentLink(id=uuid.uuid4(), report_id=report_id, recipient=recipient)
        _send(session, sealer, reporter, link, address, f"incident:{link.id}")
    session.flush()
    return report_id


def send_links_again(session: Session, kept: Keeping, reporter: Professional, report_id: uuid.UUID) -> None:
    """Mail both links once more, for another thirty days; at most once a day.

    Raises:
        NotFoundError: no such report of theirs.
    """
    report, sealer = find_report(session, reporter.id, report_id), kept.sealer
    leader = sealer.open_text(report.leader_email, LEADER.of(report_id))
    for link in session.scalars(select(IncidentLink).where(IncidentLink.report_id == report_id).with_for_update()):
        address = leader if link.recipient == "leader" else POLICY.data_protection_officer
        _send(session, sealer, reporter, link, address, f"incident:{link.id}:{today()}")
    session.flush()


def _send(session: Session, sealer: Sealer, reporter: Professional, link: IncidentLink, address: str, key: str) -> None:
    """The link is mailed, and from now on works for thirty days; its secret is the same until the keys are rotated. Where the mail
    of this key went before, that is the one that works."""
    expires_at = datetime.now(UTC) + READABLE_FOR
    mailed = put_letter(
        session,
        key,
        "incident",
        address,
        link_id=str(link.id),
        key_id=sealer.newest,
        name=reporter.full_name,
        organisation=reporter.organisation_name,
        until=expires_at.isoformat(),
    )
    if mailed:
        link.secret_hash, link.expires_at = hash_of(secret_of(sealer, link.id, sealer.newest)), expires_at
        session.add(link)
