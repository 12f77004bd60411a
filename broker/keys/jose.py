"""Signed tokens (JWS, RFC 7515/7519): the only importer of python-jose in the broker.

Owns: making keys, signing, and every check that python-jose leaves out: one asymmetric algorithm per key, the key
picked by `kid`; `typ`, `iss`, `aud`, `exp`, `iat` and `nbf` there and of the right type; no `crit` or `b64`; one
spelling of the text only; RSA of 2048 bits or more, and P-256. Does not own which keys exist (`signing_keys`) nor what
the claims mean, nor PS256, which python-jose cannot do (`joserfc_parts`).
"""

import base64
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, Protocol, cast

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jose import jwk
from jose.backends.base import Key
from jose.exceptions import JOSEError

from broker import clock
from broker.keys.joserfc_parts import PssKey
from broker.keys.public_jwk import public_members, thumbprint

Algorithm = Literal["RS256", "ES256"]
ALGORITHMS: tuple[Algorithm, ...] = ("RS256", "ES256")
# What others may sign with. Our own tokens are signed with the two above; PS256 only proves us to a provider upstream.
VerifiedAlgorithm = Literal["RS256", "ES256", "PS256"]
VERIFIED_ALGORITHMS: tuple[VerifiedAlgorithm, ...] = ("RS256", "ES256", "PS256")

CLOCK_SKEW = 60
LONGEST_TOKEN = 16_384
RSA_BITS = 2048
RSA_MOST_BITS = 8192

_KEY_TYPES = {"RS256": "RSA", "ES256": "EC", "PS256": "RSA"}
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_LAST_OF_TWO = frozenset("AQgw")  # the signs that leave no stray bits at the end of two or three
_LAST_OF_THREE = frozenset("AEIMQUYcgkosw048")
_LONGEST_KEPT_HEADER = 600
_ALWAYS_REQUIRED = ("iss", "aud", "exp", "iat")
_TEXT_CLAIMS = ("iss", "sub", "jti", "sid", "azp", "nonce", "client_id")


class JoseError(Exception):
    """A token or key that cannot be used; `reason` is a code for logs and tests, never a part of the token."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with the one algorithm it signs with."""

    kid: str
    algorithm: VerifiedAlgorithm
    key: Key | PssKey = field(repr=False, compare=False)
    _headers: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)

    def header(self, typ: str) -> bytes:
        """The first part of every token of this type that the key signs, with its dot."""
        found = self._headers.get(typ)
        if found is None:
            told = {"alg": self.algorithm, "kid": self.kid, "typ": typ}
            found = self._headers[typ] = _encoded(told) + b"."
        return found

    def public_jwk(self) -> dict[str, Any]:
        """The public half as a JWK (RFC 7517), with kid, use and alg."""
        return {**self.key.public_key().to_dict(), "kid": self.kid, "use": "sig", "alg": self.algorithm}


class PublicKey(Protocol):
    """What verifies a signature: a key of python-jose, or one of `joserfc_parts`."""

    def verify(self, msg: bytes, sig: bytes) -> bool:
        """Whether `sig` is this key's over `msg`."""


@dataclass(frozen=True, slots=True)
class VerifyingKeys:
    """The public keys of one issuer for one algorithm, constructed once (`verifying_keys`)."""

    algorithm: VerifiedAlgorithm
    by_kid: Mapping[str, PublicKey]


@dataclass(frozen=True, slots=True)
class ReadToken:
    """A token taken apart, once. Nothing in it is proved: good for finding out whose keys must verify it."""

    header: Mapping[str, Any]
    claims: dict[str, Any] = field(repr=False)
    message: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @property
    def kid(self) -> str | None:
        """The kid it names."""
        kid = self.header.get("kid")
        return kid if isinstance(kid, str) else None

    @property
    def algorithm(self) -> VerifiedAlgorithm | None:
        """The algorithm it names, if that is one we verify at all."""
        named = self.header.get("alg")
        return next((each for each in VERIFIED_ALGORITHMS if each == named), None)

    def claim(self, name: str) -> str | None:
        """A claim in text."""
        value = self.claims.get(name)
        return value if isinstance(value, str) else None


def new_private_key(algorithm: Algorithm) -> str:
    """A fresh private key for `algorithm`, as PEM (PKCS 8)."""
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    if algorithm == "RS256":
        private = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    else:
        private = ec.generate_private_key(ec.SECP256R1())
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def signing_key(kid: str, algorithm: VerifiedAlgorithm, pem: str) -> SigningKey:
    """The private key in `pem`, ready to sign with `algorithm` and nothing else.

    The PEM is one that we sealed ourselves, so OpenSSL's validation of an RSA key (57 ms) is skipped.

    Raises:
        JoseError: a key of another type, or too weak.
    """
    private = load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
    if algorithm == "ES256":
        fits = isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(private.curve, ec.SECP256R1)
    else:
        fits = isinstance(private, rsa.RSAPrivateKey) and private.key_size >= RSA_BITS
    if not fits:
        raise JoseError("key_does_not_fit_algorithm")
    if algorithm == "PS256":
        return SigningKey(kid, algorithm, PssKey(cast(rsa.RSAPrivateKey, private)))
    return SigningKey(kid, algorithm, jwk.construct(private, algorithm))  # type: ignore[arg-type]  # stub: no key objects


