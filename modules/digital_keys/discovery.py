"""Discovery and the key set of each digital key (OpenID Connect Discovery 1.0 §4, RFC 7517).

Owns: those two documents. Does not own keys (tokens.py).
"""

from typing import Any

from flask import Blueprint, Response, jsonify

from modules.digital_keys.state import provider_or_404, state, wait_if_slow

blueprint = Blueprint("discovery", __name__)


@blueprint.get("/<code>/.well-known/openid-configuration")
def openid_configuration(code: str) -> Response:
    """What this digital key offers and where."""
    provider, behaviour = provider_or_404(code)
    wait_if_slow(behaviour)
    issuer = provider.issuer(state().settings.base_url)
    pushing = {"pushed_authorization_request_endpoint": f"{issuer}/par"} if provider.takes_pushed_requests else {}
    return jsonify(
        {
            **pushing,
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "jwks_uri": f"{issuer}/jwks",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "id_token_encryption_alg_values_supported": ["RSA-OAEP", "RSA-OAEP-256"],
            "id_token_encryption_enc_values_supported": ["A128CBC-HS256", "A256GCM"],
            "userinfo_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256"],
            "claims_parameter_supported": True,
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "profile", "email"],
            "claims_supported": [
                "sub",
                "given_name",
                "family_name",
                "name",
                "email",
                "acr",
                "amr",
                "auth_time",
                provider.number_claim,
            ],
            "acr_values_supported": list(provider.acr_values),
            "authorization_response_iss_parameter_supported": True,
        }
    )


@blueprint.get("/<code>/jwks")
def key_set(code: str) -> Response:
    """The public keys."""
    provider, behaviour = provider_or_404(code)
    wait_if_slow(behaviour)
    keys: dict[str, Any] = state().signers[provider.code].key_set()
    if behaviour.huge_key_set:
        keys["padding"] = "x" * 1_000_000
    return jsonify(keys)
