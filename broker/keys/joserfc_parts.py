"""What python-jose cannot do, by joserfc: the only importer of that library in the broker.

Owns: opening a JWE (RFC 7516), and PS256 (RFC 7518, 3.5). Does not own which algorithms are allowed where, nor
any other check (`decryption`, `jose`).
"""

from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from joserfc import jwe
from joserfc.errors import JoseError as JoserfcError
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry


def decrypted(token: str, private: RSAPrivateKey, alg: str, enc: str) -> bytes | None:
    """What is inside `token`, of exactly `alg` and `enc`; None when this key does not open it, whatever the reason."""
    registry = jwe.JWERegistry(algorithms=[alg, enc], strict_check_header=False)
    try:
        return jwe.decrypt_compact(token, RSAKey.import_key(private), registry=registry).plaintext
    except (JoserfcError, ValueError, TypeError, AssertionError):
        return None


class PssKey:
    """An RSA key for PS256, with the face of a key of python-jose; only a private one signs."""

    def __init__(self, key: RSAPublicKey | RSAPrivateKey) -> None:
        self._key = RSAKey.import_key(key)
        self._algorithm = JWSRegistry.algorithms["PS256"]

    def sign(self, msg: bytes) -> bytes:
        """The signature over `msg`."""
        return bytes(self._algorithm.sign(msg, self._key))

    def public_key(self) -> "PssKey":
        """Its public half."""
        return PssKey(self._key.public_key)

    def to_dict(self) -> dict[str, Any]:
        """The members of its public half as a JWK."""
        return dict(self._key.as_dict(private=False))

    def verify(self, msg: bytes, sig: bytes) -> bool:
        """Whether `sig` is this key's over `msg`."""
        return bool(self._algorithm.verify(msg, sig, self._key))