def verifying_keys(jwks: Mapping[str, Any], algorithm: VerifiedAlgorithm) -> VerifyingKeys:
    """The keys of a JWK set that may sign with `algorithm`.

    Left out: keys for encryption or another algorithm, RSA under 2048 bits or over 8192 (which would keep us busy), other
    curves than P-256, keys without kid.

    Raises:
        JoseError: a key that cannot be read, two keys with one kid, or no usable key at all.
    """
    by_kid: dict[str, PublicKey] = {}
    for entry in jwks.get("keys", ()):
        kid = entry.get("kid") if isinstance(entry, Mapping) else None
        if (
            not isinstance(kid, str)
            or entry.get("kty") != _KEY_TYPES[algorithm]
            or entry.get("alg", algorithm) != algorithm
            or entry.get("use", "sig") != "sig"
            or (algorithm == "ES256" and entry.get("crv") != "P-256")
        ):
            continue
        public = {name: entry[name] for name in entry if name != "d"}
        try:
            key = jwk.construct(public, "ES256" if algorithm == "ES256" else "RS256")
        except (JOSEError, ValueError, TypeError, AttributeError) as error:
            raise JoseError("key_unreadable") from error
        prepared = cast(Any, key).prepared_key
        if algorithm != "ES256" and not RSA_BITS <= prepared.key_size <= RSA_MOST_BITS:
            continue
        if kid in by_kid:
            raise JoseError("key_id_twice")
        by_kid[kid] = PssKey(prepared) if algorithm == "PS256" else key
    if not by_kid:
        raise JoseError("no_usable_key")
    return VerifyingKeys(algorithm, by_kid)


def sign(claims: Mapping[str, Any], key: SigningKey, typ: str) -> str:
    """`claims` as a compact JWS with header typ `typ` and the kid of `key`."""
    message = key.header(typ) + _encoded(claims)
    signature = base64.urlsafe_b64encode(key.key.sign(message)).rstrip(b"=")
    return (message + b"." + signature).decode("ascii")


def verify(
    token: str | ReadToken,
    *,
    keys: Mapping[str, Any] | VerifyingKeys,
    algorithm: VerifiedAlgorithm,
    issuer: str,
    audience: str | Collection[str],
    typ: str | None = None,
    required: tuple[str, ...] = (),
    even_expired: bool = False,
    skew: int = 0,
    timeless: bool = False,
    by_client: bool = False,
) -> dict[str, Any]:
    """The claims of `token`, if every check passes.

    `keys` is a JWK set, or better what `verifying_keys` made of it once. `audience`: the value, or one of the values,
    that `aud` must hold; with more than one `aud`, `azp` must be it too. `by_client`: a client signed it, which knows no
    `azp`; then each value of `aud` must be one of `audience` (RFC 7523, 3). `typ`: the header's type; None is for an ID
    token, whose typ is absent or "JWT". `required`: claims that must be there beside iss, aud, exp and iat.
    `even_expired` is for an id_token_hint (OpenID RP-Initiated Logout 1.0, section 4). `skew`: so many seconds after
    `exp` are forgiven, where another clock than ours wrote it. `timeless`: exp and iat may be absent, as in a signed
    userinfo (OpenID Connect Core 5.3.2).

    Raises:
        JoseError: with the first check that failed as `reason`.
    """
    read = read_token(token) if isinstance(token, str) else token
    header, claims = read.header, read.claims
    _check_header(header, algorithm, typ)
    known = keys if isinstance(keys, VerifyingKeys) else verifying_keys(keys, algorithm)
    if known.algorithm != algorithm:
        raise JoseError("key_does_not_fit_algorithm")
    key = known.by_kid.get(header["kid"])
    if key is None:
        raise JoseError("kid_unknown")
    if not key.verify(read.message, read.signature):
        raise JoseError("signature_wrong")
    for name in (*(("iss", "aud") if timeless else _ALWAYS_REQUIRED), *required):
        if claims.get(name) is None:
            raise JoseError(f"{name}_missing")
    _check_claims(claims, issuer, {audience} if isinstance(audience, str) else audience, by_client)
    _check_times(claims, even_expired, skew)
    return claims


def verify_own_key(token: str | ReadToken, typ: str) -> tuple[dict[str, Any], str]:
    """The claims of `token`, signed by the key that stands in its own header, and the thumbprint of that key (RFC 7638).

    Proves that the sender has that key, and nothing else: no claim is judged here (RFC 9449, 4.3).

    Raises:
        JoseError: with the first check that failed as `reason`.
    """
    read = read_token(token) if isinstance(token, str) else token
    header, algorithm = read.header, read.algorithm
    if algorithm is None:
        raise JoseError("algorithm_wrong")
    _check_header({**header, "kid": ""}, algorithm, typ)
    try:
        members = public_members(header.get("jwk"), algorithm)
    except ValueError as error:
        raise JoseError(str(error)) from error
    try:
        plain = jwk.construct(members, "ES256" if algorithm == "ES256" else "RS256")
    except (JOSEError, ValueError) as error:
        raise JoseError("key_unreadable") from error
    key: PublicKey = PssKey(cast(Any, plain).prepared_key) if algorithm == "PS256" else plain
    if not key.verify(read.message, read.signature):
        raise JoseError("signature_wrong")
    return read.claims, thumbprint(members)


