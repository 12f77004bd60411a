"""Finding invitations: those to an address, those of a group, and the addresses of which it ran out.

Owns: those queries. One that ran out, was answered or taken back is not found as open; nor is one into a group that was erased.
"""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from modules.plusminmee.model import Invitation, Membership, Professional

RUN_OUT_SHOWN = 50


def open_to(email_key: str) -> Select[Invitation]:
    """The open invitations to this address, with group and inviter."""
    return (
        select(Invitation)
        .join(Invitation.group)
        .options(contains_eager(Invitation.group), joinedload(Invitation.inviter, innerjoin=True))
        .where(
            Invitation.email_key == email_key,
            Invitation.answered_at.is_(None),
            Invitation.expires_at > datetime.now(UTC),
        )
        .order_by(Invitation.invited_at, Invitation.id)
    )


def invitations_to(session: Session, email_key: str) -> Sequence[Invitation]:
    """The same, read. Nobody has an empty address."""
    return session.scalars(open_to(email_key)).all() if email_key else []


def invitations_of(session: Session, group_id: uuid.UUID) -> Sequence[Invitation]:
    """The open invitations into a group, the oldest first."""
    return session.scalars(
        select(Invitation)
        .where(
            Invitation.group_id == group_id,
            Invitation.answered_at.is_(None),
            Invitation.expires_at > datetime.now(UTC),
        )
        .order_by(Invitation.invited_at, Invitation.id)
    ).all()


def run_out_of(session: Session, group_id: uuid.UUID) -> Sequence[Invitation]:
    """The newest invitation into a group to each address that did not answer in time and is no member, the latest first. What ran
    out may have been ended in writing since (invite.py), at the moment at which it ran out.
    """
    later = aliased(Invitation)
    return session.scalars(
        select(Invitation)
        .where(
            Invitation.group_id == group_id,
            Invitation.expires_at <= datetime.now(UTC),
            or_(Invitation.answered_at.is_(None), Invitation.answered_at == Invitation.expires_at),
            ~exists().where(
                later.group_id == Invitation.group_id,
                later.email_key == Invitation.email_key,
                later.invited_at > Invitation.invited_at,
            ),
            ~exists().where(
                Membership.group_id == Invitation.group_id,
                Membership.ended_at.is_(None),
                Professional.id == Membership.professional_id,
                Professional.email_key == Invitation.email_key,
            ),
        )
        .order_by(Invitation.expires_at.desc(), Invitation.id)
        .limit(RUN_OUT_SHOWN)
    ).all()
