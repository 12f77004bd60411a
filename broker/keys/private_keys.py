"""Private keys that an operator made and gave us: read from PEM or JWK, with the id by which others know them.

Owns: those two forms, and the id: the `kid` of a JWK, else its thumbprint (RFC 7638). Does not own what a key is for
(`jose`, `decryption`).
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, derive_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPrivateNumbers, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from broker.keys.jose import RSA_BITS, JoseError

_EC_BYTES = 32


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """An RSA key of 2048 bits or more, or one on P-256."""

    kid: str
    private: RSAPrivateKey | EllipticCurvePrivateKey = field(repr=False, compare=False)

    @property
    def pem(self) -> str:
        """PKCS 8."""
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def read_private_key(written: str) -> PrivateKey:
    """The key in `written`: a PEM, of which the line ends may be written as `\\n`, or a JWK.

    Raises:
        JoseError: neither, or too weak; the message says nothing of the key.
    """
    text = written.strip()
    try:
        if text.startswith("{"):
            value = json.loads(text)
            return _identified(_from_jwk(value), value.get("kid"))
        pem = text.replace("\\n", "\n").encode()
        return _identified(load_pem_private_key(pem, password=None, unsafe_skip_rsa_key_validation=True), None)
    except (ValueError, TypeError, KeyError, RecursionError, binascii.Error, UnsupportedAlgorithm) as error:
        raise JoseError("key_unreadable") from error


def _from_jwk(value: Mapping[str, Any]) -> RSAPrivateKey | EllipticCurvePrivateKey:
    if value["kty"] == "EC" and value["crv"] == "P-256":
        private = derive_private_key(_number(value["d"]), SECP256R1())
        public = private.public_key().public_numbers()
        if (public.x, public.y) != (_number(value["x"]), _number(value["y"])):
            raise ValueError("the public half belongs to another key")
        return private
    if value["kty"] != "RSA":
        raise ValueError("neither RSA nor P-256")
    return RSAPrivateNumbers(
        p=_number(value["p"]),
        q=_number(value["q"]),
        d=_number(value["d"]),
        dmp1=_number(value["dp"]),
        dmq1=_number(value["dq"]),
        iqmp=_number(value["qi"]),
        public_numbers=RSAPublicNumbers(_number(value["e"]), _number(value["n"])),
    ).private_key()


def _identified(private: Any, kid: object) -> PrivateKey:
    if isinstance(private, RSAPrivateKey):
        if private.key_size < RSA_BITS:
            raise JoseError("key_too_weak")
        numbers = private.public_key().public_numbers()
        members = {"e": _base64url(numbers.e), "kty": "RSA", "n": _base64url(numbers.n)}
    elif isinstance(private, EllipticCurvePrivateKey) and isinstance(private.curve, SECP256R1):
        point = private.public_key().public_numbers()
        x, y = _base64url(point.x, _EC_BYTES), _base64url(point.y, _EC_BYTES)
        members = {"crv": "P-256", "kty": "EC", "x": x, "y": y}
    else:
        raise JoseError("key_unreadable")
    thumbprint = sha256(json.dumps(members, separators=(",", ":"), sort_keys=True).encode()).digest()
    own = kid if isinstance(kid, str) and 0 < len(kid) <= 100 else _encoded(thumbprint)
    return PrivateKey(own, private)


def _number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def _base64url(number: int, size: int | None = None) -> str:
    return _encoded(number.to_bytes(size or (number.bit_length() + 7) // 8))


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
