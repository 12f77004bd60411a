"""The secret keys of one installation, and what is derived from them.

Owns: sealing (AES-256-GCM), the layered look-up hash of a rijksregisternummer, the tokens of one-time links, codes by SMS, the
proof of a refresh token and the key that signs cookies. One purpose never shares a key with another (HKDF, RFC 5869).
"""

import base64
import binascii
import hmac
import json
import os
import re
import uuid
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_KEY_ID = re.compile(r"[A-Za-z0-9_]{1,16}")
_NONCE_BYTES = 12
_CODE_DIGITS = 6


class SecretKeysError(ValueError):
    """BROKER_SECRET_KEYS cannot be used; the message says why and never holds a key."""


class SealError(ValueError):
    """A sealed value cannot be opened: another key, another place, or it was touched."""


def parse_secret_keys(value: str) -> dict[str, bytes]:
    """The keys of `id:base64url,id:base64url`, newest first, each of 32 bytes.

    Raises:
        SecretKeysError: with what is wrong, never with the key itself.
    """
    keys: dict[str, bytes] = {}
    for position, entry in enumerate(filter(None, (part.strip() for part in value.split(","))), start=1):
        key_id, separator, encoded = entry.partition(":")
        if not separator or not _KEY_ID.fullmatch(key_id):
            raise SecretKeysError(f"entry {position} must be id:key, with an id of letters and digits")
        if key_id in keys:
            raise SecretKeysError(f"the id {key_id} stands there twice")
        try:
            key = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        except (binascii.Error, ValueError) as error:
            raise SecretKeysError(f"the key {key_id} is not base64url") from error
        if len(key) != 32:
            raise SecretKeysError(f"the key {key_id} has {len(key)} bytes; it must have 32")
        keys[key_id] = key
    if not keys:
        raise SecretKeysError("there is no key in it")
    return keys


