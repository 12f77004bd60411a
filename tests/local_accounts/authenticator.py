"""An authenticator of the tests, in software: makes keys and signs, as a telephone or a security key does (WebAuthn Level 2).

Each part of an answer can be made wrong by intent: another origin, another relying party, no PIN, a count that goes back.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_bytes
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn import base64url_to_bytes
from webauthn.helpers import bytes_to_base64url, encode_cbor

from tests.worlds.settings import ORIGIN

_PRESENT, _VERIFIED, _WITH_KEY = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One device with one key. `count` is how often it signed; one with `keeps_count` False always says 0."""

    verifies: bool = True
    keeps_count: bool = True
    origin: str = ORIGIN
    relying_party: str = "localhost"
    cross_origin: bool = False
    count: int = 0
    credential_id: bytes = field(default_factory=lambda: token_bytes(32))
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    holder: bytes = b""

    def make(self, options: Mapping[str, Any]) -> str:
        """The answer to what `own_passkeys` asked: a new key, attestation "none"."""
        self.holder = base64url_to_bytes(options["user"]["id"])
        point = self.key.public_key().public_numbers()
        public_key = encode_cbor({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})
        new = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + public_key
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": self._data(_WITH_KEY) + new})
        client_data = self._client_data("webauthn.create", options["challenge"])
        return self._answer({"clientDataJSON": client_data, "attestationObject": attestation})

    def sign(self, options: Mapping[str, Any]) -> str:
        """The answer to what `answer_passkey` asked."""
        self.count += self.keeps_count
        client_data = self._client_data("webauthn.get", options["challenge"])
        data = self._data(0)
        signature = self.key.sign(data + sha256(client_data).digest(), ECDSA(SHA256()))
        said = {"clientDataJSON": client_data, "authenticatorData": data, "signature": signature}
        return self._answer(said | {"userHandle": self.holder})

    def _data(self, flags: int) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.verifies else 0)
        return sha256(self.relying_party.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.cross_origin}
        return json.dumps(said).encode()

    def _answer(self, response: Mapping[str, bytes]) -> str:
        named = bytes_to_base64url(self.credential_id)
        said = {name: bytes_to_base64url(value) for name, value in response.items() if value}
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": said})
