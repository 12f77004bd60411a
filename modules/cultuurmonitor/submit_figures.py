"""Operations: an Invoerder submits the figures of a year, or reopens them to correct something."""

import uuid
from datetime import date

from sqlalchemy.orm import Session

from modules.cultuurmonitor.errors import ChangedMeanwhileError, NotFoundError, NotInOrderError
from modules.cultuurmonitor.figures import check_before_submitting
from modules.cultuurmonitor.find_centres import lock_centre
from modules.cultuurmonitor.model import YearFigures
from modules.cultuurmonitor.save_figures import lock_figures, write_event
from modules.kit.person import SignedIn


def submit_figures(
    session: Session, person: SignedIn, centre_id: uuid.UUID, year: int, *, seen_version: int, today: date
) -> None:
    """Submit exactly the version that was looked at; from then on a Raadpleger sees it.

    Raises:
        NotFoundError: no such centre of the person's organisation, or nothing saved for that year.
        ChangedMeanwhileError: another version stands there now, or it is submitted already.
        NotInOrderError: figures.check_before_submitting finds something.
    """
    figures = _seen(session, person, centre_id, year, seen_version, state="draft")
    if check_before_submitting(figures.values(), year, today):
        raise NotInOrderError
    figures.state = "submitted"
    write_event(session, figures, person, "submitted")


def reopen_figures(session: Session, person: SignedIn, centre_id: uuid.UUID, year: int, *, seen_version: int) -> None:
    """Make submitted figures a draft again; a Raadpleger no longer sees them until they are submitted anew.

    Raises:
        NotFoundError, ChangedMeanwhileError: as `submit_figures`.
    """
    figures = _seen(session, person, centre_id, year, seen_version, state="submitted")
    figures.state = "draft"
    write_event(session, figures, person, "reopened")


def _seen(
    session: Session, person: SignedIn, centre_id: uuid.UUID, year: int, seen_version: int, *, state: str
) -> YearFigures:
    lock_centre(session, person, centre_id)
    figures = lock_figures(session, centre_id, year)
    if figures is None:
        raise NotFoundError
    if figures.version != seen_version or figures.state != state:
        raise ChangedMeanwhileError
    return figures
