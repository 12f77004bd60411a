"""Finding groups of which nobody confirmed in time who belongs to them (M13).

Owns: that query. Who is beheerder of such a group sees it; so does, by its name alone, who is PMM Beheerder of the organisation
that the group is of. A group without a beheerder is not among them: it waits for one (take_over_group.py).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from modules.plusminmee.confirm_members import due_after
from modules.plusminmee.model import Group, Membership, Professional
from modules.plusminmee.retention import today


@dataclass(frozen=True)
class LateGroup:
    """Its members were to be confirmed on `due`. `own`: the reader is its beheerder."""

    group_id: uuid.UUID
    name: str
    due: date
    own: bool


def late_groups(session: Session, reader: Professional, *, whole_organisation: bool) -> Sequence[LateGroup]:
    """Those that this professional is beheerder of, and with `whole_organisation` all of their organisation, by name."""
    led = aliased(Membership)
    leads = and_(led.group_id == Group.id, led.beheerder.is_(True), led.ended_at.is_(None))
    own = select(led.id).where(leads, led.professional_id == reader.id).exists()
    of_theirs = and_(Group.organisation_code == reader.organisation_code, select(led.id).where(leads).exists())
    rows = session.execute(
        select(Group.id, Group.name, func.min(Membership.confirmed_at), own)
        .join(Membership, and_(Membership.group_id == Group.id, Membership.ended_at.is_(None)))
        .where(or_(own, of_theirs) if whole_organisation else own)
        .group_by(Group.id, Group.name)
        .order_by(Group.name, Group.id)
    )
    found = [
        LateGroup(group_id, name, due_after(at), bool(mine)) for group_id, name, at, mine in rows if at is not None
    ]
    return [each for each in found if each.due <= today()]