@dataclass(frozen=True)
class Keys:
    """The secret keys, newest first. Built once at start."""

    secrets: dict[str, bytes]
    _derived: dict[tuple[str, str], bytes] = field(default_factory=dict, repr=False, compare=False)

    def _key(self, key_id: str, purpose: str) -> bytes:
        found = self._derived.get((key_id, purpose))
        if found is None:
            derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"poortwachter:{purpose}".encode())
            found = self._derived[(key_id, purpose)] = derivation.derive(self.secrets[key_id])
        return found

    @property
    def newest(self) -> str:
        """The id of the key that new values use."""
        return next(iter(self.secrets))

    def for_cookies(self) -> list[bytes]:
        """The keys that sign cookies, newest first."""
        return [self._key(key_id, "cookies") for key_id in self.secrets]

    def check_value(self, key_id: str) -> str:
        """Tells the key `key_id` from another one under the same id, and nothing else of it."""
        return hmac.new(self._key(key_id, "check"), b"", sha256).hexdigest()

    # Sealing

    def seal(self, plain: str, place: str) -> str:
        """`plain` sealed for one `place` ("table.column:id"), as `keyid.nonce+ciphertext`; it opens nowhere else."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(self._key(self.newest, "sealing")).encrypt(nonce, plain.encode(), place.encode())
        return f"{self.newest}.{_encode(nonce + sealed)}"

    def unseal(self, sealed: str, place: str) -> str:
        """The opposite of `seal`.

        Raises:
            SealError: another key, another place, or touched.
        """
        key_id, _, encoded = sealed.partition(".")
        if key_id not in self.secrets:
            raise SealError(f"sealed with the key {key_id[:16]}, which is not in BROKER_SECRET_KEYS")
        try:
            raw = _decode(encoded)
            plain = AESGCM(self._key(key_id, "sealing")).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise SealError("this sealed value was touched, or belongs elsewhere") from error
        return plain.decode()

    def seal_json(self, value: object, place: str) -> str:
        """`value` as JSON, sealed for `place`."""
        return self.seal(json.dumps(value, separators=(",", ":")), place)

    def unseal_json(self, sealed: str, place: str) -> object:
        """The opposite of `seal_json`.

        Raises:
            SealError: as `unseal`.
        """
        value: object = json.loads(self.unseal(sealed, place))
        return value

    # Look-up

    def lookup_hashes(self, value: str) -> dict[str, str]:
        """The keyed hash of `value` under every version, by the id of its key, newest first.

        The hash is layered, oldest key first: v2 = HMAC(k2, v1) (threats RE4), so that a row whose number is erased can be
        brought to the newest version from what it holds.
        """
        hashes: dict[str, str] = {}
        current = value.encode()
        for key_id in reversed(self.secrets):
            current = hmac.digest(self._key(key_id, "look-up"), current, sha256)
            hashes[key_id] = current.hex()
        return dict(reversed(hashes.items()))

    def lookup_hash(self, value: str) -> tuple[str, str]:
        """(version, hash) under the newest key."""
        return next(iter(self.lookup_hashes(value).items()))

    def raised_lookup_hash(self, version: str, value: str) -> tuple[str, str]:
        """(version, hash) under the newest key, made from a stored hash of an older version alone."""
        current = bytes.fromhex(value)
        ids = list(reversed(self.secrets))
        for key_id in ids[ids.index(version) + 1 :]:
            current = hmac.digest(self._key(key_id, "look-up"), current, sha256)
        return self.newest, current.hex()

    def private_hash(self, value: str, purpose: str) -> str:
        """A keyed hash for one purpose that never needs re-keying: limits, suppression, applicant keys."""
        oldest = next(reversed(self.secrets))
        return hmac.new(self._key(oldest, purpose), value.encode(), sha256).hexdigest()

    # One-time links

    def link_token(self, kind: str, link_id: str, nonce: str) -> str:
        """The token in the address of a one-time link: 16 bytes of id and 32 bytes of HMAC."""
        return self._link_token(self.newest, kind, link_id, nonce)

    def _link_token(self, key_id: str, kind: str, link_id: str, nonce: str) -> str:
        proof = hmac.digest(self._key(key_id, "links"), f"{kind}:{link_id}:{nonce}".encode(), sha256)
        return _encode(uuid.UUID(link_id).bytes + proof)

    def link_id(self, token: str) -> uuid.UUID | None:
        """The id that a token claims to be of; proves nothing."""
        try:
            raw = _decode(token)
        except ValueError:
            return None
        return uuid.UUID(bytes=raw[:16]) if len(raw) == 48 else None

    def link_token_matches(self, token: str, kind: str, link_id: str, nonce: str) -> bool:
        """Whether `token` is ours for this link, under any of the keys; compared in constant time."""
        return any(
            hmac.compare_digest(token.encode(), self._link_token(key_id, kind, link_id, nonce).encode())
            for key_id in self.secrets
        )

    # Codes by SMS

    def sms_code(self, code_id: str, nonce: str) -> str:
        """The six digits of one code, made anew at delivery: nothing that is stored tells them."""
        return self._sms_code(self.newest, code_id, nonce)

    def _sms_code(self, key_id: str, code_id: str, nonce: str) -> str:
        digest = hmac.digest(self._key(key_id, "sms codes"), f"{code_id}:{nonce}".encode(), sha256)
        return f"{int.from_bytes(digest[:16], 'big') % 10**_CODE_DIGITS:0{_CODE_DIGITS}d}"

    def sms_code_matches(self, typed: str, code_id: str, nonce: str) -> bool:
        """Whether `typed` is that code, under any of the keys; compared in constant time."""
        return any(
            hmac.compare_digest(typed.encode(), self._sms_code(key_id, code_id, nonce).encode())
            for key_id in self.secrets
        )

    # Refresh tokens

    def refresh_proof(self, content: str) -> str:
        """What makes `content` a refresh token of ours: an HMAC in base64url, under the newest key."""
        return self._refresh_proof(self.newest, content)

    def _refresh_proof(self, key_id: str, content: str) -> str:
        return _encode(hmac.digest(self._key(key_id, "refresh"), content.encode(), sha256))

    def refresh_proof_matches(self, content: str, proof: str) -> bool:
        """Whether `proof` is ours for `content`, under any of the keys; compared in constant time."""
        return any(
            hmac.compare_digest(proof.encode(), self._refresh_proof(key_id, content).encode())
            for key_id in self.secrets
        )


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(encoded: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except binascii.Error as error:
        raise ValueError("not base64url") from error
