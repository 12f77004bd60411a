"""The token endpoint of each digital key: a code for an ID token (RFC 6749 §4.1.3, RFC 7636 §4.6).

Owns: the order of the checks. Does not own codes (codes.py) nor signing (tokens.py).
"""

import base64
import binascii
import hashlib
import hmac
from urllib.parse import unquote_plus

from flask import Blueprint, Response, jsonify, request

from modules.digital_keys.claims import authentication_claims, person_claims
from modules.digital_keys.clients import Client
from modules.digital_keys.codes import TOKEN_LIFETIME
from modules.digital_keys.state import provider_or_404, state, wait_if_slow
from modules.digital_keys.tokens import id_token_claims

blueprint = Blueprint("token", __name__)


@blueprint.post("/<code>/token")
def redeem(code: str) -> tuple[Response, int]:
    """Answer with an ID token and an access token for userinfo, or with an error of RFC 6749 §5.2."""
    provider, behaviour = provider_or_404(code)
    wait_if_slow(behaviour)
    client = _authenticated_client(code)
    if client is None:
        return _refused("invalid_client", 401)
    if request.form.get("grant_type") != "authorization_code":
        return _refused("unsupported_grant_type")
    sign_in = state().sign_ins.redeem_code(request.form.get("code", ""))
    if sign_in is None or (sign_in.provider, sign_in.client_id) != (code, client.client_id):
        return _refused("invalid_grant")
    if sign_in.redirect_uri != request.form.get("redirect_uri"):
        return _refused("invalid_grant")
    if not _proves_challenge(request.form.get("code_verifier", ""), sign_in.code_challenge):
        return _refused("invalid_grant")
    claims = {
        **person_claims(provider, sign_in, state().salt, behaviour),
        **authentication_claims(provider, sign_in, behaviour),
    }
    id_token = (
        state()
        .signers[code]
        .sign(
            id_token_claims(
                claims,
                issuer=provider.issuer(state().settings.base_url),
                client_id=client.client_id,
                behaviour=behaviour,
            ),
            behaviour,
        )
    )
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


def _authenticated_client(code: str) -> Client | None:
    client_id = request.form.get("client_id", "")
    secret = request.form.get("client_secret", "")
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            user, _, word = base64.b64decode(credentials, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        client_id, secret = unquote_plus(user), unquote_plus(word)
    client = state().clients.get(code, {}).get(client_id)
    return client if client is not None and client.knows(secret) else None


def _proves_challenge(verifier: str, challenge: str) -> bool:
    digest = hashlib.sha256(verifier.encode()).digest()
    return hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge)


def _refused(error: str, status: int = 400) -> tuple[Response, int]:
    answer = jsonify({"error": error})
    answer.headers["Cache-Control"] = "no-store"
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Basic"
    return answer, status
