"""The clock: on the day of its reminder, who an open intervention is for gets a mail; if they left the group, the beheerders do.

Owns: telling it once for each day. The mail names the group, no youngster and no word of the intervention.
"""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from modules.plusminmee.model import Group, Letter, Membership, Professional
from modules.plusminmee.put_letter import put_letter
from modules.plusminmee.retention import today
from modules.plusminmee.work_model import Intervention


@dataclass(frozen=True)
class _Due:
    """An open intervention whose day has come, whom it is for, and their open membership of the group (`here`) if there is one."""

    id: uuid.UUID
    remind_on: date | None
    group_id: uuid.UUID
    group: str
    full_name: str
    email: str
    here: uuid.UUID | None

    @property
    def key(self) -> str:
        return f"reminder:{self.id}:{self.remind_on}"


def tell_reminders(session: Session) -> None:
    """Put a letter for every open intervention whose day has come and of which nobody was told yet."""
    due = _due(session)
    told = set(session.scalars(select(Letter.key).where(Letter.key.in_([each.key for each in due]))))
    beheerders = _beheerders(session, {each.group_id for each in due if each.here is None})
    for each in due:
        facts = {"group": each.group, "group_id": str(each.group_id), "intervention_id": str(each.id)}
        if each.key in told:
            continue
        if each.here is not None:
            put_letter(session, each.key, "reminder", each.email, name=each.full_name, **facts)
            continue
        for name, email, professional_id in beheerders[each.group_id]:
            key = f"{each.key}:{professional_id.hex[:12]}"
            put_letter(session, key, "reminder_of_who_left", email, name=name, who=each.full_name, **facts)
    session.flush()


def _due(session: Session) -> list[_Due]:
    rows = session.execute(
        select(
            Intervention.id,
            Intervention.remind_on,
            Group.id,
            Group.name,
            Professional.full_name,
            Professional.email,
            Membership.id,
        )
        .join(Group, Group.id == Intervention.group_id)
        .join(Professional, Professional.id == Intervention.professional_id)
        .outerjoin(
            Membership,
            and_(
                Membership.group_id == Group.id,
                Membership.professional_id == Professional.id,
                Membership.ended_at.is_(None),
            ),
        )
        .where(Intervention.remind_on <= today(), Intervention.settled_on.is_(None))
    )
    return [_Due(*row) for row in rows]


def _beheerders(session: Session, groups: set[uuid.UUID]) -> dict[uuid.UUID, list[tuple[str, str, uuid.UUID]]]:
    """Name, address and id of every beheerder, by group."""
    found: dict[uuid.UUID, list[tuple[str, str, uuid.UUID]]] = defaultdict(list)
    if groups:
        rows = session.execute(
            select(Membership.group_id, Professional.full_name, Professional.email, Professional.id)
            .join(Membership.professional)
            .where(Membership.group_id.in_(groups), Membership.beheerder, Membership.ended_at.is_(None))
        )
        for group_id, name, email, professional_id in rows:
            found[group_id].append((name, email, professional_id))
    return found
