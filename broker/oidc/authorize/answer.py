"""The answer to the client: a code or an error, with `state` and `iss` (RFC 9207), as query or form_post."""

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from flask import Response, make_response, redirect, render_template

from broker.installation import installation
from broker.oidc.authorize.authorization_request import RESPONSE_MODES, Parameters


def answer_client(redirect_uri: str, response_mode: str, state: str | None, answer: dict[str, str]) -> Response:
    """Send the browser to `redirect_uri` with `answer`. The URI was checked to be the client's own."""
    told = [*answer.items(), ("iss", installation().settings.issuer)]
    if state is not None:
        told.append(("state", state))
    if response_mode == "form_post":
        return make_response(render_template("oidc/form_post.html", action=redirect_uri, fields=told))
    return make_response(redirect(add_params_to_uri(redirect_uri, told), 303))


def answer_error(error: OAuth2Error, parameters: Parameters) -> Response:
    """Tell the client what was wrong; only for an error that carries the client's own redirect URI."""
    given = parameters.get("response_mode")
    answer = {"error": error.error}
    if description := error.get_error_description():
        answer["error_description"] = description
    mode = given if given in RESPONSE_MODES else "query"
    return answer_client(error.redirect_uri, mode, parameters.get("state"), answer)
