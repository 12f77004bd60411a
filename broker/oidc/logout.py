"""/op/v1/logout: an application asks to sign somebody out (OpenID RP-Initiated Logout 1.0; ACM's form without a hint
too, and ACM's `switch`).

Signs out at once only with an ID token of a session of this very browser; anything else is asked first, as another
site could have sent the browser here (threats OA10). `switch` leaves one application only, to come back to it in another
capacity; where its own page sent the browser, as ACM's clients do, nobody has to be asked.
"""

import uuid
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Response, g, make_response, redirect, render_template, request, session

from broker.authentication.client_session import browser_session_of
from broker.authentication.leave_application import leave_application
from broker.authentication.session import SignedIn, cookie_name, cookie_token, current_session
from broker.catalogue import Client
from broker.database import db, perform
from broker.oidc.authorize.pages import refused_page
from broker.oidc.door import blueprint, flask_answer
from broker.oidc.provider import AskedRequest, provider
from look.language import current_language

SWITCH = "switch"
_CAME_FROM_HERE = "vanhier"
_CARRIED = ("client_id", "post_logout_redirect_uri", "state", "ui_locales", SWITCH)


@blueprint.get("/op/v1/logout")
def logout() -> Response:
    """The end-session endpoint. HEAD does nothing."""
    return Response() if request.method == "HEAD" else _answer()


@blueprint.post("/op/v1/logout")
def logout_by_form() -> Response:
    """The same by POST. A form of another site brings no cookie along, so the browser sends it once more from here: not as
    GET, as the ID token in it would then stand in an address."""
    if request.args or (cookie_token() is None and _CAME_FROM_HERE not in request.form):
        if request.args:
            return _refused(None)
        g.ui_locales = request.form.get("ui_locales")
        fields = [*request.form.items(multi=True), (_CAME_FROM_HERE, "1")]
        return make_response(render_template("oidc/sign_out_on_way.html", fields=fields))
    return _answer()


@blueprint.post("/op/v1/logout/bevestig")
def confirm_logout() -> Response:
    """The person said yes."""
    g.ui_locales = request.form.get("ui_locales")
    asked = provider().validate_endpoint_request("end_session", AskedRequest(request.form))
    who = current_session()
    if SWITCH not in request.form:
        return _end(asked)
    return _refused(asked) if _way_back_missing(asked) else _leave(asked, who)


def _answer() -> Response:
    g.ui_locales = request.values.get("ui_locales")
    given = request.form if request.method == "POST" else request.args
    if any(len(values) > 1 for _, values in given.lists()):
        return _refused(None)
    asked = provider().validate_endpoint_request("end_session", AskedRequest(given))
    who = current_session()
    if SWITCH in given:
        return _switch(asked, who)
    if who is None:
        if asked.id_token_claims is not None and asked.redirect_uri:
            return make_response(redirect(asked.redirect_uri, 303))
        return _signed_out(asked)
    if _of_this_browser(asked.id_token_claims, who):
        return _end(asked)
    return _ask(asked, who)


def _switch(asked: Any, who: SignedIn | None) -> Response:
    """Out of one application, and back to its entrance. Without a known client and its own address there is no way back."""
    if _way_back_missing(asked):
        return _refused(asked)
    if who is None or _of_this_browser(asked.id_token_claims, who) or _sent_by(asked.client.policy):
        return _leave(asked, who)
    return _ask(asked, who)


def _way_back_missing(asked: Any) -> bool:
    return asked.client is None or not asked.redirect_uri


def _leave(asked: Any, who: SignedIn | None) -> Response:
    if who is not None:
        perform(leave_application, provider().installed, who.session_id, asked.client.policy.client_id)
    return make_response(redirect(asked.redirect_uri, 303))


def _ask(asked: Any, who: SignedIn) -> Response:
    carried = _carried() if asked.client else {}
    return make_response(
        render_template(
            "oidc/sign_out.html",
            who=who,
            carried=carried,
            language_url=_in_language,
            application=_application(asked),
            switching=SWITCH in carried,
        )
    )


def _sent_by(client: Client) -> bool:
    """The browser says that a page of this application sent it here: no other site can make it say so."""
    origin = _origin(request.headers.get("Referer", ""))
    addresses = (client.start_uri, *client.redirect_uris, *client.post_logout_redirect_uris)
    return origin is not None and origin in {_origin(each) for each in addresses if each}


def _origin(address: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return (parts.scheme, parts.netloc.lower()) if parts.scheme in ("http", "https") and parts.netloc else None


def _of_this_browser(claims: dict[str, Any] | None, who: SignedIn) -> bool:
    if claims is None:
        return False
    try:
        sid = uuid.UUID(claims["sid"])
    except ValueError:
        return False
    return browser_session_of(db.session(), sid) == who.session_id


def _end(asked: Any) -> Response:
    door = provider()
    answer = door.create_endpoint_response("end_session", asked)
    session.clear()
    response = flask_answer(answer) if answer is not None else _signed_out(asked)
    settings = door.installed.settings
    response.delete_cookie(cookie_name(settings), path="/", secure=settings.secure, httponly=True, samesite="Lax")
    return response


def _signed_out(asked: Any) -> Response:
    """The way back is shown, not taken, where nobody could be asked."""
    return make_response(
        render_template(
            "oidc/signed_out.html",
            way_back=asked.redirect_uri,
            application=_application(asked),
            language_url=_in_language,
        )
    )


def _carried() -> dict[str, str]:
    """What of the request goes on to a page of ours, and comes back from it: never the ID token."""
    return {name: request.values[name] for name in _CARRIED if name in request.values}


def _in_language(code: str) -> str:
    """The same page in another language, at an address without the ID token."""
    kept = {name: value for name, value in _carried().items() if name != "ui_locales"}
    return f"/op/v1/logout?{urlencode({**kept, 'taal': code})}"


def _refused(asked: Any) -> Response:
    client = asked.client.policy if asked is not None and asked.client else None
    return make_response(refused_page(client), 400)


def _application(asked: Any) -> str:
    return asked.client.policy.name.in_language(current_language()) if asked.client else ""
