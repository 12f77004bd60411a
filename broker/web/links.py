"""/link/<token>: the addresses in our mails (threats TL1, EP1).

The first GET swaps the token for a cookie that only the next page receives and redirects to an address without it: so the token
stays out of Referer, history and logs. GET changes nothing: mail scanners open links. The button does.
"""

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from broker.access.access_request import AccessRequest
from broker.access.confirm_request_email import confirm_request_email, refuse_confirmation
from broker.database import db, perform
from broker.errors import NotFoundError
from broker.installation import installation
from broker.people.one_time_link import (
    ASK_NUMBER,
    CONFIRM_EMAIL,
    INVITATION,
    LINK_IS_OVER,
    PROVE_EMAIL,
    SET_PASSWORD,
    STOP_NUMBER,
    TRACKING,
    find_link,
    link_is_open,
    open_link,
)
from broker.people.organisation import Organisation
from broker.web.ask_again import again_at
from broker.web.tell import tell
from broker.web.who import signed_in
from look.language import gettext as _

blueprint = Blueprint("links", __name__)

CONFIRM_COOKIE = "poortwachter-bevestig"
CONFIRM_PATH = "/link/bevestigen"
CONFIRM_SECONDS = 3600
FOLLOW_COOKIE = "poortwachter-volg"
FOLLOW_SECONDS = 8 * 3600
INVITATION_COOKIE = "poortwachter-uitnodiging"
INVITATION_PATH = "/link/uitnodiging"
INVITATION_SECONDS = 3600
FACTS_COOKIE = "poortwachter-gegevens"
FACTS_PATH = "/link/gegevens"
FACTS_SECONDS = 3600
PASSWORD_COOKIE = "poortwachter-wachtwoord"  # noqa: S105  its name
PASSWORD_PATH = "/link/wachtwoord"  # noqa: S105
PASSWORD_SECONDS = 3600
NUMBER_COOKIE = "poortwachter-nummer"
NUMBER_PATH = "/link/mobiel-nummer"
NUMBER_SECONDS = 3600
EMAIL_COOKIE = "poortwachter-e-mailadres"
EMAIL_PATH = "/link/e-mailadres"
EMAIL_SECONDS = 3600

# What each kind of link is swapped for: a cookie, the one page that receives it, and for how many seconds. A tracking link leads to
# the page of its own request.
_PLACES = {
    CONFIRM_EMAIL: (CONFIRM_COOKIE, CONFIRM_PATH, CONFIRM_SECONDS),
    INVITATION: (INVITATION_COOKIE, INVITATION_PATH, INVITATION_SECONDS),
    SET_PASSWORD: (PASSWORD_COOKIE, PASSWORD_PATH, PASSWORD_SECONDS),
    STOP_NUMBER: (NUMBER_COOKIE, NUMBER_PATH, NUMBER_SECONDS),
    PROVE_EMAIL: (EMAIL_COOKIE, EMAIL_PATH, EMAIL_SECONDS),
    ASK_NUMBER: (FACTS_COOKIE, FACTS_PATH, FACTS_SECONDS),
}


@blueprint.get("/link/<token>")
def swap(token: str) -> Response:
    """Put the token in a cookie for the page it is for, and go there."""
    keys, session = installation().keys, db.session()
    for kind in (*_PLACES, TRACKING):
        try:
            link = find_link(session, keys, kind, token)
        except NotFoundError:
            continue
        if kind in _PLACES:
            cookie, path, seconds = _PLACES[kind]
            response = redirect(path, code=303)
            keep(response, cookie, token, path, seconds)
            return response
        request_number = session.get_one(AccessRequest, link.subject_id).number
        return follow(request_number, token)
    raise NotFoundError("link_unknown", LINK_IS_OVER)


@blueprint.get(CONFIRM_PATH)
def ask() -> str | tuple[str, int]:
    """What the button will do: it names the right and the organisation, and offers "not me" (threats EP1)."""
    session = db.session()
    link = find_link(session, installation().keys, CONFIRM_EMAIL, request.cookies.get(CONFIRM_COOKIE, ""))
    asked = session.get_one(AccessRequest, link.subject_id)
    application = installation().catalogue.applications[asked.application_code]
    organisation = session.get(Organisation, asked.organisation_id) if asked.organisation_id else None
    if not link_is_open(link):
        page = render_template(
            "follow/link_over.html",
            asked=asked,
            application=application,
            again_at=again_at(asked, organisation),
            helpdesk=installation().catalogue.helpdesk,
        )
        return page, 410
    return render_template(
        "follow/confirm.html",
        asked=asked,
        application=application,
        right=application.rights[asked.right_code],
        organisation=organisation,
        helpdesk=installation().catalogue.helpdesk,
    )


@blueprint.post(CONFIRM_PATH)
def confirm() -> str | Response:
    """The button: the address is proved, or it was not asked for."""
    token = request.cookies.get(CONFIRM_COOKIE, "")
    if request.form.get("doe") == "niet-ik":
        perform(refuse_confirmation, installation(), token)
        response = redirect("/link/niet-gevraagd", code=303)
        response.delete_cookie(CONFIRM_COOKIE, path=CONFIRM_PATH)
        return response
    who = signed_in()
    confirmed = perform(confirm_request_email, installation(), token, who.person_id if who else None)
    if confirmed.repeated:
        tell("info", _("U had deze vraag al gesteld."), _("Dit is ze: u hoeft niets opnieuw te doen."))
    else:
        tell("ok", _("Uw e-mailadres is bevestigd en uw vraag is verstuurd."))
    link = open_link(db.session(), TRACKING, confirmed.request_id)
    assert link is not None
    response = follow(confirmed.number, installation().keys.link_token(link.kind, str(link.id), link.nonce))
    response.delete_cookie(CONFIRM_COOKIE, path=CONFIRM_PATH)
    return response


@blueprint.get("/link/niet-gevraagd")
def not_asked() -> str:
    """After "not me"."""
    return render_template("follow/not_asked.html")


def follow(number: str, token: str) -> Response:
    """To the page of a request, with the tracking token in a cookie for that page alone."""
    response = redirect(f"/aanvraag/{number}", code=303)
    keep(response, FOLLOW_COOKIE, token, f"/aanvraag/{number}", FOLLOW_SECONDS)
    return response


def keep(response: Response, name: str, token: str, path: str, seconds: int) -> None:
    """A cookie for one path. Lax, as people come here from their mail."""
    response.set_cookie(
        name,
        token,
        max_age=seconds,
        path=path,
        httponly=True,
        samesite="Lax",
        secure=installation().settings.secure,
    )
