"""Encrypted tokens (JWE, RFC 7516) that somebody made for us: opening them, with the limits that we set.

Owns: the key that opens, its public half, and what an encrypted token may look like: five parts, at most 64 kB, exactly
the algorithms that were agreed, no compression, no extension. The cipher itself is `joserfc_parts`. Does not own what is
inside: that is a signed token, to be checked like any other (`jose.verify`).
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from broker.keys.jose import JoseError
from broker.keys.joserfc_parts import decrypted

ALGORITHMS = ("RSA-OAEP-256", "RSA-OAEP")
METHODS = ("A256GCM", "A128CBC-HS256")
LONGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class DecryptionKey:
    """A private RSA key that opens what was encrypted to its public half."""

    kid: str
    private: RSAPrivateKey = field(repr=False, compare=False)

    def public_jwk(self, alg: str) -> dict[str, Any]:
        """The public half as a JWK (RFC 7517), for encrypting with `alg`."""
        numbers = self.private.public_key().public_numbers()
        return {
            "kty": "RSA",
            "kid": self.kid,
            "use": "enc",
            "alg": alg,
            "n": _base64url(numbers.n),
            "e": _base64url(numbers.e),
        }


def decrypt(token: str, *, keys: Sequence[DecryptionKey], alg: str, enc: str) -> str:
    """The signed token within `token`.

    Raises:
        JoseError: it is not encrypted, not as agreed, too long, or not for us. What went wrong inside the cipher is
        never told apart.
    """
    if len(token) > LONGEST:
        raise JoseError("too_long")
    if token.count(".") != 4:
        raise JoseError("not_encrypted")
    header = _header(token.partition(".")[0])
    if header.get("alg") != alg or header.get("enc") != enc:
        raise JoseError("encryption_wrong")
    if "zip" in header or "crit" in header:
        raise JoseError("extension_unknown")
    if str(header.get("cty", "JWT")).upper() != "JWT":
        raise JoseError("type_wrong")
    for key in keys:
        if "kid" in header and header["kid"] != key.kid:
            continue
        inner = decrypted(token, key.private, alg, enc)
        if inner is not None:
            return _text(inner)
    raise JoseError("not_for_us")


def _header(part: str) -> dict[str, Any]:
    try:
        header = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise JoseError("not_json") from error
    if not isinstance(header, dict):
        raise JoseError("not_an_object")
    return header


def _text(inner: bytes) -> str:
    try:
        return inner.decode("ascii")
    except UnicodeDecodeError as error:
        raise JoseError("not_base64url") from error


def _base64url(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
