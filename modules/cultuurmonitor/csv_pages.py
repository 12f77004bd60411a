"""Download: the figures that somebody may see, as CSV for a spreadsheet.

Owns: the columns. Does not own which figures those are (find_figures.py).
"""

import csv
import io
import uuid
from collections.abc import Iterable, Sequence

from flask import Blueprint, Response

from look.language import gettext as _
from modules.cultuurmonitor.about import INVOERDER, RAADPLEGER
from modules.cultuurmonitor.figures import FIGURES, SECTIONS, write_number
from modules.cultuurmonitor.find_centres import find_centre, list_centres
from modules.cultuurmonitor.find_figures import figures_of_centres, may_read
from modules.cultuurmonitor.model import Centre, YearFigures
from modules.cultuurmonitor.template_words import kind_word, state_chip
from modules.kit import SignedIn, person_here, require_right
from modules.kit.database import database
from modules.kit.spreadsheet import safe_cell

blueprint = Blueprint("csv", __name__, url_prefix="/cultuurmonitor")


@blueprint.get("/cijfers.csv")
@require_right(INVOERDER, RAADPLEGER)
def all_centres() -> Response:
    """Every centre of the organisation, every year."""
    person = person_here()
    return _answer(person, list_centres(database().reading(), person), f"cultuurmonitor-{person.organisation_code}")


@blueprint.get("/centra/<uuid:centre_id>/cijfers.csv")
@require_right(INVOERDER, RAADPLEGER)
def one_centre(centre_id: uuid.UUID) -> Response:
    """One centre, every year.

    Raises:
        NotFoundError: not a centre of this organisation.
    """
    person = person_here()
    centre = find_centre(database().reading(), person, centre_id)
    return _answer(person, [centre], f"cultuurmonitor-{person.organisation_code}-{centre.id.hex[:8]}")


def write_csv(person: SignedIn, rows: Iterable[tuple[Centre, YearFigures]]) -> str:
    """CSV as a Flemish spreadsheet opens it: semicolons, decimal commas."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    titles = [f"{_(section.title)}: {_(figure.label)}" for section in SECTIONS for figure in section.figures]
    head = [_("Organisatie"), _("Code"), _("Centrum"), _("Soort"), _("Jaar"), _("Toestand"), *titles, _("Opmerking")]
    writer.writerow(head)
    for centre, figures in rows:
        numbers = [write_number(figure, figures.values()[code]).replace(".", "") for code, figure in FIGURES.items()]
        words = [person.organisation_name, person.organisation_code, centre.name, kind_word(centre.kind)]
        state = state_chip(figures)[1]
        writer.writerow([*map(safe_cell, words), figures.year, state, *numbers, safe_cell(figures.remark)])
    return file.getvalue()


def _answer(person: SignedIn, centres: Sequence[Centre], name: str) -> Response:
    figures = figures_of_centres(database().reading(), centres)
    rows = [(centre, row) for centre in centres for row in figures[centre.id] if may_read(person, row)]
    response = Response("\ufeff" + write_csv(person, rows), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
