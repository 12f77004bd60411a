"""/op/v1/logout: an application asks to sign somebody out (OpenID RP-Initiated Logout 1.0; ACM's form without a
hint too).

Signs out at once only with an ID token of a session of this very browser; anything else is asked first, as another
site could have sent the browser here (threats OA10).
"""

import uuid
from typing import Any

from flask import Response, make_response, redirect, render_template, request, session

from broker.authentication.client_session import browser_session_of
from broker.authentication.session import SignedIn, cookie_name, current_session
from broker.database import db
from broker.oidc.door import blueprint
from broker.oidc.provider import AskedRequest, provider
from look.language import current_language

_CARRIED = ("client_id", "post_logout_redirect_uri", "state")


@blueprint.route("/op/v1/logout", methods=["GET", "POST"])
def logout() -> Response:
    """The end-session endpoint. HEAD does nothing."""
    if request.method == "HEAD":
        return Response()
    asked = provider().validate_endpoint_request("end_session", AskedRequest(request.values))
    who = current_session()
    if who is None:
        if asked.id_token_claims is not None and asked.redirect_uri:
            return make_response(redirect(asked.redirect_uri, 303))
        return _signed_out(asked)
    if _of_this_browser(asked.id_token_claims, who):
        return _end(asked)
    carried = {name: request.values[name] for name in _CARRIED if name in request.values} if asked.client else {}
    return make_response(
        render_template("oidc/sign_out.html", who=who, carried=carried, application=_application(asked))
    )


@blueprint.post("/op/v1/logout/bevestig")
def confirm_logout() -> Response:
    """The person said yes."""
    return _end(provider().validate_endpoint_request("end_session", AskedRequest(request.form)))


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
    response: Response = answer if answer is not None else _signed_out(asked)
    settings = door.installed.settings
    response.delete_cookie(cookie_name(settings), path="/", secure=settings.secure, httponly=True, samesite="Lax")
    return response


def _signed_out(asked: Any) -> Response:
    """The way back is shown, not taken, where nobody could be asked."""
    return make_response(
        render_template("oidc/signed_out.html", way_back=asked.redirect_uri, application=_application(asked))
    )


def _application(asked: Any) -> str:
    return asked.client.policy.name.in_language(current_language()) if asked.client else ""
