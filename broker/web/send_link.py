"""/rechten/links: "Stuur de link" (seed 002: "kunt u hem of haar ook de link doorsturen naar het webformulier van toepassing").

Per right that the organisation may have, the self-registration link with the organisation filled in: to copy, to mail, or as a QR
code. Owns these pages. The link itself is public; who may mail it through us, and how often, is `access.send_link`.
"""

import io

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from broker.access.explain_direct import codes_offered
from broker.access.send_link import send_link
from broker.catalogue import EntitlementCode
from broker.database import perform
from broker.errors import InvalidError, NotFoundError, TooManyError
from broker.installation import installation
from broker.people.organisation import Organisation
from broker.web.actor import actor
from broker.web.errors import status_of
from broker.web.own_organisation import chosen_organisation, desk_organisations
from broker.web.right_words import right_words
from broker.web.task_view import say
from broker.web.tell import tell
from broker.web.who import require_sign_in
from look.language import gettext as _

blueprint = Blueprint("send_link", __name__)

PATH = "/rechten/links"


@blueprint.get(PATH)
@require_sign_in
def show() -> AnyResponse:
    """The links of one organisation."""
    return _page(200)


@blueprint.post(PATH)
@require_sign_in
def send() -> AnyResponse:
    """Mail one of them."""
    organisation = chosen_organisation(desk_organisations(), request.args.get("oc", ""))
    code, typed = request.form.get("recht", ""), request.form.get("email", "").strip()[:300]
    try:
        perform(send_link, installation(), actor(), organisation.id, code, typed)
    except InvalidError as error:
        return _page(status_of(error), code, typed, say(error.fields.get("email", error.text)))
    except TooManyError as error:
        return _page(status_of(error), code, typed, say(error.text))
    tell("ok", _("De link is onderweg."), _("Wie hem opent, vraagt het recht zelf. U leest het bij Mijn taken."))
    return redirect(f"{PATH}?oc={organisation.code}", code=303)


@blueprint.get(f"{PATH}/<code>/<organisation_code>.svg")
@require_sign_in
def picture(code: str, organisation_code: str) -> AnyResponse:
    """The QR code of one link, as a picture."""
    import segno

    organisation = chosen_organisation(desk_organisations(), organisation_code)
    found = next((each for each in codes_offered(installation().catalogue, organisation) if each.code == code), None)
    if found is None:
        raise NotFoundError
    drawn = io.BytesIO()
    segno.make(_address(found, organisation), error="m").save(drawn, kind="svg", scale=4, border=4, light="white")
    return Response(drawn.getvalue(), mimetype="image/svg+xml")


def _page(status: int, wrong_code: str = "", typed: str = "", wrong: str = "") -> AnyResponse:
    organisations = desk_organisations()
    wanted = request.args.get("oc", "")
    organisation = chosen_organisation(organisations, wanted or organisations[0].code)
    links = [
        (code, *right_words(installation().catalogue, code)[1:], _address(code, organisation))
        for code in codes_offered(installation().catalogue, organisation)
    ]
    page = render_template(
        "give/links.html",
        organisations=organisations,
        options=[(each.code, each.name) for each in organisations],
        organisation=organisation,
        links=links,
        path=PATH,
        wrong_code=wrong_code,
        typed=typed,
        wrong=wrong,
        errors=[(f"email-{wrong_code}", wrong)] if wrong else [],
    )
    return make_response(page, status)


def _address(code: EntitlementCode, organisation: Organisation) -> str:
    return f"{installation().settings.origin}{code.link}&oc={organisation.code}"
