"""/op/v1/keys: the public keys (RFC 7517). From memory; no statement."""

from flask import Response, jsonify

from broker.keys.signing_keys import JWKS_MAX_AGE
from broker.oidc.door import blueprint
from broker.oidc.provider import provider


@blueprint.get("/op/v1/keys")
def keys() -> Response:
    """Announced, signing and retired keys. A key is announced for longer than this answer may be kept (threats
    OA11)."""
    response = jsonify(provider().ring.jwks())
    response.headers["Cache-Control"] = f"public, max-age={JWKS_MAX_AGE}"
    return response
