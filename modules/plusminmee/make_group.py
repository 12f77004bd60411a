"""Operation: somebody with the right PMM Beheerder makes a group of their organisation, and is its first beheerder (M11)."""

import uuid
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from modules.plusminmee.errors import TermError
from modules.plusminmee.group_form import GroupFields
from modules.plusminmee.model import Group, Membership, Professional
from modules.plusminmee.retention import hold_term, last_day_allowed, today
from modules.plusminmee.write_log import write_log


def make_group(session: Session, maker: Professional, fields: GroupFields) -> uuid.UUID:
    """Make it; returns its id.

    Raises:
        TermError: the retention date lies in the past or beyond the term of the organisation.
    """
    hold_term(session, maker.organisation_code)
    if not today() < fields.retain_until <= last_day_allowed(session, maker.organisation_code):
        raise TermError
    now = datetime.now(UTC)
    group = Group(
        organisation_code=maker.organisation_code,
        organisation_name=maker.organisation_name,
        name=fields.name,
        place=fields.place,
        purpose=fields.purpose,
        retain_until=fields.retain_until,
        created_at=now,
        created_by=maker.id,
    )
    session.add(group)
    session.flush()
    session.add(Membership(group_id=group.id, professional_id=maker.id, beheerder=True, since=now, confirmed_at=now))
    write_log(session, group.id, maker.id, "group_created")
    session.flush()
    return group.id
