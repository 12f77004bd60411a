"""Operation: a beheerder makes another member beheerder, or ordinary member again (M11)."""

import uuid

from sqlalchemy.orm import Session

from modules.plusminmee.end_membership import require_another_beheerder
from modules.plusminmee.find_membership import lock_members, own_place, place_of
from modules.plusminmee.write_log import write_log


def set_role(
    session: Session, professional_id: uuid.UUID, group_id: uuid.UUID, membership_id: uuid.UUID, *, beheerder: bool
) -> None:
    """Set the role of a member.

    Raises:
        NotFoundError: no such member, or not for them.
        BeheerderOnlyError: a member asks.
        LastBeheerderError: the group would have no beheerder.
    """
    members = lock_members(session, group_id)
    own_place(members, professional_id, as_beheerder=True)
    theirs = place_of(members, membership_id)
    if theirs.beheerder == beheerder:
        return
    if not beheerder:
        require_another_beheerder(members, theirs)
    theirs.beheerder = beheerder
    kind = "made_beheerder" if beheerder else "made_member"
    write_log(session, group_id, professional_id, kind, about_id=theirs.professional_id)
    session.flush()
