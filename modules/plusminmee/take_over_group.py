"""Operation: somebody with the right PMM Beheerder takes over a group of their organisation that has no beheerder any more, because
the right of the last one ended at the broker.

Owns: which groups those are, and the change. Whether the person has the right now is asked by the page, of the token.
"""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from modules.plusminmee.errors import NotFoundError
from modules.plusminmee.find_membership import lock_members
from modules.plusminmee.model import Group, Membership, Professional
from modules.plusminmee.put_letter import put_letter
from modules.plusminmee.write_log import write_log


def groups_to_take_over(session: Session, organisation_code: str) -> Sequence[Group]:
    """Those of this organisation without a beheerder, by name."""
    return session.scalars(_of_organisation(organisation_code).order_by(Group.name, Group.id)).all()


def group_to_take_over(session: Session, organisation_code: str, group_id: uuid.UUID) -> Group:
    """One of them.

    Raises:
        NotFoundError: there is no such group, it is of another organisation, or it has a beheerder.
    """
    found = session.scalars(_of_organisation(organisation_code).where(Group.id == group_id)).one_or_none()
    if found is None:
        raise NotFoundError
    return found


def take_over_group(session: Session, taker: Professional, group_id: uuid.UUID) -> None:
    """Make them its beheerder; every other member is told by mail.

    Raises:
        NotFoundError: as above; also when somebody else was first.
    """
    members = lock_members(session, group_id)
    group = group_to_take_over(session, taker.organisation_code, group_id)
    now = datetime.now(UTC)
    mine = next((each for each in members if each.professional_id == taker.id), None)
    if mine is None:
        session.add(
            Membership(group_id=group_id, professional_id=taker.id, beheerder=True, since=now, confirmed_at=now)
        )
    else:
        mine.beheerder = True
    write_log(session, group_id, taker.id, "taken_over")
    for each in members:
        if each is not mine:
            put_letter(
                session,
                f"taken_over:{each.id}:{now.isoformat()}",
                "taken_over",
                each.professional.email,
                name=each.professional.full_name,
                taker=taker.full_name,
                organisation=taker.organisation_name,
                group=group.name,
                group_id=str(group_id),
            )
    session.flush()


def without_beheerder() -> Select[Group]:
    """Groups, of any organisation, that nobody is beheerder of."""
    led = select(Membership.id).where(
        Membership.group_id == Group.id, Membership.ended_at.is_(None), Membership.beheerder.is_(True)
    )
    return select(Group).where(~led.exists())


def _of_organisation(organisation_code: str) -> Select[Group]:
    return without_beheerder().where(Group.organisation_code == organisation_code)
