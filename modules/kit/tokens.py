"""The one module of the applications that knows python-jose: is this token the broker's, for us, now?

Owns: every check on an ID token (OpenID Connect Core §3.1.3.7) and on an access token (RFC 9068 §4), in an order that can be
read as a list; python-jose checks only the signature, as it accepts too much of the rest. Does not own what the claims mean
(person.py) nor where keys come from (key_set.py).
"""

import base64
import hashlib
import hmac
import json
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from jose import JOSEError, jwk, jws

ALGORITHM = "ES256"
LONGEST_TOKEN = 16 * 1024
CLOCK_SKEW_SECONDS = 30
CACHE_SECONDS = 60
CACHED_TOKENS = 1024

_PART = re.compile(r"[A-Za-z0-9_-]+")
_HEADERS = {"alg", "kid", "typ"}


class TokenRefusedError(Exception):
    """The token is not accepted. The message is one word for the log, never a part of the token."""


class TokenExpiredError(TokenRefusedError):
    """All is well with the token, save that its time is over."""


def read_key(published: Mapping[str, Any]) -> tuple[str, Any] | None:
    """(kid, key) of a published key, or None when it cannot have signed with the one algorithm that we accept."""
    kid = published.get("kid")
    if not isinstance(kid, str) or published.get("kty") != "EC" or published.get("crv") != "P-256":
        return None
    if published.get("use", "sig") != "sig" or published.get("alg", ALGORITHM) != ALGORITHM:
        return None
    try:
        return kid, jwk.construct({name: published[name] for name in ("kty", "crv", "x", "y")}, algorithm=ALGORITHM)
    except (JOSEError, KeyError, ValueError):
        return None


class TokenVerifier:
    """Verifies the tokens of one issuer for one client and one application. Safe between threads."""

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        audience: str,
        find_key: Callable[[str], Any],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._audience = audience
        self._find_key = find_key
        self._clock = clock
        self._lock = threading.Lock()
        self._verified: OrderedDict[bytes, tuple[float, dict[str, Any]]] = OrderedDict()

    def id_token(self, token: str, *, nonce: str, access_token: str) -> dict[str, Any]:
        """The claims of an ID token that answers the request with this nonce.

        Raises:
            TokenRefusedError: any check fails.
            BrokerUnreachableError: the keys cannot be had.
        """
        claims = self._signed_claims(token, types={"JWT", None})
        if claims.get("aud") not in (self._client_id, [self._client_id]):
            raise TokenRefusedError("audience")
        if claims.get("azp", self._client_id) != self._client_id:
            raise TokenRefusedError("authorized_party")
        if not isinstance(claims.get("nonce"), str) or not hmac.compare_digest(claims["nonce"], nonce):
            raise TokenRefusedError("nonce")
        if "at_hash" in claims and claims["at_hash"] != _half_hash(access_token):
            raise TokenRefusedError("access_token_hash")
        return claims

    def access_token(self, token: str) -> dict[str, Any]:
        """The claims of an access token for this application; one that was verified in the last minute is not verified
        again, but never outlives its own time.

        Raises:
            TokenExpiredError: only its time is over.
            TokenRefusedError: any other check fails.
            BrokerUnreachableError: the keys cannot be had.
        """
        digest = hashlib.sha256(token.encode()).digest()
        now = self._clock()
        with self._lock:
            until, claims = self._verified.get(digest, (0.0, {}))
        if now < until:
            return claims
        claims = self._signed_claims(token, types={"at+jwt", "application/at+jwt"})
        if claims.get("aud") not in (self._audience, [self._audience]):
            raise TokenRefusedError("audience")
        if claims.get("client_id") != self._client_id:
            raise TokenRefusedError("client")
        with self._lock:
            self._verified[digest] = (min(now + CACHE_SECONDS, float(claims["exp"])), claims)
            while len(self._verified) > CACHED_TOKENS:
                self._verified.popitem(last=False)
        return claims

    def _signed_claims(self, token: str, *, types: set[str | None]) -> dict[str, Any]:
        """Shape, header, key, signature, issuer and time: what both kinds of token share."""
        parts = token.split(".")
        if len(token) > LONGEST_TOKEN or len(parts) != 3 or not all(_PART.fullmatch(part) for part in parts):
            raise TokenRefusedError("shape")
        header = _object(parts[0])
        if header.get("alg") != ALGORITHM:
            raise TokenRefusedError("algorithm")
        if header.get("typ") not in types:
            raise TokenRefusedError("type")
        if not header.keys() <= _HEADERS:  # crit, b64, jku, jwk, x5c: nothing that we would have to understand
            raise TokenRefusedError("header")
        kid = header.get("kid")
        key = self._find_key(kid) if isinstance(kid, str) else None
        if key is None:
            raise TokenRefusedError("unknown_key")
        try:
            jws.verify(token, key, algorithms=[ALGORITHM])
        except JOSEError as error:
            raise TokenRefusedError("signature") from error
        claims = _object(parts[1])
        if claims.get("iss") != self._issuer:
            raise TokenRefusedError("issuer")
        if not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise TokenRefusedError("subject")
        now = self._clock()
        issued, expires = claims.get("iat"), claims.get("exp")
        if type(issued) is not int or type(expires) is not int or issued > now + CLOCK_SKEW_SECONDS:
            raise TokenRefusedError("dates")
        if expires <= now:
            raise TokenExpiredError("expired")
        return claims


def _object(part: str) -> dict[str, Any]:
    try:
        read = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError as error:
        raise TokenRefusedError("shape") from error
    if not isinstance(read, dict):
        raise TokenRefusedError("shape")
    return read


def _half_hash(token: str) -> str:
    """`at_hash` of OpenID Connect Core §3.1.3.6."""
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()[:16]).rstrip(b"=").decode()
