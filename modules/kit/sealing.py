"""Sealing what the kit keeps in the application's database: tokens and forms on hold.

Owns: AES-256-GCM under a key that needs both the application's secret and a value that only the browser has, so that a copy
of the database opens nothing (threats rule 5). Does not own where sealed text is stored.
"""

import base64
import hashlib
import hmac
import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


def derived(secret: str, purpose: str) -> bytes:
    """32 bytes from the application's secret, other for each purpose."""
    return hmac.digest(secret.encode(), purpose.encode(), "sha256")


def fingerprint(value: str) -> str:
    """What is stored of a random value that only the browser holds."""
    return hashlib.sha256(value.encode()).hexdigest()


def seal(secret: str, browser_value: str, purpose: str, content: dict[str, Any]) -> str:
    """`content`, as text that only `unseal` with the same three can read."""
    nonce = os.urandom(_NONCE)
    key = derived(secret, f"{purpose}:{browser_value}")
    sealed = AESGCM(key).encrypt(nonce, json.dumps(content).encode(), purpose.encode())
    return base64.b64encode(nonce + sealed).decode()


def unseal(secret: str, browser_value: str, purpose: str, sealed: str) -> dict[str, Any] | None:
    """What was sealed, or None when it was sealed for another browser, purpose or secret."""
    raw = base64.b64decode(sealed)
    key = derived(secret, f"{purpose}:{browser_value}")
    try:
        opened = AESGCM(key).decrypt(raw[:_NONCE], raw[_NONCE:], purpose.encode())
    except InvalidTag:
        return None
    content: dict[str, Any] = json.loads(opened)
    return content
