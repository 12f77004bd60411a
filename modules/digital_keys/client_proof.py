"""How a client proves who it is at the endpoints for programs: by its secret (RFC 6749 §2.3.1) or its key (RFC 7523).

Owns: that choice and the checks of an assertion, one use included. Does not own signatures (tokens.py).
"""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote_plus

from flask import Response, jsonify, request

from modules.digital_keys.clients import Client
from modules.digital_keys.provider import Provider
from modules.digital_keys.state import state
from modules.digital_keys.tokens import verified_assertion

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LONGEST_LIFE = timedelta(minutes=10)


def proved_client(provider: Provider) -> Client | None:
    """The client that makes this request; None when it does not prove itself as it registered."""
    if "client_assertion" in request.form:
        return _by_assertion(provider)
    client_id = request.form.get("client_id", "")
    secret = request.form.get("client_secret", "")
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            user, _, word = base64.b64decode(credentials, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        client_id, secret = unquote_plus(user), unquote_plus(word)
    client = state().clients.get(provider.code, {}).get(client_id)
    return client if client is not None and client.knows(secret) else None


def refused(error: str, status: int = 400) -> tuple[Response, int]:
    """The error of RFC 6749 §5.2."""
    answer = jsonify({"error": error})
    answer.headers["Cache-Control"] = "no-store"
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Basic"
    return answer, status


def _by_assertion(provider: Provider) -> Client | None:
    if request.form.get("client_assertion_type") != ASSERTION_TYPE:
        return None
    client = state().clients.get(provider.code, {}).get(request.form.get("client_id", ""))
    if client is None or client.method != "private_key_jwt":
        return None
    claims = verified_assertion(
        request.form["client_assertion"], lambda kid: state().client_keys.find(client, "sig", kid)
    )
    issuer = provider.issuer(state().settings.base_url)
    now = datetime.now(UTC).timestamp()
    if (
        claims is None
        or (claims.get("iss"), claims.get("sub")) != (client.client_id, client.client_id)
        or claims.get("aud") not in (issuer, f"{issuer}/token", f"{issuer}/par")
        or not isinstance(claims.get("exp"), int)
        or not now < claims["exp"] <= now + _LONGEST_LIFE.total_seconds()
        or not isinstance(claims.get("jti"), str)
    ):
        return None
    until = datetime.fromtimestamp(claims["exp"], UTC)
    first = state().used_assertions.use(f"{provider.code}:{client.client_id}:{claims['jti']}", until)
    return client if first else None
