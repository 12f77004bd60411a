"""Finding invitations: those to an address, and those of a group.

Owns: those queries. One that ran out, was answered or taken back is not found; nor is one into a group that was erased.
"""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from modules.plusminmee.model import Group, Invitation


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
            Group.erased_at.is_(None),
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
