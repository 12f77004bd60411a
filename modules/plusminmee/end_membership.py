"""Operation: somebody leaves a group, or the beheerder removes them, at once. The last beheerder cannot go."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from modules.plusminmee.errors import LastBeheerderError
from modules.plusminmee.find_membership import lock_members, own_place, place_of
from modules.plusminmee.model import Group, Membership
from modules.plusminmee.put_letter import put_letter
from modules.plusminmee.write_log import write_log


def leave_group(session: Session, professional_id: uuid.UUID, group_id: uuid.UUID) -> None:
    """Take a group out of one's own overview: the membership ends.

    Raises:
        NotFoundError: no member of such a group.
        LastBeheerderError: the group would have no beheerder.
    """
    members = lock_members(session, group_id)
    mine = own_place(members, professional_id)
    require_another_beheerder(members, mine)
    _end(mine, professional_id, "left")
    write_log(session, group_id, professional_id, "left")
    session.flush()


def remove_member(session: Session, professional_id: uuid.UUID, group_id: uuid.UUID, membership_id: uuid.UUID) -> None:
    """Remove another member, at once; they are told by mail.

    Raises:
        NotFoundError: no such member, or not for them.
        BeheerderOnlyError: a member asks.
        LastBeheerderError: the group would have no beheerder.
    """
    members = lock_members(session, group_id)
    own_place(members, professional_id, as_beheerder=True)
    theirs = place_of(members, membership_id)
    require_another_beheerder(members, theirs)
    _end(theirs, professional_id, "removed")
    write_log(session, group_id, professional_id, "removed", about_id=theirs.professional_id)
    put_letter(
        session,
        f"removed:{theirs.id}",
        "removed",
        theirs.professional.email,
        name=theirs.professional.full_name,
        group=session.scalar(select(Group.name).where(Group.id == group_id)),
    )
    session.flush()


def require_another_beheerder(members: Sequence[Membership], going: Membership) -> None:
    """Go on only when the group keeps a beheerder without `going`.

    Raises:
        LastBeheerderError: it would not.
    """
    if going.beheerder and not any(each.beheerder for each in members if each is not going):
        raise LastBeheerderError


def _end(membership: Membership, by: uuid.UUID, reason: str) -> None:
    membership.ended_at = datetime.now(UTC)
    membership.end_reason = reason
    membership.ended_by = by
