"""The userinfo endpoint of each digital key (OpenID Connect Core §5.3).

Owns: reading the bearer token and answering with the person's claims. Does not own those claims (claims.py).
"""

from flask import Blueprint, Response, jsonify, request

from modules.digital_keys.claims import person_claims
from modules.digital_keys.state import provider_or_404, state, wait_if_slow

blueprint = Blueprint("userinfo", __name__)


@blueprint.get("/<code>/userinfo")
def userinfo(code: str) -> tuple[Response, int]:
    """The claims of the person of this access token; 401 without one of this key."""
    provider, behaviour = provider_or_404(code)
    wait_if_slow(behaviour)
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    sign_in = state().sign_ins.find_by_access_token(token) if scheme.lower() == "bearer" else None
    if sign_in is None or sign_in.provider != code:
        answer = jsonify({"error": "invalid_token"})
        answer.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        return answer, 401
    return jsonify(person_claims(provider, sign_in, state().salt, behaviour)), 200
