"""Operation: the beheerder changes what is said of a group, and until when it is kept (W22)."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from modules.plusminmee.errors import ChangedMeanwhileError, TermError
from modules.plusminmee.find_membership import hold_membership
from modules.plusminmee.group_form import GroupFields
from modules.plusminmee.model import Group
from modules.plusminmee.retention import last_day_allowed, today
from modules.plusminmee.write_log import write_log


def change_group(
    session: Session, professional_id: uuid.UUID, group_id: uuid.UUID, fields: GroupFields, seen_version: int
) -> None:
    """Change name, place, purpose and retention date.

    Raises:
        NotFoundError, BeheerderOnlyError: not for them.
        ChangedMeanwhileError: somebody else changed it since `seen_version`.
        TermError: another retention date, in the past or beyond the term of the organisation.
    """
    hold_membership(session, professional_id, group_id, as_beheerder=True)
    group = session.scalars(
        select(Group).where(Group.id == group_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    if group.version != seen_version:
        raise ChangedMeanwhileError
    if fields.retain_until != group.retain_until:
        if not today() < fields.retain_until <= last_day_allowed(session, group.organisation_code):
            raise TermError
        group.retain_until = fields.retain_until
        write_log(session, group_id, professional_id, "retention_set", until=fields.retain_until.isoformat())
    if (group.name, group.place, group.purpose) != (fields.name, fields.place, fields.purpose):
        group.name, group.place, group.purpose = fields.name, fields.place, fields.purpose
        write_log(session, group_id, professional_id, "group_changed")
    group.version += 1
    session.flush()
