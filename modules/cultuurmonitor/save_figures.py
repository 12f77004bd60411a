"""Operation: an Invoerder saves the figures of a centre for a year, as a draft."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from modules.cultuurmonitor.errors import ChangedMeanwhileError, NotFoundError
from modules.cultuurmonitor.find_centres import lock_centre
from modules.cultuurmonitor.model import FigureEvent, YearFigures
from modules.kit.person import SignedIn


def save_figures(
    session: Session,
    person: SignedIn,
    centre_id: uuid.UUID,
    year: int,
    *,
    seen_version: int,
    values: Mapping[str, int | None],
    remark: str,
) -> int:
    """Save `values` (by figure code, in the smallest unit) over version `seen_version` (0: nothing was there yet).

    Returns the new version.

    Raises:
        NotFoundError: no such centre of the person's organisation, or a version of figures that are not there.
        ChangedMeanwhileError: somebody saved or submitted since; nothing is changed.
    """
    centre = lock_centre(session, person, centre_id)
    figures = lock_figures(session, centre_id, year)
    if figures is None:
        if seen_version != 0:
            raise NotFoundError
        figures = YearFigures(centre_id=centre.id, year=year, state="draft", version=0)
        session.add(figures)
    elif figures.version != seen_version or figures.state != "draft":
        raise ChangedMeanwhileError
    for code, amount in values.items():
        setattr(figures, code, amount)
    figures.remark = remark
    write_event(session, figures, person, "saved")
    return figures.version


def lock_figures(session: Session, centre_id: uuid.UUID, year: int) -> YearFigures | None:
    """The figures of that year, locked. Call with the centre locked: that also holds off a first save."""
    return session.scalars(
        select(YearFigures)
        .where(YearFigures.centre_id == centre_id, YearFigures.year == year)
        .options(selectinload(YearFigures.events))
        .with_for_update(of=YearFigures)
        .execution_options(populate_existing=True)
    ).one_or_none()


def write_event(session: Session, figures: YearFigures, person: SignedIn, kind: str) -> None:
    """Give the figures their next version, with who, when and what kind (model.EVENTS).

    Call with the figures locked, else two could write the same version.
    """
    now = datetime.now(UTC)
    figures.version += 1
    figures.saved_at = now
    figures.saved_by = person.sub
    figures.saved_by_name = person.full_name
    figures.events.append(
        FigureEvent(version=figures.version, kind=kind, at=now, person_sub=person.sub, person_name=person.full_name)
    )
    session.flush()
