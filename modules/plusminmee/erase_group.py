"""The clock: thirty days before a group's retention date its beheerders are warned, and on the date it is erased (W22).

Owns: both. What stays of a group is that there was one, of which organisation, and how much was in it: counts, not people.
"""

import uuid
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from modules.plusminmee.find_membership import lock_members, members_of
from modules.plusminmee.find_youngsters import youngsters_of
from modules.plusminmee.incident_model import IncidentReport
from modules.plusminmee.keep_photo import files_of
from modules.plusminmee.model import ErasedGroup, Group, Invitation, LogEntry, Membership, RetentionReason
from modules.plusminmee.proposal_model import Proposal
from modules.plusminmee.put_letter import put_letter
from modules.plusminmee.retention import WARNED_DAYS, today
from modules.plusminmee.work_model import Intervention, Message
from modules.plusminmee.youngster_model import Placement, Youngster


def warn_of_erasure(session: Session) -> None:
    """Put a letter to every beheerder of a group that is erased within thirty days; once for each date."""
    soon = session.scalars(select(Group).where(Group.retain_until <= today() + timedelta(days=WARNED_DAYS))).all()
    for group in soon:
        for each in members_of(session, group.id):
            if each.beheerder:
                put_letter(
                    session,
                    f"retention:{group.id}:{group.retain_until}:{each.professional_id.hex[:12]}",
                    "erased_soon",
                    each.professional.email,
                    name=each.professional.full_name,
                    group=group.name,
                    group_id=str(group.id),
                    until=group.retain_until.isoformat(),
                )
    session.flush()


def erase_next_group(session: Session) -> list[str] | None:
    """Erase one group whose date has come; returns the files to erase once this is committed, or None when there
    is no such group."""
    group = session.scalars(
        select(Group)
        .where(Group.retain_until <= today())
        .order_by(Group.retain_until, Group.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if group is None:
        return None
    lock_members(session, group.id)  # whoever is writing in it goes first, and so goes along
    files = [name for row in youngsters_of(session, group.id) for name in files_of(row)]
    attached = select(Message.attachment).where(Message.group_id == group.id, Message.attachment.is_not(None))
    files += [name for name in session.scalars(attached) if name is not None]
    counts = {
        "youngsters": _count(session, Youngster, group.id),
        "messages": _count(session, Message, group.id),
        "professionals": _count(session, Membership, group.id),
        "log_entries": _count(session, LogEntry, group.id),
    }
    group.erased_at, group.erased_counts = datetime.now(UTC), counts
    session.add(ErasedGroup(organisation_code=group.organisation_code, erased_at=group.erased_at, counts=counts))
    session.flush()  # the logbook only goes with a group that says it is erased
    for table in (
        RetentionReason,
        LogEntry,
        Proposal,
        Intervention,
        Message,
        Placement,
        Youngster,
        Invitation,
        Membership,
    ):
        session.execute(delete(table).where(table.group_id == group.id))
    session.execute(update(IncidentReport).where(IncidentReport.group_id == group.id).values(group_id=None))
    session.delete(group)
    session.flush()
    return files


def _count(session: Session, table: type[Youngster | Membership | LogEntry | Message], group_id: uuid.UUID) -> int:
    return session.scalar(select(func.count()).select_from(table).where(table.group_id == group_id)) or 0
