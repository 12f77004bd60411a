"""Finding the place of a professional in a group: the one way by which a group is reached at all.

Owns: those queries. A group of which somebody is no member, and one that was erased, is not found, as if it were not there.
"""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload

from modules.plusminmee.errors import BeheerderOnlyError, NotFoundError
from modules.plusminmee.model import Group, Membership, Professional


def find_membership(
    session: Session, professional_id: uuid.UUID, group_id: uuid.UUID, *, as_beheerder: bool = False
) -> Membership:
    """The open membership with its group, to read.

    Raises:
        NotFoundError: no member of such a group.
        BeheerderOnlyError: a member, and it takes a beheerder.
    """
    return _one(session, professional_id, group_id, as_beheerder=as_beheerder, hold=False)


def hold_membership(
    session: Session, professional_id: uuid.UUID, group_id: uuid.UUID, *, as_beheerder: bool = False
) -> Membership:
    """The same, and nobody ends it before this transaction is over (threats rule 4): what follows is done by a member.

    Raises:
        NotFoundError, BeheerderOnlyError: as above.
    """
    return _one(session, professional_id, group_id, as_beheerder=as_beheerder, hold=True)


def memberships_of(session: Session, professional_id: uuid.UUID) -> Sequence[Membership]:
    """All open memberships of a professional with their groups, by the name of the group."""
    return session.scalars(
        select(Membership)
        .join(Membership.group)
        .options(contains_eager(Membership.group))
        .where(Membership.professional_id == professional_id, Membership.ended_at.is_(None))
        .order_by(Group.name, Group.id)
    ).all()


def members_of(session: Session, group_id: uuid.UUID) -> Sequence[Membership]:
    """All open memberships of a group with their professionals and what these show of themselves, beheerders first, by name."""
    return session.scalars(
        select(Membership)
        .join(Membership.professional)
        .options(contains_eager(Membership.professional).joinedload(Professional.photo))
        .where(Membership.group_id == group_id, Membership.ended_at.is_(None))
        .order_by(Membership.beheerder.desc(), Professional.full_name, Membership.id)
    ).all()


def lock_members(session: Session, group_id: uuid.UUID) -> Sequence[Membership]:
    """The same, locked until the end of the transaction, after the group itself: whoever counts beheerders goes first."""
    session.execute(select(Group.id).where(Group.id == group_id).with_for_update())
    return session.scalars(
        select(Membership)
        .options(joinedload(Membership.professional))
        .where(Membership.group_id == group_id, Membership.ended_at.is_(None))
        .order_by(Membership.id)
        .with_for_update(of=Membership)
        .execution_options(populate_existing=True)
    ).all()


def own_place(members: Sequence[Membership], professional_id: uuid.UUID, *, as_beheerder: bool = False) -> Membership:
    """That of this professional among the locked members.

    Raises:
        NotFoundError: they are no member.
        BeheerderOnlyError: a member, and it takes a beheerder.
    """
    found = next((each for each in members if each.professional_id == professional_id), None)
    if found is None:
        raise NotFoundError
    if as_beheerder and not found.beheerder:
        raise BeheerderOnlyError
    return found


def place_of(members: Sequence[Membership], membership_id: uuid.UUID) -> Membership:
    """The membership with this id among the locked members.

    Raises:
        NotFoundError: there is none.
    """
    found = next((each for each in members if each.id == membership_id), None)
    if found is None:
        raise NotFoundError
    return found


def _one(
    session: Session, professional_id: uuid.UUID, group_id: uuid.UUID, *, as_beheerder: bool, hold: bool
) -> Membership:
    query = (
        select(Membership)
        .join(Membership.group)
        .options(contains_eager(Membership.group))
        .where(
            Membership.group_id == group_id,
            Membership.professional_id == professional_id,
            Membership.ended_at.is_(None),
        )
    )
    if hold:
        query = query.with_for_update(read=True, of=Membership).execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFoundError
    if as_beheerder and not found.beheerder:
        raise BeheerderOnlyError
    return found
