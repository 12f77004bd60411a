"""The endpoint of a digital key where a client sends its request ahead (RFC 9126).

Owns: taking it and answering with a reference. Does not own who the client is (client_proof.py) nor what a request may hold
(authorize.py).
"""

from flask import Blueprint, Response, abort, jsonify, request

from modules.digital_keys.client_proof import proved_client, refused
from modules.digital_keys.codes import PUSHED_LIFETIME, Pushed
from modules.digital_keys.state import provider_or_404, state, wait_if_slow

blueprint = Blueprint("par", __name__)


@blueprint.post("/<code>/par")
def push(code: str) -> tuple[Response, int]:
    """Keep the request; the browser will bring its reference."""
    provider, behaviour = provider_or_404(code)
    if not provider.takes_pushed_requests:
        abort(404)
    wait_if_slow(behaviour)
    client = proved_client(provider)
    if client is None:
        return refused("invalid_client", 401)
    if "request_uri" in request.form or request.form.get("redirect_uri") not in client.redirect_uris:
        return refused("invalid_request")
    kept = {
        name: value for name, value in request.form.items() if name not in ("client_secret", "client_assertion")
    } | {"client_id": client.client_id}
    reference = state().pushed.keep(Pushed(code, client.client_id, kept))
    answer = jsonify({"request_uri": reference, "expires_in": int(PUSHED_LIFETIME.total_seconds())})
    answer.headers["Cache-Control"] = "no-store"
    return answer, 201
