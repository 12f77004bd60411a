"""Reads the `jwks` of a client: public keys only, strong enough, by which a client proves who it is."""

import base64
import binascii
import re
from typing import Any

from broker.catalogue.formats import choice, line
from broker.catalogue.found import Entries, Found, list_of

_BASE64URL = re.compile(r"[A-Za-z0-9_-]{1,2000}", re.ASCII)
_PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
_SMALLEST_RSA_BITS = 2048


def public_keys(found: Found) -> dict[str, Any]:
    """The key set, as RFC 7517 has it; a private member is refused and never shown."""
    entries = Entries(found)
    keys = entries.required("keys", list_of(_public_key, least=1, most=10))
    entries.close()
    return {"keys": list(keys)}


def _public_key(found: Found) -> dict[str, str]:
    entries = Entries(found)
    for member in _PRIVATE:
        if entries.given(member):
            entries.optional(member, _refuse_private, None)
    key = {
        "kty": entries.required("kty", choice("RSA", "EC")),
        "kid": entries.required("kid", line(100)),
        "use": entries.optional("use", choice("sig"), "sig"),
        "alg": entries.required("alg", choice("RS256", "PS256", "ES256")),
    }
    if entries.sound("kty", "alg") and (key["kty"] == "EC") != (key["alg"] == "ES256"):
        entries.mistake("alg", f"{key['alg']} for a key of kind {key['kty']}", "RS256 or PS256 for RSA, ES256 for EC")
    if entries.sound("kty") and key["kty"] == "RSA":
        key["n"] = entries.required("n", _modulus)
        key["e"] = entries.required("e", _number)
    elif entries.sound("kty"):
        key["crv"] = entries.required("crv", choice("P-256"))
        key["x"] = entries.required("x", _coordinate)
        key["y"] = entries.required("y", _coordinate)
    else:
        for member in ("n", "e", "crv", "x", "y"):
            entries.optional(member, _number, "")
    entries.close()
    return key


def _refuse_private(found: Found) -> None:
    raise found.bad("the public half of the key only", "a private or secret key")


def _number(found: Found) -> str:
    expected = "a number in base64url"
    text = found.word(expected)
    if not _BASE64URL.fullmatch(text):
        raise found.bad(expected)
    return text


def _modulus(found: Found) -> str:
    text = _number(found)
    bits = int.from_bytes(_bytes(found, text)).bit_length()
    if bits < _SMALLEST_RSA_BITS:
        raise found.bad(f"a key of at least {_SMALLEST_RSA_BITS} bits", f"a key of {bits} bits")
    return text


def _coordinate(found: Found) -> str:
    text = _number(found)
    if len(_bytes(found, text)) != 32:
        raise found.bad("32 bytes in base64url")
    return text


def _bytes(found: Found, text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise found.bad("a number in base64url") from None
