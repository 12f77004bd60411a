"""/melden/<id of one's own right>: saying that a colleague should no longer have theirs (seed 000). Owns the page and its words."""

import uuid

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from broker.access.report_colleague import colleagues_of, own_place, report_colleague
from broker.database import db, perform
from broker.errors import BusyError, ConflictError, InvalidError, TooManyError
from broker.installation import installation
from broker.text import Text
from broker.web.actor import actor
from broker.web.errors import status_of
from broker.web.field_errors import field_errors
from broker.web.read_id import read_id
from broker.web.task_view import context_name, right_name, say
from broker.web.tell import tell
from broker.web.who import require_sign_in
from look.language import gettext as _

blueprint = Blueprint("report_colleague", __name__)

PATH = "/melden"
_FIELDS = {"colleague": "collega", "reason": "reden"}


@blueprint.get(f"{PATH}/<uuid:grant_id>")
@require_sign_in
def reporting(grant_id: uuid.UUID) -> Response:
    """Who, and why."""
    return _page(grant_id, {}, {}, 200)


@blueprint.post(f"{PATH}/<uuid:grant_id>")
@require_sign_in
def report(grant_id: uuid.UUID) -> Response:
    """Put it before the administrators."""
    typed = {name: request.form.get(name, "")[:2000] for name in ("collega", "reden")}
    try:
        perform(report_colleague, installation(), actor(), grant_id, read_id(typed["collega"]), typed["reden"])
    except InvalidError as error:
        wrong = {_FIELDS.get(name, name): sentence for name, sentence in error.fields.items()}
        return _page(grant_id, typed, wrong, status_of(error))
    except (ConflictError, TooManyError, BusyError) as error:
        tell("fail", say(error.text))
        return _page(grant_id, typed, {}, status_of(error))
    tell(
        "ok",
        _("Uw melding is verstuurd."),
        _("Een lokale beheerder bekijkt ze. De collega hoort niet van wie ze komt."),
    )
    return redirect("/mijn-profiel", code=303)


def _page(grant_id: uuid.UUID, typed: dict[str, str], wrong: dict[str, Text], status: int) -> Response:
    session, catalogue = db.session(), installation().catalogue
    place = own_place(session, installation(), actor(), grant_id)
    code = place.grant.application_code
    page = render_template(
        "people/report.html",
        grant=place.grant,
        organisation=place.organisation,
        application=say(catalogue.applications[code].called),
        colleagues=[
            (
                str(each.grant_id),
                each.full_name,
                " · ".join(
                    part
                    for part in (
                        right_name(catalogue, code, each.right_code),
                        context_name(catalogue, code, each.right_code, each.context_code),
                    )
                    if part
                ),
            )
            for each in colleagues_of(session, place)
        ],
        typed=typed,
        **field_errors(wrong),
    )
    return make_response(page, status)
