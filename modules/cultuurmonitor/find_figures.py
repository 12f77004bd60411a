"""Finding the figures of a centre, as far as somebody may see them.

Owns: those queries, and that a Raadpleger sees figures only once they are submitted. Does not own the right itself (kit).
"""

import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from modules.cultuurmonitor.about import INVOERDER
from modules.cultuurmonitor.model import Centre, YearFigures
from modules.kit.person import SignedIn


def figures_of_year(session: Session, centre: Centre, year: int) -> YearFigures | None:
    """The figures of one centre and year with their log, or None when nobody began."""
    return session.scalars(
        select(YearFigures)
        .where(YearFigures.centre_id == centre.id, YearFigures.year == year)
        .options(selectinload(YearFigures.events))
    ).one_or_none()


def figures_of_centres(session: Session, centres: Iterable[Centre]) -> dict[uuid.UUID, Sequence[YearFigures]]:
    """All figures of these centres by centre id, latest year first, in one query."""
    found: dict[uuid.UUID, list[YearFigures]] = {centre.id: [] for centre in centres}
    rows = session.scalars(
        select(YearFigures).where(YearFigures.centre_id.in_(found)).order_by(YearFigures.year.desc())
    )
    for row in rows:
        found[row.centre_id].append(row)
    return dict(found)


def may_read(person: SignedIn, figures: YearFigures | None) -> bool:
    """Whether this person may see the numbers: an Invoerder always, a Raadpleger once they are submitted."""
    return figures is not None and (INVOERDER in person.rights or figures.state == "submitted")
