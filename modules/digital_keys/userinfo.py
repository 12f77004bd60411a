"""The userinfo endpoint of each digital key (OpenID Connect Core §5.3).

Owns: reading the bearer token and answering with the person's claims, signed for a client that registered so. Does not own
those claims (claims.py).
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
    claims = person_claims(provider, sign_in, state().salt, behaviour, "userinfo")
    client = state().clients[code][sign_in.client_id]
    if not client.signs_userinfo or behaviour.unsigned_userinfo:
        return jsonify(claims), 200
    # OpenID Connect Core §5.3.2: signed, it says who speaks and to whom.
    addressed = {"iss": provider.issuer(state().settings.base_url), "aud": client.client_id, **claims}
    return Response(state().signers[code].sign(addressed, behaviour), content_type="application/jwt"), 200
