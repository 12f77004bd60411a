"""A public key as somebody else wrote it down (JWK, RFC 7517): what of it counts, and its thumbprint (RFC 7638).

Owns: which keys are strong enough and plain enough to verify with. Does not own verifying (`jose`).
"""

import base64
import binascii
import json
import re
from hashlib import sha256
from typing import Any

_MEMBERS = {"EC": ("crv", "x", "y"), "RSA": ("e", "n")}  # beside kty, and in the order of RFC 7638, 3.2
_TYPES = {"ES256": "EC", "RS256": "RSA", "PS256": "RSA"}
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_COORDINATE_BYTES = 32
_MODULUS_BITS = range(2048, 4097)  # weaker proves nothing, longer keeps us busy
_LONGEST_EXPONENT = 4


def public_members(given: Any, algorithm: str) -> dict[str, str]:
    """The members of `given` that make up a public key for `algorithm`, and no other.

    Raises:
        ValueError: not a key, one of another type or strength, or one that shows its private half; with a code.
    """
    kind = _TYPES.get(algorithm)
    if not isinstance(given, dict) or kind is None or given.get("kty") != kind:
        raise ValueError("key_does_not_fit_algorithm")
    if _PRIVATE & given.keys():
        raise ValueError("key_private")
    if given.get("use", "sig") != "sig" or given.get("alg", algorithm) != algorithm:
        raise ValueError("key_for_another_purpose")
    if kind == "EC":
        if given.get("crv") != "P-256" or any(len(_bytes(given, name)) != _COORDINATE_BYTES for name in ("x", "y")):
            raise ValueError("key_does_not_fit_algorithm")
    elif (
        int.from_bytes(_bytes(given, "n")).bit_length() not in _MODULUS_BITS
        or len(_bytes(given, "e")) > _LONGEST_EXPONENT
    ):
        raise ValueError("key_does_not_fit_algorithm")
    return {"kty": kind} | {name: given[name] for name in _MEMBERS[kind]}


def thumbprint(members: dict[str, str]) -> str:
    """The SHA-256 of a key, in base64url; `members` are those of `public_members`."""
    canonical = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(sha256(canonical.encode()).digest()).rstrip(b"=").decode()


def _bytes(given: dict[str, Any], name: str) -> bytes:
    """The bytes of one member, which has one spelling only: one key has one thumbprint."""
    text = given.get(name)
    if not isinstance(text, str) or not _BASE64URL.fullmatch(text):
        raise ValueError("key_unreadable")
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("key_unreadable") from error
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise ValueError("key_unreadable")
    return raw
