"""Signed tokens (JWS, RFC 7515/7519): the only importer of python-jose in the broker.

Owns: making keys, signing, and every check that python-jose leaves out: one asymmetric algorithm per key, the key
picked by `kid`; `typ`, `iss`, `aud`, `exp`, `iat` and `nbf` there and of the right type; no `crit` or `b64`; one
spelling of the text only; RSA of 2048 bits or more, and P-256. Does not own which keys exist (`signing_keys`) nor what
the claims mean.
"""

import base64
import binascii
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jose import jwk, jws
from jose.backends.base import Key
from jose.exceptions import JOSEError

from broker import clock

Algorithm = Literal["RS256", "ES256"]
ALGORITHMS: tuple[Algorithm, ...] = ("RS256", "ES256")

CLOCK_SKEW = 60
LONGEST_TOKEN = 16_384
RSA_BITS = 2048

_KEY_TYPES = {"RS256": "RSA", "ES256": "EC"}
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
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
    algorithm: Algorithm
    key: Key

    def public_jwk(self) -> dict[str, Any]:
        """The public half as a JWK (RFC 7517), with kid, use and alg."""
        return {**self.key.public_key().to_dict(), "kid": self.kid, "use": "sig", "alg": self.algorithm}


@dataclass(frozen=True, slots=True)
class VerifyingKeys:
    """The public keys of one issuer for one algorithm, constructed once (`verifying_keys`)."""

    algorithm: Algorithm
    by_kid: Mapping[str, Key]


def new_private_key(algorithm: Algorithm) -> str:
    """A fresh private key for `algorithm`, as PEM (PKCS 8)."""
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    if algorithm == "RS256":
        private = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    else:
        private = ec.generate_private_key(ec.SECP256R1())
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def signing_key(kid: str, algorithm: Algorithm, pem: str) -> SigningKey:
    """The private key in `pem`, ready to sign with `algorithm` and nothing else.

    The PEM is one that we sealed ourselves, so OpenSSL's validation of an RSA key (57 ms) is skipped.

    Raises:
        JoseError: a key of another type, or too weak.
    """
    private = load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
    if algorithm == "RS256":
        fits = isinstance(private, rsa.RSAPrivateKey) and private.key_size >= RSA_BITS
    else:
        fits = isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(private.curve, ec.SECP256R1)
    if not fits:
        raise JoseError("key_does_not_fit_algorithm")
    return SigningKey(kid, algorithm, jwk.construct(private, algorithm))  # type: ignore[arg-type]  # stub: no key objects


def verifying_keys(jwks: Mapping[str, Any], algorithm: Algorithm) -> VerifyingKeys:
    """The keys of a JWK set that may sign with `algorithm`.

    Left out: keys for encryption or another algorithm, RSA under 2048 bits, other curves than P-256, keys without kid.

    Raises:
        JoseError: a key that cannot be read, two keys with one kid, or no usable key at all.
    """
    by_kid: dict[str, Key] = {}
    for entry in jwks.get("keys", ()):
        kid = entry.get("kid")
        if (
            entry.get("kty") != _KEY_TYPES[algorithm]
            or entry.get("alg", algorithm) != algorithm
            or entry.get("use", "sig") != "sig"
            or (algorithm == "ES256" and entry.get("crv") != "P-256")
            or not isinstance(kid, str)
        ):
            continue
        try:
            key = jwk.construct({name: entry[name] for name in entry if name != "d"}, algorithm)
        except (JOSEError, ValueError, TypeError, AttributeError) as error:
            raise JoseError("key_unreadable") from error
        if algorithm == "RS256" and cast(Any, key).prepared_key.key_size < RSA_BITS:
            continue
        if kid in by_kid:
            raise JoseError("key_id_twice")
        by_kid[kid] = key
    if not by_kid:
        raise JoseError("no_usable_key")
    return VerifyingKeys(algorithm, by_kid)


def sign(claims: Mapping[str, Any], key: SigningKey, typ: str) -> str:
    """`claims` as a compact JWS with header typ `typ` and the kid of `key`."""
    return jws.sign(dict(claims), key.key, {"kid": key.kid, "typ": typ}, key.algorithm)


