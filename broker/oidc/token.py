"""/op/v1/token: a client exchanges what it was given for tokens (RFC 6749, 3.2)."""

from dataclasses import replace

from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import Response, request

from broker.audit import acting, current_acting
from broker.oidc.door import blueprint
from broker.oidc.provider import provider


@blueprint.post("/op/v1/token")
def token() -> Response:
    """The token endpoint. Everything comes in the body: an address is written down in too many places."""
    door = provider()
    with acting(replace(current_acting(), kind="application", person_id=None)):
        if request.args or _two_proofs():
            response = door.handle_error_response(
                None, InvalidRequestError(description="Send each thing once, in the body.")
            )
        else:
            response = door.create_token_response()
    assert isinstance(response, Response)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return response


def _two_proofs() -> bool:
    """A client proves itself in one way a request (RFC 6749, 2.3)."""
    ways = (
        request.headers.get("Authorization") is not None,
        "client_secret" in request.form,
        "client_assertion" in request.form,
    )
    return sum(ways) > 1
