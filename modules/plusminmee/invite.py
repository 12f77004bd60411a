"""Operation: the beheerder invites a professional into the group, by mail (seed 004: "Alleen de beheerder kan u toevoegen")."""

import uuid
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from modules.plusminmee.email_key import key_of_email
from modules.plusminmee.errors import AlreadyMemberError, InvitedAlreadyError, TooManyInvitationsError
from modules.plusminmee.find_membership import lock_members, own_place
from modules.plusminmee.model import Group, Invitation
from modules.plusminmee.put_letter import put_letter
from modules.plusminmee.write_log import write_log

VALID_FOR = timedelta(days=14)
MOST_A_DAY = 30


def invite(session: Session, professional_id: uuid.UUID, group_id: uuid.UUID, address: str) -> None:
    """Invite who has this address; whether they have an account is told to nobody.

    Raises:
        NotFoundError, BeheerderOnlyError: not for them.
        AlreadyMemberError, InvitedAlreadyError: nothing to invite for.
        TooManyInvitationsError: this group invited MOST_A_DAY in the last day.
    """
    members = lock_members(session, group_id)
    inviter = own_place(members, professional_id, as_beheerder=True)
    key, now = key_of_email(address), datetime.now(UTC)
    if any(each.professional.email_key == key for each in members):
        raise AlreadyMemberError
    _settle_run_out(session, group_id, now)
    open_one = select(Invitation.id).where(
        Invitation.group_id == group_id, Invitation.email_key == key, Invitation.answered_at.is_(None)
    )
    if session.scalar(open_one) is not None:
        raise InvitedAlreadyError
    lately = select(func.count()).where(
        Invitation.group_id == group_id, Invitation.invited_at > now - timedelta(days=1)
    )
    if (session.scalar(lately) or 0) >= MOST_A_DAY:
        raise TooManyInvitationsError
    invitation = Invitation(
        id=uuid.uuid4(),
        group_id=group_id,
        email=address,
        email_key=key,
        invited_by=professional_id,
        invited_at=now,
        expires_at=now + VALID_FOR,
    )
    session.add(invitation)
    put_letter(
        session,
        f"invited:{invitation.id}",
        "invited",
        address,
        group=session.scalar(select(Group.name).where(Group.id == group_id)),
        inviter=inviter.professional.full_name,
        until=invitation.expires_at.isoformat(),
    )
    write_log(session, group_id, professional_id, "invited")
    session.flush()


def _settle_run_out(session: Session, group_id: uuid.UUID, now: datetime) -> None:
    """What the clock ended is ended in writing by who needs its place."""
    session.execute(
        update(Invitation)
        .where(Invitation.group_id == group_id, Invitation.answered_at.is_(None), Invitation.expires_at <= now)
        .values(answered_at=Invitation.expires_at, answer="withdrawn")
    )
