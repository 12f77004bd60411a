"""/op/v1/token: a client exchanges what it was given for tokens (RFC 6749, 3.2)."""

from dataclasses import replace
from typing import TYPE_CHECKING

from broker.oidc.dpop import nonce_header
from broker.oidc.machine_door import MachineAnswer, MachineRequest, Needs

if TYPE_CHECKING:
    from broker.oidc.provider import Provider


def token(provider: "Provider", request: MachineRequest) -> MachineAnswer:
    """The token endpoint. Everything comes in the body: an address is written down in too many places."""
    answer = provider.answer_token_request(request)
    if request.dpop_jkt is None:
        return answer
    return replace(answer, headers=(*answer.headers, nonce_header(provider)))


def needs_of_token(request: MachineRequest) -> Needs:
    """Every grant is an operation, except client_credentials of a client with a secret and without DPoP (decisions 14)."""
    form = request.form
    if form.get("grant_type") != "client_credentials" or "client_assertion" in form or "DPoP" in request.headers:
        return "operations"
    return "nothing"
