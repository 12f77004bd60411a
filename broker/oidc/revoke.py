"""/op/v1/revoke: a client takes back a refresh token or an access token (RFC 7009)."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError

from broker.authentication.refresh_token import read_refresh_token
from broker.authentication.revoke_token import VerifiedToken, revoke_token
from broker.catalogue import Client
from broker.database import perform
from broker.keys.jose import JoseError
from broker.oidc.access_token import verified_access_token
from broker.oidc.authenticate_client import METHODS
from broker.oidc.machine_door import MachineAnswer, MachineRequest
from broker.oidc.own_id_token import own_id_token
from broker.oidc.private_key_jwt import ASSERTION_ALGORITHMS

if TYPE_CHECKING:
    from broker.oidc.provider import Provider


class UnsupportedTokenTypeError(OAuth2Error):  # type: ignore[misc]  # Authlib has no types
    """A token of a kind that cannot be taken back (section 2.2.1)."""

    error = "unsupported_token_type"


def revoke(provider: "Provider", request: MachineRequest) -> MachineAnswer:
    """200 for whatever token it is, as to the client it is gone either way: unknown, over, or another client's.

    `token_type_hint` is not needed: a token shows of what kind it is, and a wrong hint must change nothing (section 2.1).

    Raises:
        OAuth2Error: the client cannot prove itself, there is no token, or it is an ID token, which cannot be taken back.
    """
    client = provider.authenticated_client(request, "revoke").policy
    written = request.form.get("token")
    if not written:
        raise InvalidRequestError(description="Missing token.")
    token = read_refresh_token(provider.installed.keys, written) or _access_token(provider, client, written)
    if token is not None:
        perform(revoke_token, provider.installed, client, token)
    elif _is_id_token(provider, client, written):
        raise UnsupportedTokenTypeError(description="An ID token cannot be taken back.")
    return MachineAnswer(200, b"")


def metadata(provider: "Provider") -> dict[str, Any]:
    """What discovery says of it."""
    return {
        "revocation_endpoint": provider.address("revoke"),
        "revocation_endpoint_auth_methods_supported": list(METHODS),
        "revocation_endpoint_auth_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
    }


def _access_token(provider: "Provider", client: Client, written: str) -> VerifiedToken | None:
    try:
        token = verified_access_token(provider, written)
    except JoseError:
        return None
    if token.client_id != client.client_id:
        return None
    return VerifiedToken(token.jti, datetime.fromtimestamp(token.expires, UTC))


def _is_id_token(provider: "Provider", client: Client, written: str) -> bool:
    return own_id_token(provider, client, written) is not None
