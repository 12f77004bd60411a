"""The key of the audit's checkpoints (threats AU1): Ed25519 (RFC 8032), used for nothing else.

Who checks a checkpoint needs the public half only: an auditor can hold it without being able to make one. Does not own what a
checkpoint says (`audit.verify`).
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from secrets import token_bytes

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_BYTES = 32


class CheckpointKey:
    """Signs checkpoints. `public` is what checks them: 32 bytes in base64url."""

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = _written(self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, form: str) -> str:
        """The signature over `form`, in base64url."""
        return _written(self._private.sign(form.encode()))


def checkpoint_seed(written: str) -> bytes:
    """The 32 bytes of a private key as `BROKER_AUDIT_KEY` holds it.

    Raises:
        ValueError: it is not 32 bytes in base64url.
    """
    seed = _read(written)
    if seed is None or len(seed) != _BYTES:
        raise ValueError("must be 32 random bytes in base64url")
    return seed


def new_checkpoint_seed() -> str:
    """A new private key, as the setting has it."""
    return _written(token_bytes(_BYTES))


def signature_fits(public: str, form: str, signature: str) -> bool:
    """Whether the holder of the private half of `public` signed `form`."""
    key, signed = _read(public), _read(signature)
    if key is None or signed is None or len(key) != _BYTES:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signed, form.encode())
    except InvalidSignature:
        return False
    return True


def _written(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _read(written: str) -> bytes | None:
    word = written.strip()
    try:
        return urlsafe_b64decode(word + "=" * (-len(word) % 4))
    except ValueError:
        return None
