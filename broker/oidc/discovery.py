"""Discovery (OpenID Connect Discovery 1.0, RFC 8414): exactly what is true of this provider. From memory; no
statement."""

from typing import Any

from flask import Response, jsonify

from broker.keys.jose import ALGORITHMS
from broker.oidc.authorize.authorization_request import PROMPTS, RESPONSE_MODES, known_levels
from broker.oidc.claims import OF_SCOPE
from broker.oidc.code_grant import CodeGrant
from broker.oidc.door import blueprint
from broker.oidc.provider import Provider, provider

_KEPT_SECONDS = 300
_PROTOCOL_CLAIMS = ("iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid")


@blueprint.get("/op/.well-known/openid-configuration")
@blueprint.get("/.well-known/oauth-authorization-server/op")
def discovery() -> Response:
    """One document at both addresses."""
    response = jsonify(metadata(provider()))
    response.headers["Cache-Control"] = f"public, max-age={_KEPT_SECONDS}"
    return response


def metadata(door: Provider) -> dict[str, Any]:
    """The document. Every member stands for something that the tests try out."""
    catalogue = door.installed.catalogue
    clients = catalogue.clients.values()
    scopes = sorted({scope for client in clients for scope in client.scopes} | {"openid"})
    rights = {each.scope: each.claim for each in catalogue.applications.values()}
    claims = [name for scope in scopes for name in OF_SCOPE.get(scope, (rights[scope],) if scope in rights else ())]
    return {
        "issuer": door.issuer,
        "authorization_endpoint": door.address("auth"),
        "token_endpoint": door.address("token"),
        "userinfo_endpoint": door.address("userinfo"),
        "jwks_uri": door.address("keys"),
        "end_session_endpoint": door.address("logout"),
        "scopes_supported": scopes,
        "claims_supported": [*claims, *_PROTOCOL_CLAIMS],
        "claim_types_supported": ["normal"],
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": [CodeGrant.GRANT_TYPE],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": list(PROMPTS),
        "acr_values_supported": sorted(known_levels(catalogue)),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(ALGORITHMS),
        "token_endpoint_auth_methods_supported": list(CodeGrant.TOKEN_ENDPOINT_AUTH_METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "authorization_response_iss_parameter_supported": True,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }
