"""The only module of the digital keys that knows python-jose: signing keys, the key set, the ID token, what clients sign.

Owns: one RSA key a digital key, made at first start and kept in the data folder, and its rotation; signing and encrypting,
the deliberately bad tokens that tests ask for, and the signature of a client. Does not own which claims a person has.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jose import jwe, jwk, jws
from jose.exceptions import JOSEError

from modules.digital_keys.behaviour import Behaviour
from modules.digital_keys.codes import TOKEN_LIFETIME


def _encoded(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Signer:
    """The signing key of one digital key."""

    def __init__(self, folder: Path, code: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._code = code
        self._path = folder / f"{code}.pem"
        self._earlier: list[dict[str, str]] = []
        if not self._path.exists():
            self._write_new_key()
        self._read_key()

    def rotate(self) -> None:
        """Sign with a new key from now on; the earlier ones stay in the key set until this process ends."""
        self._earlier.insert(0, self._public())
        self._write_new_key()
        self._read_key()

    def _write_new_key(self) -> None:
        self._path.touch(mode=0o600)
        self._path.write_text(_pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)))

    def _read_key(self) -> None:
        path = self._path
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(private, rsa.RSAPrivateKey):
            raise TypeError(f"{path.name} holds no RSA key")
        self._key = jwk.construct(_pem(private), algorithm="RS256")
        self._stranger: Any = None
        self._public_der = private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.kid = f"{self._code}-{hashlib.sha256(self._public_der).hexdigest()[:12]}"

    def key_set(self) -> dict[str, list[dict[str, str]]]:
        """The public halves, as a key set (RFC 7517); the one that signs now comes first."""
        return {"keys": [self._public(), *self._earlier]}

    def _public(self) -> dict[str, str]:
        public = {
            name: value.decode() if isinstance(value, bytes) else str(value)
            for name, value in self._key.public_key().to_dict().items()
        }
        return {**public, "kid": self.kid, "use": "sig", "alg": "RS256"}

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


def encrypted(id_token: str, key: dict[str, Any], alg: str, enc: str) -> str:
    """The signed token within an encrypted one (RFC 7516), for whoever has the private half of `key`."""
    made: bytes = jwe.encrypt(id_token, key, enc, alg, cty="JWT", kid=key.get("kid"))
    return made.decode()


def verified_assertion(token: str, find_key: Callable[[str], dict[str, Any] | None]) -> dict[str, Any] | None:
    """The claims that a client signed with its key, RS256 or ES256; None when it did not."""
    try:
        header = jws.get_unverified_header(token)
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in ("RS256", "ES256") or not isinstance(kid, str):
            return None
        key = find_key(kid)
        if key is None or key.get("kty") != ("EC" if algorithm == "ES256" else "RSA"):
            return None
        claims = json.loads(jws.verify(token, jwk.construct(key, algorithm), [algorithm]))
    except (JOSEError, ValueError):
        return None
    return claims if isinstance(claims, dict) else None


def _pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
