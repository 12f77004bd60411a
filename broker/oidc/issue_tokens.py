"""issue_tokens: the ID token (OpenID Connect Core, 2) and the access token (RFC 9068) of one session. Stores
nothing."""

import base64
import uuid
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc6749 import InvalidGrantError

from broker import clock
from broker.authentication.session_facts import SessionFacts
from broker.catalogue import Client
from broker.keys.jose import Algorithm, sign
from broker.oidc.claims import number_claim, person_claims

if TYPE_CHECKING:
    from broker.oidc.provider import Provider

ACCESS_TOKEN_TYPE = "at+jwt"  # noqa: S105  a media type
ID_TOKEN_TYPE = "JWT"  # noqa: S105


def issue_tokens(provider: "Provider", facts: SessionFacts, client: Client, nonce: str | None) -> dict[str, Any]:
    """The body of a token answer. Neither token outlives the session or the first right in it to end (threats OA2).

    Raises:
        InvalidGrantError: what is left of it is less than a second.
    """
    catalogue = provider.installed.catalogue
    lifetimes = catalogue.applications[facts.application_code].lifetimes
    now = int(clock.now().timestamp())
    last = int(facts.ends_at.timestamp())
    access_until = min(now + lifetimes.access_token, last)
    if access_until <= now:
        raise InvalidGrantError(description="The code cannot be redeemed.")
    algorithm: Algorithm = "ES256" if client.signing_algorithm == "ES256" else "RS256"
    key = provider.ring.signing(algorithm)
    person = person_claims(facts, catalogue)
    how = {"acr": facts.acr, "amr": list(facts.amr), "auth_time": int(facts.auth_time.timestamp())}
    common = {"iss": provider.issuer, "iat": now, "sid": str(facts.sid)}
    access_token = sign(
        {
            **person,
            **how,
            **common,
            "aud": facts.application_code,
            "exp": access_until,
            "client_id": client.client_id,
            "jti": str(uuid.uuid4()),
            "scope": " ".join(sorted(facts.scopes)),
        },
        key,
        ACCESS_TOKEN_TYPE,
    )
    id_token = sign(
        {
            **person,
            **number_claim(facts, provider.installed.keys),
            **how,
            **common,
            "aud": client.client_id,
            "exp": min(now + lifetimes.id_token, last),
            "at_hash": at_hash(access_token),
            **({"nonce": nonce} if nonce is not None else {}),
        },
        key,
        ID_TOKEN_TYPE,
    )
    return {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": access_until - now,
        "scope": " ".join(sorted(facts.scopes)),
        "id_token": id_token,
    }


def at_hash(access_token: str) -> str:
    """The left half of its SHA-256 in base64url (OpenID Connect Core, 3.1.3.6); both our algorithms hash with
    SHA-256."""
    half = sha256(access_token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()