def kid_of(token: str) -> str | None:
    """The kid that `token` names, unverified: only good for deciding whether to fetch newer keys."""
    try:
        return read_token(token).kid
    except JoseError:
        return None


def unverified_claim(token: str, name: str) -> str | None:
    """A text claim of `token`, unverified: only good for finding out whose keys must verify it."""
    try:
        return read_token(token).claim(name)
    except JoseError:
        return None


def read_token(token: str) -> ReadToken:
    """`token` taken apart, with nothing proved yet.

    Raises:
        JoseError: it is no JWS in its one spelling, holding one JSON object.
    """
    if len(token) > LONGEST_TOKEN:
        raise JoseError("too_long")
    parts = token.split(".")
    if len(parts) != 3:
        raise JoseError("not_three_parts")
    header, payload, signature = parts
    known = _kept_header(header) if len(header) <= _LONGEST_KEPT_HEADER else _json_object(_only_spelling(header))
    claims = _json_object(_only_spelling(payload))
    return ReadToken(known, claims, f"{header}.{payload}".encode("ascii"), _only_spelling(signature))


@lru_cache(maxsize=512)
def _kept_header(part: str) -> Mapping[str, Any]:
    """The same few headers come back with every token of a key."""
    return _json_object(_only_spelling(part))


def _only_spelling(part: str) -> bytes:
    """The bytes of a base64url part, refusing padding, white space and stray bits: the same bytes have one text."""
    if not _BASE64URL.fullmatch(part):
        raise JoseError("not_base64url")
    left = len(part) % 4
    if left == 1 or (left == 2 and part[-1] not in _LAST_OF_TWO) or (left == 3 and part[-1] not in _LAST_OF_THREE):
        raise JoseError("not_base64url")
    return base64.urlsafe_b64decode(part + "=" * (-left % 4))


def _encoded(value: Mapping[str, Any]) -> bytes:
    return base64.urlsafe_b64encode(_WRITER.encode(value).encode()).rstrip(b"=")


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise JoseError("name_twice")
    return found


_WRITER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
_READER = json.JSONDecoder(object_pairs_hook=_each_name_once)


def _json_object(raw: bytes) -> dict[str, Any]:
    try:
        value = _READER.decode(raw.decode())
        if b"\\u" in raw:
            _WRITER.encode(value).encode()  # half a character can be said in JSON, and written nowhere
    except (ValueError, RecursionError) as error:
        raise JoseError("not_json") from error
    if not isinstance(value, dict):
        raise JoseError("not_an_object")
    return value


def _check_header(header: Mapping[str, Any], algorithm: str, typ: str | None) -> None:
    if header.get("alg") != algorithm:
        raise JoseError("algorithm_wrong")
    if "crit" in header or "b64" in header:
        raise JoseError("extension_unknown")
    if not isinstance(header.get("kid"), str):
        raise JoseError("kid_missing")
    given = header.get("typ")
    if typ is None and given is None:
        return
    if not isinstance(given, str) or given.lower().removeprefix("application/") != (typ or "JWT").lower():
        raise JoseError("type_wrong")


def _check_claims(claims: dict[str, Any], issuer: str, audience: Collection[str], by_client: bool) -> None:
    for name in _TEXT_CLAIMS:
        if name in claims and not isinstance(claims[name], str):
            raise JoseError(f"{name}_wrong")
    if claims["iss"] != issuer:
        raise JoseError("iss_wrong")
    meant_for = [claims["aud"]] if isinstance(claims["aud"], str) else claims["aud"]
    if not isinstance(meant_for, list) or not all(isinstance(each, str) for each in meant_for):
        raise JoseError("aud_wrong")
    ours = set(meant_for) & set(audience)
    if not ours or (by_client and ours != set(meant_for)):
        raise JoseError("aud_wrong")
    if not by_client and ("azp" in claims or len(meant_for) > 1) and claims.get("azp") not in audience:
        raise JoseError("azp_wrong")


def _check_times(claims: dict[str, Any], even_expired: bool, skew: int) -> None:
    for name in ("exp", "iat", "nbf", "auth_time"):
        if name in claims and type(claims[name]) is not int:
            raise JoseError(f"{name}_wrong")
    instant = clock.now().timestamp()
    if claims.get("exp", instant + 1) + skew <= instant and not even_expired:
        raise JoseError("expired")
    if claims.get("iat", 0) > instant + CLOCK_SKEW:
        raise JoseError("iat_in_future")
    if claims.get("nbf", 0) > instant + CLOCK_SKEW:
        raise JoseError("not_yet_valid")