def verify(
    token: str,
    *,
    keys: Mapping[str, Any] | VerifyingKeys,
    algorithm: Algorithm,
    issuer: str,
    audience: str | Collection[str],
    typ: str | None = None,
    required: tuple[str, ...] = (),
    even_expired: bool = False,
) -> dict[str, Any]:
    """The claims of `token`, if every check passes.

    `keys` is a JWK set, or better what `verifying_keys` made of it once. `audience`: the value, or one of the values,
    that `aud` must hold; with more than one `aud`, `azp` must be it too. `typ`: the header's type; None is for an ID
    token, whose typ is absent or "JWT". `required`: claims that must be there beside iss, aud, exp and iat.
    `even_expired` is for an id_token_hint (OpenID RP-Initiated Logout 1.0, section 4).

    Raises:
        JoseError: with the first check that failed as `reason`.
    """
    header, claims = _read(token)
    _check_header(header, algorithm, typ)
    known = keys if isinstance(keys, VerifyingKeys) else verifying_keys(keys, algorithm)
    if known.algorithm != algorithm:
        raise JoseError("key_does_not_fit_algorithm")
    key = known.by_kid.get(header["kid"])
    if key is None:
        raise JoseError("kid_unknown")
    try:
        jws.verify(token, key, [algorithm])
    except JOSEError as error:
        raise JoseError("signature_wrong") from error
    for name in (*_ALWAYS_REQUIRED, *required):
        if claims.get(name) is None:
            raise JoseError(f"{name}_missing")
    _check_claims(claims, issuer, {audience} if isinstance(audience, str) else audience, even_expired)
    return claims


def kid_of(token: str) -> str | None:
    """The kid that `token` names, unverified: only good for deciding whether to fetch newer keys."""
    try:
        kid = _read(token)[0].get("kid")
    except JoseError:
        return None
    return kid if isinstance(kid, str) else None


def unverified_claim(token: str, name: str) -> str | None:
    """A text claim of `token`, unverified: only good for finding out whose keys must verify it."""
    try:
        value = _read(token)[1].get(name)
    except JoseError:
        return None
    return value if isinstance(value, str) else None


def _read(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    if len(token) > LONGEST_TOKEN:
        raise JoseError("too_long")
    parts = token.split(".")
    if len(parts) != 3:
        raise JoseError("not_three_parts")
    header, payload, _signature = (_only_spelling(part) for part in parts)
    return _json_object(header), _json_object(payload)


def _only_spelling(part: str) -> bytes:
    """The bytes of a base64url part, refusing padding, white space and stray bits: the same bytes have one text."""
    if not _BASE64URL.fullmatch(part):
        raise JoseError("not_base64url")
    try:
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error as error:
        raise JoseError("not_base64url") from error
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != part:
        raise JoseError("not_base64url")
    return raw


def _json_object(raw: bytes) -> dict[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise JoseError("name_twice")
        return found

    try:
        value = json.loads(raw, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise JoseError("not_json") from error
    if not isinstance(value, dict):
        raise JoseError("not_an_object")
    return value


def _check_header(header: dict[str, Any], algorithm: str, typ: str | None) -> None:
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


def _check_claims(claims: dict[str, Any], issuer: str, audience: Collection[str], even_expired: bool) -> None:
    for name in _TEXT_CLAIMS:
        if name in claims and not isinstance(claims[name], str):
            raise JoseError(f"{name}_wrong")
    for name in ("exp", "iat", "nbf", "auth_time"):
        if name in claims and type(claims[name]) is not int:
            raise JoseError(f"{name}_wrong")
    if claims["iss"] != issuer:
        raise JoseError("iss_wrong")
    meant_for = [claims["aud"]] if isinstance(claims["aud"], str) else claims["aud"]
    if not isinstance(meant_for, list) or not all(isinstance(each, str) for each in meant_for):
        raise JoseError("aud_wrong")
    if not set(meant_for) & set(audience):
        raise JoseError("aud_wrong")
    if ("azp" in claims or len(meant_for) > 1) and claims.get("azp") not in audience:
        raise JoseError("azp_wrong")
    instant = clock.now().timestamp()
    if claims["exp"] <= instant and not even_expired:
        raise JoseError("expired")
    if claims["iat"] > instant + CLOCK_SKEW:
        raise JoseError("iat_in_future")
    if claims.get("nbf", 0) > instant + CLOCK_SKEW:
        raise JoseError("not_yet_valid")
