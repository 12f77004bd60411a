"""Pages: the results of a closed round, as a page, for a spreadsheet and on paper.

Owns: `/jeugdmonitor/bevragingen/<round>/resultaten…`. All three show `published` and nothing else (SV2); of a round that is not
closed there is nothing, in no form (SV1).
"""

import uuid

from flask import Blueprint, Response, make_response, render_template
from werkzeug.utils import secure_filename

from modules.jeugdmonitor.about import COORDINATOR
from modules.jeugdmonitor.find_rounds import find_round
from modules.jeugdmonitor.results.published import PublishedRound, published
from modules.jeugdmonitor.results.words import bar_width, breakdown_words, group_words, share_words
from modules.jeugdmonitor.results.write_csv import write_csv
from modules.jeugdmonitor.results.write_pdf import write_pdf
from modules.kit import person_here, require_right
from modules.kit.database import database

blueprint = Blueprint("results", __name__, url_prefix="/jeugdmonitor/bevragingen")


@blueprint.get("/<uuid:round_id>/resultaten")
@require_right(COORDINATOR)
def show(round_id: uuid.UUID) -> str:
    """Every question with its bars, the round before and the other municipalities beside it.

    Raises:
        NotFoundError: no such round of this municipality, or it is not closed.
    """
    return render_template(
        "jeugdmonitor/results.html",
        results=_results(round_id),
        share_words=share_words,
        bar_width=bar_width,
        breakdown_words=breakdown_words,
        group_words=group_words,
    )


@blueprint.get("/<uuid:round_id>/resultaten.csv")
@require_right(COORDINATOR)
def as_csv(round_id: uuid.UUID) -> Response:
    """The same for a spreadsheet."""
    results = _results(round_id)
    return _file(write_csv(results), "text/csv; charset=utf-8", results, "csv")


@blueprint.get("/<uuid:round_id>/resultaten.pdf")
@require_right(COORDINATOR)
def as_pdf(round_id: uuid.UUID) -> Response:
    """The same on paper."""
    results = _results(round_id)
    return _file(write_pdf(results), "application/pdf", results, "pdf")


def _results(round_id: uuid.UUID) -> PublishedRound:
    session = database().reading()
    return published(session, find_round(session, person_here(), round_id))


def _file(content: str | bytes, kind: str, results: PublishedRound, ending: str) -> Response:
    response = make_response(content)
    name = secure_filename(f"jeugdmonitor {results.round.title}")[:60] or "jeugdmonitor"
    response.headers["Content-Type"] = kind
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response
