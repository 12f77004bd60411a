"""Operation: the beheerder changes what is said of a group, and until when it is kept (W22)."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from modules.plusminmee.errors import ChangedMeanwhileError, ReasonMissingError, TermError
from modules.plusminmee.find_membership import hold_membership
from modules.plusminmee.group_form import GroupFields
from modules.plusminmee.keeping import Keeping
from modules.plusminmee.model import KEPT_LONGER, Group, RetentionReason
from modules.plusminmee.retention import hold_term, last_day_allowed, today
from modules.plusminmee.write_log import write_log


def change_group(
    session: Session,
    kept: Keeping,
    professional_id: uuid.UUID,
    group_id: uuid.UUID,
    fields: GroupFields,
    seen_version: int,
) -> None:
    """Change name, place, purpose and retention date; a later date takes a reason, which the logbook shows.

    Raises:
        NotFoundError, BeheerderOnlyError: not for them.
        ChangedMeanwhileError: somebody else changed it since `seen_version`.
        TermError: another retention date, in the past or beyond the term of the organisation.
        ReasonMissingError: a later one, and nobody says why.
    """
    mine = hold_membership(session, professional_id, group_id, as_beheerder=True)
    hold_term(session, mine.group.organisation_code)
    group = session.scalars(
        select(Group).where(Group.id == group_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    if group.version != seen_version:
        raise ChangedMeanwhileError
    if fields.retain_until != group.retain_until:
        if not today() < fields.retain_until <= last_day_allowed(session, group.organisation_code):
            raise TermError
        _keep_until(session, kept, professional_id, group, fields)
    if (group.name, group.place, group.purpose) != (fields.name, fields.place, fields.purpose):
        group.name, group.place, group.purpose = fields.name, fields.place, fields.purpose
        write_log(session, group_id, professional_id, "group_changed")
    group.version += 1
    session.flush()


def _keep_until(session: Session, kept: Keeping, professional_id: uuid.UUID, group: Group, fields: GroupFields) -> None:
    until = fields.retain_until.isoformat()
    if fields.retain_until < group.retain_until:
        write_log(session, group.id, professional_id, "retention_set", until=until)
    elif not fields.why:
        raise ReasonMissingError
    else:
        reason_id = uuid.uuid4()
        why = kept.sealer.seal_text(fields.why, KEPT_LONGER.of(reason_id))
        session.add(RetentionReason(id=reason_id, group_id=group.id, why=why))
        write_log(session, group.id, professional_id, "retention_extended", until=until, reason=str(reason_id))
    group.retain_until = fields.retain_until
