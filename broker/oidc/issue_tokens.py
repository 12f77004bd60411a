"""issue_tokens: the ID token (OpenID Connect Core, 2) and the access token (RFC 9068) of one session, and its refresh
token where it has one. Stores nothing."""

import base64
import uuid
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc6749 import InvalidGrantError

from broker import clock
from broker.authentication.refresh_token import written_refresh_token
from broker.authentication.session_facts import SessionFacts
from broker.catalogue import Client
from broker.keys.jose import sign
from broker.oidc.claims import client_claims, person_claims, sign_in_claims

if TYPE_CHECKING:
    from broker.oidc.provider import Provider

ACCESS_TOKEN_TYPE = "at+jwt"  # noqa: S105  a media type
ID_TOKEN_TYPE = "JWT"  # noqa: S105


def issue_tokens(
    provider: "Provider",
    facts: SessionFacts,
    client: Client,
    *,
    nonce: str | None = None,
    scopes: frozenset[str] | None = None,
    dpop_jkt: str | None = None,
) -> dict[str, Any]:
    """The body of a token answer. No token outlives the session or the first right in it to end (threats OA2).

    `nonce` is that of the authorization request; a refresh has none (OpenID Connect Core, 12.2). `scopes` are those of
    these tokens where they are fewer than the session's; without openid there is no ID token. `dpop_jkt`: the key that
    the access token is bound to (RFC 9449, 6).

    Raises:
        InvalidGrantError: what is left of it is less than a second.
    """
    installed = provider.installed
    granted = facts.scopes if scopes is None else scopes
    lifetimes = installed.catalogue.applications[facts.application_code].lifetimes
    now = int(clock.now().timestamp())
    last = int(facts.ends_at.timestamp())
    access_until = min(now + lifetimes.access_token, last)
    if access_until <= now:
        raise InvalidGrantError(description="There is no time left.")
    key = provider.ring.signing(client.signing_algorithm)
    common = {**sign_in_claims(facts), "iss": provider.issuer, "iat": now, "sid": str(facts.sid)}
    written_scopes = " ".join(sorted(granted))
    access_token = sign(
        {
            **person_claims(facts, installed.catalogue, granted),
            **common,
            "aud": facts.application_code,
            "exp": access_until,
            "client_id": client.client_id,
            "jti": str(uuid.uuid4()),
            "scope": written_scopes,
            **({"cnf": {"jkt": dpop_jkt}} if dpop_jkt is not None else {}),
        },
        key,
        ACCESS_TOKEN_TYPE,
    )
    answer = {
        "access_token": access_token,
        "token_type": "Bearer" if dpop_jkt is None else "DPoP",
        "expires_in": access_until - now,
        "scope": written_scopes,
    }
    refresh_token = written_refresh_token(installed.keys, facts)
    if refresh_token is not None:
        answer["refresh_token"] = refresh_token
    if "openid" in granted:
        answer["id_token"] = sign(
            {
                **client_claims(facts, client, installed, "id_token", granted),
                **common,
                "aud": client.client_id,
                "exp": min(now + lifetimes.id_token, last),
                "at_hash": at_hash(access_token),
                **({"nonce": nonce} if nonce is not None else {}),
            },
            key,
            ID_TOKEN_TYPE,
        )
    return answer


def at_hash(access_token: str) -> str:
    """The left half of its SHA-256 in base64url (OpenID Connect Core, 3.1.3.6); both our algorithms hash with
    SHA-256."""
    half = sha256(access_token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()
