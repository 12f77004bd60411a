"""The token endpoint of each digital key: a code for an ID token (RFC 6749 §4.1.3, RFC 7636 §4.6).

Owns: the order of the checks. Does not own who the client is (client_proof.py), codes (codes.py) nor signing (tokens.py).
"""

import base64
import hashlib
import hmac

from flask import Blueprint, Response, jsonify, request

from modules.digital_keys.behaviour import Behaviour
from modules.digital_keys.claims import authentication_claims, person_claims
from modules.digital_keys.client_proof import proved_client, refused
from modules.digital_keys.clients import Client
from modules.digital_keys.codes import TOKEN_LIFETIME
from modules.digital_keys.state import provider_or_404, state, wait_if_slow
from modules.digital_keys.tokens import encrypted, id_token_claims

blueprint = Blueprint("token", __name__)


@blueprint.post("/<code>/token")
def redeem(code: str) -> tuple[Response, int]:
    """Answer with an ID token and an access token for userinfo, or with an error of RFC 6749 §5.2."""
    provider, behaviour = provider_or_404(code)
    wait_if_slow(behaviour)
    client = proved_client(provider)
    if client is None:
        return refused("invalid_client", 401)
    if request.form.get("grant_type") != "authorization_code":
        return refused("unsupported_grant_type")
    sign_in = state().sign_ins.redeem_code(request.form.get("code", ""))
    if sign_in is None or (sign_in.provider, sign_in.client_id) != (code, client.client_id):
        return refused("invalid_grant")
    if sign_in.redirect_uri != request.form.get("redirect_uri"):
        return refused("invalid_grant")
    if not _proves_challenge(request.form.get("code_verifier", ""), sign_in.code_challenge):
        return refused("invalid_grant")
    claims = id_token_claims(
        {
            **person_claims(provider, sign_in, state().salt, behaviour, "id_token"),
            **authentication_claims(provider, sign_in, behaviour),
        },
        issuer=provider.issuer(state().settings.base_url),
        client_id=client.client_id,
        behaviour=behaviour,
    )
    id_token = _as_agreed(state().signers[code].sign(claims, behaviour), client, behaviour)
    if id_token is None:
        return refused("invalid_client_metadata")
    answer = jsonify(
        {
            "access_token": state().sign_ins.issue_access_token(sign_in),
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIFETIME.total_seconds()),
            "scope": "openid",
            "id_token": id_token,
        }
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer, 200


def _as_agreed(id_token: str, client: Client, behaviour: Behaviour) -> str | None:
    """Encrypted to the client's key where it registered that; None when it has no such key."""
    if client.encryption_alg is None or behaviour.unencrypted:
        return id_token
    key = state().client_keys.find(client, "enc")
    return encrypted(id_token, key, client.encryption_alg, client.encryption_enc) if key else None


def _proves_challenge(verifier: str, challenge: str) -> bool:
    digest = hashlib.sha256(verifier.encode()).digest()
    return hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge)
