"""Who stands where in the method: now, or at the end of any earlier day.

Owns: that reading. Of the past it names nobody who was removed since: they are counted.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from look.language import BRUSSELS
from modules.plusminmee.find_youngsters import youngsters_of
from modules.plusminmee.open_youngster import Known, all_known
from modules.plusminmee.sealing import Sealer
from modules.plusminmee.youngster_model import PLACES, Placement


@dataclass(frozen=True)
class Standing:
    """Everybody by place, by name; `removed` is how many stood there that day and were removed since."""

    by_place: dict[str, list[Known]]
    removed: int = 0

    @property
    def everybody(self) -> list[Known]:
        """All of them, by name."""
        found = [each for place in PLACES for each in self.by_place[place]]
        return sorted(found, key=lambda each: (each.name.casefold(), each.id))


def standing_now(session: Session, sealer: Sealer, group_id: uuid.UUID) -> Standing:
    """Where everybody stands now."""
    youngsters = all_known(sealer, youngsters_of(session, group_id))
    return Standing({place: [each for each in youngsters if each.row.place == place] for place in PLACES})


def standing_on(session: Session, sealer: Sealer, group_id: uuid.UUID, day: date) -> Standing:
    """Where everybody stood at the end of that day."""
    end = datetime.combine(day + timedelta(days=1), time(), BRUSSELS)
    newest_first = func.row_number().over(
        partition_by=Placement.youngster_id, order_by=(Placement.at.desc(), Placement.id)
    )
    ranked = (
        select(Placement.youngster_id, Placement.place, newest_first.label("rank"))
        .where(Placement.group_id == group_id, Placement.at < end)
        .subquery()
    )
    stood = session.execute(select(ranked.c.youngster_id, ranked.c.place).where(ranked.c.rank == 1)).all()
    place_of = {row.youngster_id: row.place for row in stood}
    youngsters = all_known(sealer, [row for row in youngsters_of(session, group_id) if row.id in place_of])
    return Standing(
        {place: [each for each in youngsters if place_of[each.id] == place] for place in PLACES},
        removed=len(place_of) - len(youngsters),
    )
