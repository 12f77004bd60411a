"""Operation: the beheerder takes an invitation back before it is answered."""

import uuid
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from modules.plusminmee.errors import NotFoundError
from modules.plusminmee.find_membership import hold_membership
from modules.plusminmee.model import Invitation
from modules.plusminmee.write_log import write_log


def withdraw_invitation(
    session: Session, professional_id: uuid.UUID, group_id: uuid.UUID, invitation_id: uuid.UUID
) -> None:
    """Take it back.

    Raises:
        NotFoundError: no such open invitation of this group, or not for them.
        BeheerderOnlyError: a member asks.
    """
    hold_membership(session, professional_id, group_id, as_beheerder=True)
    invitation = session.scalars(
        select(Invitation)
        .where(Invitation.id == invitation_id, Invitation.group_id == group_id, Invitation.answered_at.is_(None))
        .with_for_update()
    ).one_or_none()
    if invitation is None:
        raise NotFoundError
    invitation.answered_at, invitation.answer = datetime.now(UTC), "withdrawn"
    write_log(session, group_id, professional_id, "invitation_withdrawn")
    session.flush()
