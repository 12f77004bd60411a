"""Operation: who was invited accepts, and is a member from then on, or declines."""

import uuid
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from modules.plusminmee.errors import NotFoundError
from modules.plusminmee.find_invitations import open_to
from modules.plusminmee.model import Group, Invitation, Membership, Professional
from modules.plusminmee.write_log import write_log


def answer_invitation(
    session: Session, professional: Professional, email_key: str, invitation_id: uuid.UUID, *, accept: bool
) -> uuid.UUID:
    """Answer it; `email_key` is the address that the broker has proved of them at this moment. Returns the id of the group.

    Raises:
        NotFoundError: no open invitation to that address; one that ran out is none.
    """
    group_id = session.scalar(select(Invitation.group_id).where(Invitation.id == invitation_id))
    session.execute(select(Group.id).where(Group.id == group_id).with_for_update())
    invitation = session.scalars(
        open_to(email_key)
        .where(Invitation.id == invitation_id)
        .with_for_update(of=Invitation)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if invitation is None:
        raise NotFoundError
    now = datetime.now(UTC)
    invitation.answered_at = now
    invitation.answer = "accepted" if accept else "declined"
    write_log(session, invitation.group_id, professional.id, "joined" if accept else "declined")
    member_already = session.scalar(
        select(Membership.id).where(
            Membership.group_id == invitation.group_id,
            Membership.professional_id == professional.id,
            Membership.ended_at.is_(None),
        )
    )
    if accept and member_already is None:
        session.add(
            Membership(group_id=invitation.group_id, professional_id=professional.id, since=now, confirmed_at=now)
        )
    session.flush()
    return invitation.group_id
