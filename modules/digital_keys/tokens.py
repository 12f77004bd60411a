"""The only module of the digital keys that knows python-jose: signing keys, the key set, the ID token.

Owns: one RSA key a digital key, made at first start and kept in the data folder; signing, and the deliberately bad
tokens that tests ask for. Does not own which claims a person has.
"""

import base64
import hashlib
import hmac
import json
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jose import jwk, jws

from modules.digital_keys.behaviour import Behaviour
from modules.digital_keys.codes import TOKEN_LIFETIME


def _encoded(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Signer:
    """The signing key of one digital key."""

    def __init__(self, folder: Path, code: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"{code}.pem"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(_pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)))
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(private, rsa.RSAPrivateKey):
            raise TypeError(f"{path.name} holds no RSA key")
        self._key = jwk.construct(_pem(private), algorithm="RS256")
        self._stranger: Any = None
        self._public_der = private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.kid = f"{code}-{hashlib.sha256(self._public_der).hexdigest()[:12]}"

    def key_set(self) -> dict[str, list[dict[str, str]]]:
        """The public half, as a key set (RFC 7517)."""
        public = {
            name: value.decode() if isinstance(value, bytes) else str(value)
            for name, value in self._key.public_key().to_dict().items()
        }
        return {"keys": [{**public, "kid": self.kid, "use": "sig", "alg": "RS256"}]}

    def sign(self, claims: dict[str, Any], behaviour: Behaviour) -> str:
        """The ID token of these claims, signed RS256 unless a test asks for something worse."""
        header = {"kid": self.kid, "typ": "JWT"}
        if behaviour.algorithm == "none":
            return f"{_encoded({**header, 'alg': 'none'})}.{_encoded(claims)}."
        if behaviour.algorithm == "HS256":
            signing_input = f"{_encoded({**header, 'alg': 'HS256'})}.{_encoded(claims)}"
            mac = hmac.digest(self._public_der, signing_input.encode(), "sha256")
            return f"{signing_input}.{_encoded(mac)}"
        key = self._key
        if behaviour.unknown_key:
            header["kid"] = f"unknown-{secrets.token_hex(4)}"
            if self._stranger is None:
                stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
                self._stranger = jwk.construct(_pem(stranger), algorithm="RS256")
            key = self._stranger
        signed: str = jws.sign(claims, key, headers=header, algorithm="RS256")
        return signed


def id_token_claims(claims: dict[str, Any], *, issuer: str, client_id: str, behaviour: Behaviour) -> dict[str, Any]:
    """The claims of a person within those of the token (OpenID Connect Core §2), spoiled where a test asks."""
    now = datetime.now(UTC)
    issued = now + timedelta(hours=1) if behaviour.issued_in_the_future else now
    expires = now - timedelta(minutes=10) if behaviour.expired else issued + TOKEN_LIFETIME
    spoiled: dict[str, Any] = {
        "iss": behaviour.issuer or issuer,
        "aud": behaviour.audience or client_id,
        "azp": client_id,
        "iat": int(issued.timestamp()),
        "exp": int(expires.timestamp()),
        **claims,
    }
    if behaviour.nonce is not None:
        spoiled["nonce"] = behaviour.nonce
    if behaviour.subject is not None:
        spoiled["sub"] = behaviour.subject
    return spoiled


def _pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
