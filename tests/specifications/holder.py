"""Somebody with a key of their own: makes tokens and proofs of every kind, also such as no library would make."""

import base64
import hmac
import json
import uuid
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from broker import clock
from broker.oidc.dpop import nonce_header
from broker.oidc.provider import provider

ISSUER = "http://localhost:8000/op"
Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def encoded(raw: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def compact(header: dict[str, Any], claims: dict[str, Any], key: Private | bytes | None) -> str:
    """A compact JWS with exactly this header: signed by `key`, by a secret (HS256), or by nobody at all."""
    signed = f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(claims).encode())}"
    if key is None:
        return f"{signed}."
    if isinstance(key, bytes):
        return f"{signed}.{encoded(hmac.digest(key, signed.encode(), sha256))}"
    if isinstance(key, rsa.RSAPrivateKey):
        scheme: Any = padding.PKCS1v15()
        if header["alg"] == "PS256":
            scheme = padding.PSS(padding.MGF1(SHA256()), SHA256.digest_size)
        return f"{signed}.{encoded(key.sign(signed.encode(), scheme, SHA256()))}"
    first, second = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(SHA256())))
    return f"{signed}.{encoded(first.to_bytes(32) + second.to_bytes(32))}"


def decoded(token: str, part: int = 1) -> dict[str, Any]:
    """What a part of a token says, unverified."""
    text = token.split(".")[part]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return found


class Holder:
    """Holds one key, and proves it (RFC 9449)."""

    def __init__(self, algorithm: str = "ES256") -> None:
        self.algorithm = algorithm
        self.key: Private
        if algorithm == "ES256":
            self.key = ec.generate_private_key(ec.SECP256R1())
            point = self.key.public_key().public_numbers()
            self.jwk = {
                "kty": "EC",
                "crv": "P-256",
                "x": encoded(point.x.to_bytes(32)),
                "y": encoded(point.y.to_bytes(32)),
            }
        else:
            self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            numbers = self.key.public_key().public_numbers()
            self.jwk = {"kty": "RSA", "n": encoded(numbers.n.to_bytes(256)), "e": "AQAB"}

    @property
    def jkt(self) -> str:
        """The thumbprint of the key (RFC 7638)."""
        return encoded(sha256(json.dumps(self.jwk, separators=(",", ":"), sort_keys=True).encode()).digest())

    def proof(
        self,
        endpoint: str = "token",
        method: str = "POST",
        access_token: str | None = None,
        header: dict[str, Any] | None = None,
        key: Private | bytes | None = None,
        **changes: Any,
    ) -> str:
        """A sound proof for one request, with `header` and `changes` to it (None takes a claim out)."""
        claims = {
            "jti": str(uuid.uuid4()),
            "htm": method,
            "htu": f"{ISSUER}/v1/{endpoint}",
            "iat": int(clock.now().timestamp()),
            "nonce": nonce_header(provider())[1],
        }
        if access_token is not None:
            claims["ath"] = encoded(sha256(access_token.encode()).digest())
        claims = {name: value for name, value in (claims | changes).items() if value is not None}
        told = {"typ": "dpop+jwt", "alg": self.algorithm, "jwk": self.jwk} | (header or {})
        return compact({name: value for name, value in told.items() if value is not None}, claims, key or self.key)
