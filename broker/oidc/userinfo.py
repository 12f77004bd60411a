"""/op/v1/userinfo: the claims of a living session, read again from the database (OpenID Connect Core, 5.3)."""

from flask import Response, jsonify, request

from broker.authentication.session_facts import SessionFacts, session_facts
from broker.database import db
from broker.keys.jose import JoseError
from broker.oidc.access_token import verified_access_token
from broker.oidc.claims import number_claim, person_claims
from broker.oidc.door import blueprint
from broker.oidc.provider import Provider, provider


@blueprint.route("/op/v1/userinfo", methods=["GET", "POST"])
def userinfo() -> Response:
    """The claims that the token's scopes name, as they are now; 401 once the session or its right is over."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return _refused()
    door = provider()
    facts = _facts(door, token.strip())
    if facts is None:
        return _refused("invalid_token")
    response = jsonify(
        {
            **person_claims(facts, door.installed.catalogue),
            **number_claim(facts, door.installed.keys),
            "acr": facts.acr,
        }
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _facts(door: Provider, token: str) -> SessionFacts | None:
    try:
        claimed = verified_access_token(door, token)
    except JoseError:
        return None
    facts = session_facts(db.session(), door.installed.catalogue, claimed.sid)
    return facts if facts is not None and (facts.sub, facts.client_id) == (claimed.sub, claimed.client_id) else None


def _refused(error: str = "") -> Response:
    """RFC 6750, 3: without credentials no error is named."""
    response = jsonify({"error": error} if error else {})
    response.status_code = 401
    response.headers["WWW-Authenticate"] = f'Bearer error="{error}"' if error else "Bearer"
    response.headers["Cache-Control"] = "no-store"
    return response
