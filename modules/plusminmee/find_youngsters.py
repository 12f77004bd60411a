"""Finding youngsters: always of one group, never by id alone; the membership is asked before (who.py).

Owns: those queries. A youngster of another group is not found, nor is one who was removed, unless the past is asked for.
"""

import uuid
from collections.abc import Collection, Sequence
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from modules.plusminmee.errors import NotFoundError
from modules.plusminmee.model import Professional
from modules.plusminmee.youngster_model import Placement, Youngster


def youngsters_of(session: Session, group_id: uuid.UUID) -> Sequence[Youngster]:
    """Everybody in the group now."""
    return session.scalars(select(Youngster).where(Youngster.group_id == group_id, Youngster.erased_at.is_(None))).all()


def youngsters_in(session: Session, group_ids: Collection[uuid.UUID]) -> Sequence[Youngster]:
    """Everybody in these groups now."""
    return session.scalars(
        select(Youngster).where(Youngster.group_id.in_(group_ids), Youngster.erased_at.is_(None))
    ).all()


def youngsters_by_id(session: Session, ids: Collection[uuid.UUID]) -> Sequence[Youngster]:
    """Those with these ids, also who was removed: for entries of a logbook that the reader may see."""
    return session.scalars(select(Youngster).where(Youngster.id.in_(ids))).all() if ids else []


def find_youngster(session: Session, group_id: uuid.UUID, youngster_id: uuid.UUID) -> Youngster:
    """One of them, to read.

    Raises:
        NotFoundError: not in this group, or removed.
    """
    return _one(session, group_id, youngster_id)


def hold_youngster(session: Session, group_id: uuid.UUID, youngster_id: uuid.UUID) -> Youngster:
    """The same, and nobody removes them before this transaction is over: what is written about them then goes with them.

    Raises:
        NotFoundError: not in this group, or removed.
    """
    return _one(session, group_id, youngster_id, held="shared")


def lock_youngster(session: Session, group_id: uuid.UUID, youngster_id: uuid.UUID) -> Youngster:
    """The same, locked until the end of the transaction.

    Raises:
        NotFoundError: not in this group, or removed.
    """
    return _one(session, group_id, youngster_id, held="alone")


def placements_of(session: Session, youngster_id: uuid.UUID) -> Sequence[Placement]:
    """Where a youngster stood, the newest first, with who placed them."""
    return session.scalars(
        select(Placement)
        .where(Placement.youngster_id == youngster_id)
        .options(joinedload(Placement.placed_by, innerjoin=True))
        .order_by(Placement.at.desc(), Placement.id)
    ).all()


def agreed_with(session: Session, places: Sequence[Placement]) -> dict[uuid.UUID, str]:
    """With whom each period of monitoring among them was agreed (W21), as names after each other, by the id of the placement."""
    ids = {uuid.UUID(each) for place in places for each in place.agreed_with or ()}
    people = session.execute(select(Professional.id, Professional.full_name).where(Professional.id.in_(ids)))
    names = {str(row.id): row.full_name for row in people}
    return {
        place.id: ", ".join(sorted(names[each] for each in set(place.agreed_with)))
        for place in places
        if place.agreed_with
    }


def _one(
    session: Session, group_id: uuid.UUID, youngster_id: uuid.UUID, *, held: Literal["shared", "alone"] | None = None
) -> Youngster:
    query = select(Youngster).where(
        Youngster.id == youngster_id, Youngster.group_id == group_id, Youngster.erased_at.is_(None)
    )
    if held is not None:
        query = query.with_for_update(read=held == "shared").execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFoundError
    return found
