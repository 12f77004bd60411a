"""/link/mobiel-nummer, and the button in Mijn profiel: "this was not me" (threats PW6).

Owns these addresses; the link is swapped for a cookie in `links`, what stopping does is `authentication.stop_phone_change`.
"""

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from broker.authentication.stop_phone_change import change_to_stop, refuse_by_link, refuse_own
from broker.database import db, perform
from broker.errors import BusyError, ConflictError, NotFoundError
from broker.installation import installation
from broker.people.organisation import Organisation
from broker.web.actor import actor
from broker.web.links import NUMBER_COOKIE, NUMBER_PATH
from broker.web.task_view import say
from broker.web.tell import tell
from broker.web.who import require_sign_in
from look.language import gettext as _

blueprint = Blueprint("stop_number", __name__)

OWN_PATH = "/mijn-profiel/mobiel-nummer/tegenhouden"


@blueprint.get(NUMBER_PATH)
def show() -> Response:
    """What was asked by whom, and the button."""
    return _page()


@blueprint.post(NUMBER_PATH)
def stop() -> Response:
    """The button."""
    try:
        perform(refuse_by_link, installation(), _token())
    except NotFoundError:
        return _page()
    response = make_response(render_template("local_account/number_stopped.html", helpdesk=_helpdesk()))
    response.delete_cookie(NUMBER_COOKIE, path=NUMBER_PATH)
    return response


@blueprint.get(OWN_PATH)
@require_sign_in
def back_to_profile() -> Response:
    """Where a reload, or the other language, leads."""
    return redirect("/mijn-profiel#account", code=303)


@blueprint.post(OWN_PATH)
@require_sign_in
def stop_own() -> Response:
    """The button in the profile."""
    try:
        perform(refuse_own, actor())
    except (ConflictError, BusyError) as error:
        tell("fail", say(error.text))
    else:
        tell("ok", _("Uw mobiel nummer blijft zoals het was."), _("De beheerders van uw organisatie weten het."))
    return redirect("/mijn-profiel#account", code=303)


def _token() -> str:
    return request.cookies.get(NUMBER_COOKIE, "")


def _helpdesk() -> object:
    return installation().catalogue.helpdesk


def _page() -> Response:
    session = db.session()
    found = change_to_stop(session, installation(), _token())
    organisation = session.get_one(Organisation, found.change.organisation_id)
    page = render_template(
        "local_account/stop_number.html",
        change=found.change,
        open_now=found.open_now,
        organisation=organisation,
        path=NUMBER_PATH,
        helpdesk=_helpdesk(),
    )
    return make_response(page, 200 if found.open_now else 410)
