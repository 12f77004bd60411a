"""/op/v1/introspect: what a token is worth at this moment (RFC 7662), signed where asked (RFC 9701).

Owns who may know, and what is told. Of an access token it is told to the client that it was given to, and to the clients of the
applications that it is for; of a refresh token to its own client alone. To everybody else a token is as one that never was
(threats OA7).
"""

from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError

from broker import clock
from broker.authentication.refresh_token import read_refresh_token, refresh_token_facts
from broker.authentication.revoked_token import is_revoked
from broker.catalogue import Client
from broker.keys.jose import ALGORITHMS, JoseError, sign
from broker.oidc.access_token import AccessToken, living_session, verified_access_token
from broker.oidc.authenticate_client import METHODS
from broker.oidc.claims import person_claims, sign_in_claims
from broker.oidc.machine_door import MachineAnswer, MachineRequest, Needs, json_answer, text_answer
from broker.oidc.private_key_jwt import ASSERTION_ALGORITHMS

if TYPE_CHECKING:
    from broker.oidc.provider import Provider

SIGNED_TYPE = "token-introspection+jwt"
_MEDIA_TYPE = f"application/{SIGNED_TYPE}"
_NOT = {"active": False}


def introspect(provider: "Provider", request: MachineRequest) -> MachineAnswer:
    """What the client that asks may know of `token`. One statement, and one more for an assertion.

    Raises:
        OAuth2Error: the client did not prove itself, or names no token.
    """
    asker = provider.authenticated_client(request, "introspect").policy
    if asker.authentication == "none":
        raise InvalidClientError(status_code=401, description="Only a client that proves itself may ask.")
    written = request.form.get("token")
    if not written:
        raise InvalidRequestError(description="Missing token.")
    told = _told(provider, asker, written)
    if not asker.introspection_signing_algorithm and not _wants_signed(request):
        return json_answer(told)
    algorithm = asker.introspection_signing_algorithm or asker.signing_algorithm
    answer = {
        "iss": provider.issuer,
        "aud": asker.client_id,
        "iat": int(clock.now().timestamp()),
        "token_introspection": told,
    }
    return text_answer(sign(answer, provider.ring.signing(algorithm), SIGNED_TYPE), _MEDIA_TYPE)


def needs_of_introspection(request: MachineRequest) -> Needs:
    """It only reads, but for an assertion, which is used up."""
    return "operations" if "client_assertion" in request.form else "reading"


def metadata(provider: "Provider") -> dict[str, Any]:
    """What discovery says of it (RFC 8414, 2; RFC 9701, 7)."""
    return {
        "introspection_endpoint": provider.address("introspect"),
        "introspection_endpoint_auth_methods_supported": [each for each in METHODS if each != "none"],
        "introspection_endpoint_auth_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
        "introspection_signing_alg_values_supported": list(ALGORITHMS),
    }


def _wants_signed(request: MachineRequest) -> bool:
    accepted = request.headers.get("Accept", "")
    return _MEDIA_TYPE in (each.partition(";")[0].strip().lower() for each in accepted.split(","))


def _told(provider: "Provider", asker: Client, written: str) -> dict[str, Any]:
    if read_refresh_token(provider.installed.keys, written) is not None:
        return _of_refresh_token(provider, asker, written)
    try:
        token = verified_access_token(provider, written)
    except JoseError:
        return _NOT
    if asker.application_code not in token.audience and asker.client_id != token.client_id:
        return _NOT
    return _of_client(provider, token) if token.sid is None else _of_person(provider, token)


def _of_person(provider: "Provider", token: AccessToken) -> dict[str, Any]:
    """With the rights as they are now: what the token says of them is as old as the token."""
    facts = living_session(provider, token)
    if facts is None:
        return _NOT
    return {
        **_common(provider, token),
        **person_claims(facts, provider.installed.catalogue, token.scopes),
        **sign_in_claims(facts),
        "scope": " ".join(sorted(token.scopes & facts.scopes)),
        "exp": min(token.expires, int(facts.ends_at.timestamp())),
        "sid": str(facts.sid),
        **({"act": token.act} if token.act is not None else {}),
    }


def _of_client(provider: "Provider", token: AccessToken) -> dict[str, Any]:
    with provider.reading() as connection:
        if is_revoked(connection, token.jti):
            return _NOT
    return _common(provider, token)


def _common(provider: "Provider", token: AccessToken) -> dict[str, Any]:
    return {
        "active": True,
        "iss": provider.issuer,
        "sub": token.sub,
        "aud": token.audience[0] if len(token.audience) == 1 else list(token.audience),
        "client_id": token.client_id,
        "token_type": token.token_type,
        "iat": token.issued,
        "exp": token.expires,
        "jti": token.jti,
        **({"cnf": {"jkt": token.jkt}} if token.jkt else {}),
    }


def _of_refresh_token(provider: "Provider", asker: Client, written: str) -> dict[str, Any]:
    with provider.reading() as connection:
        facts = refresh_token_facts(connection, provider.installed, asker, written)
    if facts is None or facts.refresh_expires_at is None:
        return _NOT
    return {
        "active": True,
        "iss": provider.issuer,
        "sub": facts.sub,
        "client_id": facts.client_id,
        "scope": " ".join(sorted(facts.scopes)),
        "exp": int(min(facts.refresh_expires_at, facts.ends_at).timestamp()),
        "sid": str(facts.sid),
        **({"cnf": {"jkt": facts.dpop_jkt}} if facts.dpop_jkt else {}),
    }
