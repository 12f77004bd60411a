"""/toepassingen/<code>/account-voor-collega: who works in an application asks for an account for a colleague (seed-sentences M11).

The search for that organisation → who and why → sent. Owns these pages; who may ask, and what it becomes, is
`access.nominate_colleague`. Whoever is not signed in comes back here; whoever has no right there finds no such page.
"""

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from broker.access.nominate_colleague import NamedColleague, nominate_colleague, offers_account, own_right_in
from broker.catalogue import Application
from broker.database import db, perform
from broker.errors import BusyError, ConflictError, InvalidError, NotFoundError, TooManyError
from broker.installation import installation
from broker.people.find_organisations import organisation_by_code
from broker.people.identifiers import written_kbo
from broker.people.organisation import Organisation
from broker.text import Text
from broker.web.actor import actor
from broker.web.errors import status_of
from broker.web.field_errors import field_errors
from broker.web.organisations_offered import kinds_offered, organisations_found
from broker.web.task_view import say
from broker.web.tell import tell
from broker.web.who import sign_in_address, signed_in
from look.language import gettext as _

blueprint = Blueprint("nominate", __name__)

PATH = "/toepassingen/<code>/account-voor-collega"
_FIELDS = ("given_name", "family_name", "email", "note")


@blueprint.get(PATH)
def show(code: str) -> Response:
    """The search; or, with `oc`, the form for that organisation."""
    if signed_in() is None:
        return redirect(sign_in_address(code), code=303)
    application = _application(code)
    if request.args.get("oc"):
        return _form_page(application, _organisation(application), {}, {}, 200)
    words = request.args.get("zoek", "")[:200]
    catalogue = installation().catalogue
    page = render_template(
        "nominate/start.html",
        application=say(application.called),
        entrance=application.entrance,
        path=request.path,
        kinds=[say(catalogue.target_groups[group].types[kind].plural) for group, kind in kinds_offered(application)],
        words=words,
        found=organisations_found(application, words),
        written_kbo=written_kbo,
    )
    return make_response(page, 200)


@blueprint.post(PATH)
def send(code: str) -> Response:
    """Put it before the administrators of the organisation."""
    if signed_in() is None:
        return redirect(sign_in_address(code), code=303)
    application = _application(code)
    organisation = _organisation(application)
    typed = {name: request.form.get(name, "")[:2000] for name in _FIELDS}
    try:
        perform(nominate_colleague, installation(), actor(), code, organisation.id, NamedColleague(**typed))
    except InvalidError as error:
        return _form_page(application, organisation, typed, error.fields, status_of(error))
    except (ConflictError, TooManyError, BusyError) as error:
        tell("fail", say(error.text))
        return _form_page(application, organisation, typed, {}, status_of(error))
    tell(
        "ok",
        _("Uw vraag is verstuurd."),
        _("Een lokale beheerder van %(name)s beslist. U krijgt het antwoord in een mail.", name=organisation.name),
    )
    return redirect(request.path, code=303)


def _application(code: str) -> Application:
    return own_right_in(db.session(), installation(), actor(), code)[0]


def _organisation(application: Application) -> Organisation:
    organisation = organisation_by_code(db.session(), request.args.get("oc", "")[:20])
    if organisation is None or not offers_account(application, organisation):
        raise NotFoundError("organisation_unknown")
    return organisation


def _form_page(
    application: Application,
    organisation: Organisation,
    typed: dict[str, str],
    wrong: dict[str, Text],
    status: int,
) -> Response:
    page = render_template(
        "nominate/form.html",
        application=say(application.called),
        organisation=organisation,
        path=request.path,
        typed=typed,
        **field_errors(wrong),
    )
    return make_response(page, status)
