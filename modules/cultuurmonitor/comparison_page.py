"""Page: the years of one centre beside each other, in a table and a chart.

Owns: `/cultuurmonitor/vergelijken`. Does not own the drawing (chart.py).
"""

import uuid

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from modules.cultuurmonitor.about import INVOERDER, RAADPLEGER
from modules.cultuurmonitor.chart import draw_chart
from modules.cultuurmonitor.errors import NotFoundError
from modules.cultuurmonitor.figures import FIGURES
from modules.cultuurmonitor.find_centres import find_centre, list_centres
from modules.cultuurmonitor.find_figures import figures_of_centres, may_read
from modules.cultuurmonitor.model import Centre
from modules.kit import SignedIn, person_here, require_right
from modules.kit.database import database

blueprint = Blueprint("comparison", __name__, url_prefix="/cultuurmonitor/vergelijken")

MOST_YEARS = 6
FIRST_FIGURE = "visitors_total"


@blueprint.get("")
@require_right(INVOERDER, RAADPLEGER)
def choose() -> str:
    """Choose a centre and a figure; without a choice the first centre and its visitors.

    Raises:
        NotFoundError: a centre of another organisation, or a figure that does not exist.
    """
    person = person_here()
    session = database().reading()
    centres = list_centres(session, person)
    code = request.args.get("cijfer") or FIRST_FIGURE
    if code not in FIGURES:
        raise NotFoundError
    centre = _asked_centre(session, person) or next(iter(centres), None)
    rows = figures_of_centres(session, [centre])[centre.id] if centre else []
    years = sorted((row for row in rows if may_read(person, row)), key=lambda row: row.year)[-MOST_YEARS:]
    return render_template(
        "cultuurmonitor/comparison.html",
        person=person,
        centre_options=[(one.id, one.name) for one in centres],
        centre=centre,
        figure=FIGURES[code],
        years=years,
        chart=draw_chart(FIGURES[code], years),
    )


def _asked_centre(session: Session, person: SignedIn) -> Centre | None:
    asked = request.args.get("centrum")
    if not asked:
        return None
    try:
        return find_centre(session, person, uuid.UUID(asked))
    except ValueError:
        raise NotFoundError from None
