"""The one module of the applications that knows python-jose: is this token the broker's, for us, now?

Owns: every check on an ID token (OpenID Connect Core §3.1.3.7), an access token (RFC 9068 §4), a logout token (Back-Channel
Logout 1.0 §2.6) and an event (RFC 8417 §2.2), in an order that can be read as a list. python-jose checks only the signature,
by the key itself: its own way round accepts too much of the rest, and reads every token three times. Also signs what the
application itself has to prove (RFC 7523, RFC 9449). Does not own what the claims mean (person.py, notices.py) nor where keys
come from (key_set.py).
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any, Literal

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jose import JOSEError, jwk, jws

Algorithm = Literal["ES256", "RS256"]
Claims = Mapping[str, Any]

LONGEST_TOKEN = 16 * 1024
LONGEST_ID = 255
LEAST_RSA_BITS = 2048
CLOCK_SKEW_SECONDS = 30
NOTICE_SECONDS = 120
EVENT_SECONDS = 2 * 24 * 3600
CACHE_SECONDS = 60
CACHED_TOKENS = 1024
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"

_TOKEN = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_HEADERS = {"alg", "kid", "typ"}
_ID_TOKEN = {"JWT", None}
_ACCESS_TOKEN = {"at+jwt", "application/at+jwt"}
_LOGOUT_TOKEN = {"logout+jwt", "application/logout+jwt"}
_EVENT = {"secevent+jwt", "application/secevent+jwt"}
_PARTS: dict[Algorithm, tuple[str, ...]] = {"ES256": ("crv", "kty", "x", "y"), "RS256": ("e", "kty", "n")}
"""What makes a public key, in the order in which its thumbprint is taken (RFC 7638)."""


class TokenRefusedError(Exception):
    """The token is not accepted. The message is one word for the log, never a part of the token."""


class CallerRefusedError(TokenRefusedError):
    """All is well with the token, save that its client may not call here."""


class TokenExpiredError(TokenRefusedError):
    """All is well with the token, save that its time is over."""


def read_key(published: Mapping[str, Any], algorithm: Algorithm = "ES256") -> tuple[str, Any] | None:
    """(kid, key) of a published key, or None when it cannot have signed with the one algorithm that we accept."""
    kid = published.get("kid")
    if not isinstance(kid, str) or published.get("use", "sig") != "sig" or published.get("alg", algorithm) != algorithm:
        return None
    kind = (published.get("kty"), published.get("crv"))
    if kind != (("EC", "P-256") if algorithm == "ES256" else ("RSA", None)):
        return None
    try:
        key: Any = jwk.construct({name: published[name] for name in _PARTS[algorithm]}, algorithm=algorithm)
    except (JOSEError, KeyError, ValueError, TypeError, AttributeError):
        return None
    if algorithm == "RS256" and key.prepared_key.key_size < LEAST_RSA_BITS:
        return None
    return kid, key


def read_again(token: str) -> Claims:
    """The claims of a token that was verified when it came, and lay under our seal since; nothing is checked anew.

    Raises:
        TokenRefusedError: it is no token at all.
    """
    parts = _TOKEN.fullmatch(token)
    if parts is None:
        raise TokenRefusedError("shape")
    return MappingProxyType(_object(parts[2]))


class TokenVerifier:
    """Verifies the tokens of one issuer for one client and one application. Safe between threads."""

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        audience: str,
        find_key: Callable[[str], Any],
        algorithm: Algorithm = "ES256",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._audience = audience
        self._find_key = find_key
        self._algorithm = algorithm
        self._clock = clock
        self._lock = threading.Lock()
        self._verified: OrderedDict[bytes, tuple[float, Claims]] = OrderedDict()

    def id_token(self, token: str, *, nonce: str | None, access_token: str) -> Claims:
        """The claims of an ID token that answers the request with this nonce; with None it comes with refreshed tokens, and
        answers no request (OpenID Connect Core §12.2).

        Raises:
            TokenRefusedError: any check fails.
            BrokerUnreachableError: the keys cannot be had.
        """
        claims = self._signed_claims(token, types=_ID_TOKEN)
        self._lives(claims)
        self._of_a_subject(claims)
        if claims.get("aud") not in (self._client_id, [self._client_id]):
            raise TokenRefusedError("audience")
        if claims.get("azp", self._client_id) != self._client_id:
            raise TokenRefusedError("authorized_party")
        if nonce is not None and (
            not isinstance(claims.get("nonce"), str)
            or not hmac.compare_digest(claims["nonce"].encode(), nonce.encode())
        ):
            raise TokenRefusedError("nonce")
        if "at_hash" in claims and claims["at_hash"] != _half_hash(access_token):
            raise TokenRefusedError("access_token_hash")
        return claims

    def access_token(self, token: str) -> Claims:
        """The claims of an access token for this application; one that was verified in the last minute is not verified
        again, but never outlives its own time.

        Raises:
            TokenExpiredError: only its time is over.
            TokenRefusedError: any other check fails.
            BrokerUnreachableError: the keys cannot be had.
        """
        digest = hashlib.sha256(token.encode()).digest()
        now = self._clock()
        known = self._verified.get(digest)
        if known is not None and now < known[0]:
            return known[1]
        claims = self._signed_claims(token, types=_ACCESS_TOKEN)
        self._lives(claims)
        self._of_a_subject(claims)
        if claims.get("aud") not in (self._audience, [self._audience]):
            raise TokenRefusedError("audience")
        if claims.get("client_id") != self._client_id:
            raise TokenRefusedError("client")
        with self._lock:
            self._verified[digest] = (min(now + CACHE_SECONDS, float(claims["exp"])), claims)
            while len(self._verified) > CACHED_TOKENS:
                self._verified.popitem(last=False)
        return claims

    def token_of_another(self, token: str, clients: Collection[str]) -> Claims:
        """The claims of an access token for this application that the broker gave to one of `clients`, of other
        applications. Verified each time: who calls asks for a new one each time too.

        Raises:
            CallerRefusedError: it is another client's.
            TokenRefusedError: any other check fails; it is bound to a key, too.
            BrokerUnreachableError: the keys cannot be had.
        """
        claims = self._signed_claims(token, types=_ACCESS_TOKEN)
        self._lives(claims)
        self._of_a_subject(claims)
        if claims.get("aud") not in (self._audience, [self._audience]):
            raise TokenRefusedError("audience")
        if "cnf" in claims:
            raise TokenRefusedError("bound")
        if claims.get("client_id") not in clients:
            raise CallerRefusedError("client")
        return claims

    def forget(self, *, sid: str | None = None, sub: str | None = None) -> None:
        """Verify anew, whatever of this session or this subject was verified in the last minute: something has changed."""
        with self._lock:
            for digest, (_until, claims) in list(self._verified.items()):
                if (sid is not None and claims.get("sid") == sid) or (sub is not None and claims.get("sub") == sub):
                    del self._verified[digest]

    def logout_token(self, token: str) -> Claims:
        """The claims of a logout token (Back-Channel Logout 1.0 §2.4); whether its `jti` is new is for the caller (BC2).

        Raises:
            TokenRefusedError: any check fails.
            BrokerUnreachableError: the keys cannot be had.
        """
        claims = self._signed_claims(token, types=_LOGOUT_TOKEN)
        if claims.get("aud") not in (self._client_id, [self._client_id]):
            raise TokenRefusedError("audience")
        self._lives(claims, early=NOTICE_SECONDS)
        if self._issued_at(claims) < self._clock() - NOTICE_SECONDS:
            raise TokenRefusedError("dates")
        events = _events_of(claims)
        if events.keys() != {LOGOUT_EVENT}:
            raise TokenRefusedError("events")
        if "nonce" in claims:  # else an ID token could pass for one
            raise TokenRefusedError("nonce")
        _require_id(claims)
        named = [claims[name] for name in ("sid", "sub") if name in claims]
        if not named or not all(isinstance(value, str) and 0 < len(value) <= LONGEST_ID for value in named):
            raise TokenRefusedError("subject")
        return claims

    def event_token(self, token: str) -> Claims:
        """The claims of a security event (RFC 8417) of the last two days; whether its `jti` is new is for the caller.

        Raises:
            TokenRefusedError: any check fails.
            BrokerUnreachableError: the keys cannot be had.
        """
        claims = self._signed_claims(token, types=_EVENT)
        if claims.get("aud") not in (self._client_id, [self._client_id]):
            raise TokenRefusedError("audience")
        age = self._clock() - self._issued_at(claims)
        if not -NOTICE_SECONDS <= age <= EVENT_SECONDS:
            raise TokenRefusedError("dates")
        if "exp" in claims or "sub" in claims:  # neither stands in an event (SSF 1.0), both stand in every other token
            raise TokenRefusedError("not_an_event")
        _events_of(claims)
        _require_id(claims)
        return claims

    def _signed_claims(self, token: str, *, types: set[str | None] | set[str]) -> Claims:
        """Shape, header, key, signature and issuer: what all kinds of token share."""
        parts = _TOKEN.fullmatch(token) if len(token) <= LONGEST_TOKEN else None
        if parts is None:
            raise TokenRefusedError("shape")
        header = _object(parts[1])
        if header.get("alg") != self._algorithm:
            raise TokenRefusedError("algorithm")
        if header.get("typ") not in types:
            raise TokenRefusedError("type")
        if not header.keys() <= _HEADERS:  # crit, b64, jku, jwk, x5c: nothing that we would have to understand
            raise TokenRefusedError("header")
        kid = header.get("kid")
        key = self._find_key(kid) if isinstance(kid, str) else None
        if key is None:
            raise TokenRefusedError("unknown_key")
        if not key.verify(token[: parts.end(2)].encode(), _bytes(parts[3])):
            raise TokenRefusedError("signature")
        claims = _object(parts[2])
        if claims.get("iss") != self._issuer:
            raise TokenRefusedError("issuer")
        return MappingProxyType(claims)

    def _of_a_subject(self, claims: Claims) -> None:
        if not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise TokenRefusedError("subject")

    def _lives(self, claims: Claims, early: int = CLOCK_SKEW_SECONDS) -> None:
        now = self._clock()
        if self._issued_at(claims) > now + early or type(claims.get("exp")) is not int:
            raise TokenRefusedError("dates")
        if claims["exp"] <= now:
            raise TokenExpiredError("expired")

    def _issued_at(self, claims: Claims) -> int:
        issued = claims.get("iat")
        if type(issued) is not int:
            raise TokenRefusedError("dates")
        return issued


class SigningKey:
    """A private key of this application, P-256 or RSA: for its assertions (RFC 7523) or its DPoP proofs (RFC 9449).

    Raises:
        ValueError: the PEM holds no such key.
    """

    def __init__(self, pem: str) -> None:
        loaded = serialization.load_pem_private_key(pem.encode(), password=None)
        if isinstance(loaded, ec.EllipticCurvePrivateKey) and isinstance(loaded.curve, ec.SECP256R1):
            self.algorithm: Algorithm = "ES256"
        elif isinstance(loaded, rsa.RSAPrivateKey) and loaded.key_size >= LEAST_RSA_BITS:
            self.algorithm = "RS256"
        else:
            raise ValueError("neither P-256 nor RSA of 2048 bits")
        self.pem = pem
        self._key = jwk.construct(pem, algorithm=self.algorithm)
        parts = self._key.public_key().to_dict()
        texts = {name: value.decode() if isinstance(value, bytes) else str(value) for name, value in parts.items()}
        self.public = {name: texts[name] for name in _PARTS[self.algorithm]}
        self.thumbprint = _base64(hashlib.sha256(json.dumps(self.public, separators=(",", ":")).encode()).digest())

    @classmethod
    def new(cls) -> "SigningKey":
        """A fresh P-256 key."""
        return cls(
            ec.generate_private_key(ec.SECP256R1())
            .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            .decode()
        )

    def sign(self, claims: dict[str, Any], headers: dict[str, Any]) -> str:
        """A token with these claims; `headers` beside `alg` (typ may be one of them)."""
        signed: str = jws.sign(claims, self._key, headers=headers, algorithm=self.algorithm)
        return signed


def hash_of_token(token: str) -> str:
    """`ath` of RFC 9449 §4.1."""
    return _base64(hashlib.sha256(token.encode()).digest())


def _events_of(claims: Claims) -> dict[str, Any]:
    events = claims.get("events")
    if not isinstance(events, dict) or not events or not all(isinstance(event, dict) for event in events.values()):
        raise TokenRefusedError("events")
    return events


def _require_id(claims: Claims) -> None:
    if not isinstance(claims.get("jti"), str) or not 0 < len(claims["jti"]) <= LONGEST_ID:
        raise TokenRefusedError("id")


def _bytes(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error as error:
        raise TokenRefusedError("shape") from error


def _object(part: str) -> dict[str, Any]:
    try:
        read = json.loads(_bytes(part).decode())
    except (ValueError, RecursionError) as error:
        raise TokenRefusedError("shape") from error
    if not isinstance(read, dict):
        raise TokenRefusedError("shape")
    return read


def _half_hash(token: str) -> str:
    """`at_hash` of OpenID Connect Core §3.1.3.6."""
    return _base64(hashlib.sha256(token.encode()).digest()[:16])


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
