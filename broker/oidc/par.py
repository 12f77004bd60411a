"""/op/v1/par: a client sends its authorization request ahead, and its browser with a reference only (RFC 9126).

The client proves itself as at the token endpoint, and the request passes the very checks of the authorization endpoint;
what is wrong is told here, as JSON, and never by way of a browser. Does not own what becomes of the reference
(`authorize.parameters_in_force`).
"""

from typing import TYPE_CHECKING

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oidc.core.errors import InvalidRequestObjectError
from werkzeug.datastructures import MultiDict

from broker.authentication.push_request import push_request
from broker.database import perform
from broker.errors import ConflictError
from broker.oidc.authenticate_client import TooManyRefusalsError
from broker.oidc.authorize.parameters_in_force import read_pushed
from broker.oidc.dpop import nonce_header
from broker.oidc.machine_door import MachineAnswer, MachineRequest, json_answer

if TYPE_CHECKING:
    from broker.oidc.provider import Provider

LONGEST_REQUEST = 16_000
_PROOFS = frozenset({"client_secret", "client_assertion", "client_assertion_type"})


def par(provider: "Provider", request: MachineRequest) -> MachineAnswer:
    """The pushed authorization request endpoint."""
    client = provider.authenticated_client(request, "par").policy
    if client.authentication == "none":
        _not_too_many(provider, request)
    given = MultiDict((name, value) for name, value in request.form.items(multi=True) if name not in _PROOFS)
    if sum(len(name) + len(value) for name, value in given.items(multi=True)) > LONGEST_REQUEST:
        raise InvalidRequestError(status_code=413, description="The request is too long.")
    given["client_id"] = client.client_id
    asked = read_pushed(provider, client, given, request.dpop_jkt)
    try:
        pushed = perform(
            push_request, provider.installed, client, asked.parameters.to_dict(), asked.dpop_jkt, asked.once
        )
    except ConflictError as error:
        raise InvalidRequestObjectError(description="Request object refused: used_before.") from error
    nonce = (nonce_header(provider),) if request.dpop_jkt else ()
    return json_answer({"request_uri": pushed.request_uri, "expires_in": pushed.expires_in}, 201, nonce)


def _not_too_many(provider: "Provider", request: MachineRequest) -> None:
    """Whoever needs no proof could fill the table: what one source pushes so is counted as its refusals are (RFC 9126, 7)."""
    refusals = provider.refusals
    if refusals is not None and (wait := refusals.hit(f"pushed by {request.source_address}", client=False)):
        raise TooManyRefusalsError(wait)
