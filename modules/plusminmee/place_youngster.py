"""Operations: the beheerder places a youngster in the method, or sets one who is out of sight to monitoring (W18, W21).

Owns: the move and its history. Nothing moves by itself. Does not own removing one for good (remove_youngster.py).
"""

import uuid
from collections.abc import Collection
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from modules.plusminmee.errors import NotFoundError
from modules.plusminmee.find_membership import hold_membership, members_of
from modules.plusminmee.find_youngsters import lock_youngster
from modules.plusminmee.keeping import Keeping
from modules.plusminmee.retention import months_later, today
from modules.plusminmee.write_log import write_log
from modules.plusminmee.youngster_model import WHY, Placement, Youngster

MONITORING_MONTHS = (1, 3)


def place_youngster(
    session: Session,
    kept: Keeping,
    professional_id: uuid.UUID,
    group_id: uuid.UUID,
    youngster_id: uuid.UUID,
    place: str,
    why: str = "",
) -> None:
    """Place one in the circle, or outside the method; where they stand already nothing happens.

    Raises:
        NotFoundError, BeheerderOnlyError: not for them.
    """
    hold_membership(session, professional_id, group_id, as_beheerder=True)
    row = lock_youngster(session, group_id, youngster_id)
    if row.place == place:
        return
    _move(session, kept, professional_id, row, place, why, None, None)
    write_log(session, group_id, professional_id, "placed", youngster_id=row.id, place=place)
    session.flush()


def monitor_youngster(
    session: Session,
    kept: Keeping,
    professional_id: uuid.UUID,
    group_id: uuid.UUID,
    youngster_id: uuid.UUID,
    months: int,
    agreed_with: Collection[uuid.UUID],
) -> date:
    """Set one to monitoring for 1 or 3 months from today, also once more; returns until when.

    Raises:
        NotFoundError, BeheerderOnlyError: not for them, or agreed with somebody who is no member.
    """
    hold_membership(session, professional_id, group_id, as_beheerder=True)
    members = {each.professional_id for each in members_of(session, group_id)}
    if not agreed_with or not members.issuperset(agreed_with) or months not in MONITORING_MONTHS:
        raise NotFoundError
    row = lock_youngster(session, group_id, youngster_id)
    until = months_later(today(), months)
    _move(session, kept, professional_id, row, "monitoring", "", until, [str(each) for each in agreed_with])
    write_log(session, group_id, professional_id, "monitoring_set", youngster_id=row.id, until=until.isoformat())
    session.flush()
    return until


def _move(
    session: Session,
    kept: Keeping,
    professional_id: uuid.UUID,
    row: Youngster,
    place: str,
    why: str,
    until: date | None,
    agreed_with: list[str] | None,
) -> None:
    row.place, row.monitor_until = place, until
    row.version += 1
    placement = Placement(
        id=uuid.uuid4(),
        group_id=row.group_id,
        youngster_id=row.id,
        place=place,
        at=datetime.now(UTC),
        by=professional_id,
        monitor_until=until,
        agreed_with=agreed_with,
    )
    if why:
        placement.why = kept.sealer.seal_text(why, WHY.of(placement.id))
    session.add(placement)
