"""/opzoeken: the helpdesk (1700) and the owner of an application look up a request by its number, and who administers an
organisation, for somebody who calls (seed-sentences M6).

Looking up is a POST: it is audited, and a number has no place in an address. Owns these pages and their words.
"""

import uuid

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from broker.access.look_up_administrators import look_up_administrators
from broker.access.look_up_authority import look_up_authority
from broker.access.look_up_request import LONGEST_NUMBER, look_up_request
from broker.access.resend_tracking import resend_tracking_for_caller
from broker.database import db, perform
from broker.installation import installation
from broker.people.find_organisations import find_organisations
from broker.people.organisation import Organisation
from broker.web.actor import actor
from broker.web.task_view import organisation_detail, right_name, say
from broker.web.tell import tell
from broker.web.who import require_sign_in
from look.language import gettext as _

blueprint = Blueprint("helpdesk", __name__)

PATH = "/opzoeken"
FOUND_AT_MOST = 20


@blueprint.get(PATH)
@require_sign_in
def show() -> str:
    """Two searches."""
    return _page()


@blueprint.get(f"{PATH}/aanvraag")
@blueprint.get(f"{PATH}/beheerders")
@blueprint.get(f"{PATH}/link")
@require_sign_in
def back_to_searches() -> Response:
    """Where a reload, or the other language, leads on a page that answered a form."""
    return redirect(PATH, code=303)


@blueprint.post(f"{PATH}/aanvraag")
@require_sign_in
def find_request() -> str | tuple[str, int]:
    """Where a request stands."""
    number = request.form.get("nummer", "")[: 2 * LONGEST_NUMBER].strip()
    if not number:
        return _page(wrong={"nummer": _("Vul het nummer in dat de beller voorleest")}), 422
    found = perform(look_up_request, installation(), actor(), number)
    if found is None:
        return _page(number=number, wrong={"nummer": _("Dit nummer vinden wij niet. Kijk het nog eens na.")}), 422
    catalogue = installation().catalogue
    return render_template(
        "helpdesk/request.html",
        found=found,
        right=right_name(catalogue, found.application_code, found.right_code),
        stands=say(found.stands),
        lead=say(found.lead),
        up=say(found.up) if found.up else "",
        back=PATH,
    )


@blueprint.post(f"{PATH}/link")
@require_sign_in
def send_link() -> Response:
    """Send the applicant their own link again."""
    number = request.form.get("nummer", "")[: 2 * LONGEST_NUMBER]
    if perform(resend_tracking_for_caller, installation(), actor(), number):
        tell("ok", _("De aanvrager krijgt de link opnieuw."), _("Alleen op het adres dat bevestigd is."))
    else:
        tell(
            "wait",
            _("Er vertrok net al een mail."),
            _("Een nieuwe kan pas na een kwartier, en alleen naar een bevestigd adres."),
        )
    return redirect(PATH, code=303)


@blueprint.post(f"{PATH}/beheerders")
@require_sign_in
def find_administrators() -> str | tuple[str, int]:
    """Who administers one organisation."""
    try:
        organisation_id = uuid.UUID(request.form.get("organisatie", ""))
    except ValueError:
        return _page(wrong={"zoek": _("Kies een organisatie in de lijst")}), 422
    found = perform(look_up_administrators, installation(), actor(), organisation_id)
    return render_template(
        "helpdesk/administrators.html",
        found=found,
        detail=_detail(found.organisation),
        helpdesk=installation().catalogue.helpdesk,
        back=PATH,
    )


def _page(*, number: str = "", wrong: dict[str, str] | None = None) -> str:
    session, catalogue = db.session(), installation().catalogue
    authority = look_up_authority(session, actor())
    words = request.args.get("zoek", "")[:200].strip()
    found = [
        each
        for group, kind in authority.kinds(catalogue)
        if words
        for each in find_organisations(session, group, kind, words, FOUND_AT_MOST)
    ]
    return render_template(
        "helpdesk/search.html",
        number=number,
        words=words,
        found=[(each, _detail(each)) for each in found[:FOUND_AT_MOST]],
        wrong=wrong or {},
        errors=list((wrong or {}).items()),
        everywhere=authority.everywhere,
    )


def _detail(organisation: Organisation) -> str:
    kind = installation().catalogue.organisation_type(organisation.target_group, organisation.organisation_type)
    return organisation_detail(organisation, say(kind.name) if kind else "")
