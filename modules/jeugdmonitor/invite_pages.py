"""Pages: how respondents get in: the link, the QR code, a poster for a wall, codes to hand out.

Owns: `/jeugdmonitor/bevragingen/<id>/uitnodigen` and what hangs under it. Does not own the form itself (respondent/).
"""

import io
import uuid

import segno
from flask import Blueprint, Response, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from look.language import gettext as _
from look.language import use_language
from modules.jeugdmonitor.about import COORDINATOR
from modules.jeugdmonitor.errors import NotFoundError
from modules.jeugdmonitor.make_codes import MOST_AT_ONCE, make_codes
from modules.jeugdmonitor.model import Round
from modules.jeugdmonitor.respondent.survey_secret import survey_key
from modules.jeugdmonitor.round_pages import round_here, to_round
from modules.kit import person_here, require_right
from modules.kit.database import database
from modules.kit.state import kit

blueprint = Blueprint("invite", __name__, url_prefix="/jeugdmonitor/bevragingen/<uuid:round_id>")


def _find(round_id: uuid.UUID) -> Round:
    """The round of this municipality, opened already.

    Raises:
        NotFoundError: another's, or still a draft: its link leads nowhere yet.
    """
    round_ = round_here(round_id)
    if round_.state == "draft":
        raise NotFoundError
    return round_


def link_of(round_: Round) -> str:
    """The address of the respondents, the same for all."""
    return f"{kit().settings.base_url}{url_for('survey.begin', link_key=round_.link_key)}"


@blueprint.get("/uitnodigen")
@require_right(COORDINATOR)
def show(round_id: uuid.UUID) -> str:
    """The link to copy, a message to send, the QR code, the poster, the codes."""
    round_ = _find(round_id)
    return render_template(
        "jeugdmonitor/invite.html", round=round_, link=link_of(round_), qr=_drawn(round_), errors=[], wrong={}
    )


@blueprint.get("/qr.svg")
@require_right(COORDINATOR)
def qr(round_id: uuid.UUID) -> Response:
    """The QR code to put in a leaflet."""
    round_ = _find(round_id)
    drawn = io.BytesIO()
    segno.make(link_of(round_), error="m", micro=False).save(drawn, kind="svg", scale=10, border=4)
    response = Response(drawn.getvalue(), mimetype="image/svg+xml")
    response.headers["Content-Disposition"] = f'attachment; filename="jeugdmonitor-{round_.link_key}.svg"'
    return response


@blueprint.get("/affiche")
@require_right(COORDINATOR)
def poster(round_id: uuid.UUID) -> str:
    """A page to print and hang up."""
    round_ = _find(round_id)
    with use_language("nl"):
        return render_template("jeugdmonitor/poster.html", round=round_, link=link_of(round_), qr=_drawn(round_))


@blueprint.post("/codes")
@require_right(COORDINATOR)
def codes(round_id: uuid.UUID) -> AnyResponse | str | tuple[str, int]:
    """Codes to print and cut: told on this page only, once."""
    round_ = _find(round_id)
    if round_.state != "open" or not round_.with_codes:
        return to_round(round_id)
    typed = request.form.get("how_many", "").strip()
    how_many = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 0
    if not 1 <= how_many <= MOST_AT_ONCE:
        errors = [("how_many", _("Vul een getal in van 1 tot %(most)s.", most=MOST_AT_ONCE))]
        page = render_template(
            "jeugdmonitor/invite.html",
            round=round_,
            link=link_of(round_),
            qr=_drawn(round_),
            errors=errors,
            wrong=dict(errors),
        )
        return page, 422
    made = database().perform(make_codes, person_here(), round_id, how_many, key=survey_key())
    round_ = _find(round_id)
    return render_template("jeugdmonitor/codes.html", round=round_, link=link_of(round_), codes=made)


def _drawn(round_: Round) -> Markup:
    """The QR code as part of a page: paths only, so that it needs no address and no style of its own."""
    code = segno.make(link_of(round_), error="m", micro=False)
    drawn = code.svg_inline(border=4, omitsize=True, svgclass="jm-qr", lineclass=None, dark="#000", light="#fff")
    return Markup(drawn)  # noqa: S704  segno draws it of an address that holds no markup
