"""Pages: opening a round, with the privacy points and the charter before it (M10), and closing it.

Owns: `/jeugdmonitor/bevragingen/<id>/openen` and `…/sluiten`. Does not own what either does (open_round.py, close_round.py).
"""

import uuid

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from look.language import gettext as _
from modules.jeugdmonitor.about import COORDINATOR
from modules.jeugdmonitor.close_round import close_round
from modules.jeugdmonitor.day import today
from modules.jeugdmonitor.errors import NotReadyError
from modules.jeugdmonitor.manual import CHARTER, POINTS
from modules.jeugdmonitor.open_round import open_round, why_not_ready
from modules.jeugdmonitor.round_pages import round_here, seen_version, to_round
from modules.kit import person_here, require_right
from modules.kit.database import database
from modules.kit.tell import tell

blueprint = Blueprint("opening", __name__, url_prefix="/jeugdmonitor/bevragingen/<uuid:round_id>")


@blueprint.route("/openen", methods=["GET", "POST"])
@require_right(COORDINATOR)
def open_it(round_id: uuid.UUID) -> Response | tuple[str, int]:
    """The points, the charter, two ticks, and the button that opens."""
    round_ = round_here(round_id)
    if round_.state != "draft":
        return to_round(round_id)
    why = why_not_ready(round_, today())
    if why:
        tell("fail", _("Deze bevraging kan nog niet open."), why)
        return to_round(round_id)
    errors: list[tuple[str, str]] = []
    if request.method == "POST":
        if not request.form.get("points"):
            errors.append(("points", _("Zet een vinkje als u de privacypunten gelezen hebt.")))
        if not request.form.get("charter"):
            errors.append(("charter", _("Zet een vinkje als u het charter gelezen hebt.")))
        if not errors:
            return _open(round_id)
    page = render_template(
        "jeugdmonitor/open.html",
        round=round_,
        points=POINTS,
        charter=CHARTER,
        ticked=request.form,
        errors=errors,
        wrong=dict(errors),
    )
    return page, 422 if errors else 200


def _open(round_id: uuid.UUID) -> Response:
    try:
        database().perform(open_round, person_here(), round_id, seen_version=seen_version(), read=True, today=today())
    except NotReadyError as error:
        tell("fail", _("Deze bevraging kan nog niet open."), str(error))
        return to_round(round_id)
    tell("ok", _("Uw bevraging is open."), _("Nodig nu kinderen en tieners uit."))
    return redirect(url_for("invite.show", round_id=round_id), 303)


@blueprint.route("/sluiten", methods=["GET", "POST"])
@require_right(COORDINATOR)
def close(round_id: uuid.UUID) -> Response | str:
    """Close for good: asked first, then done."""
    round_ = round_here(round_id)
    if round_.state != "open":
        return to_round(round_id)
    if request.method == "GET":
        return render_template("jeugdmonitor/close.html", round=round_)
    database().perform(close_round, person_here(), round_id, seen_version=seen_version())
    tell("ok", _("De bevraging is gesloten."), _("Geen enkel antwoord wijzigt nog."))
    return to_round(round_id)
