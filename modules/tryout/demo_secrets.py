"""The secrets of one try-out: made once, kept in DATA/demo.env for its owner alone.

The broker's key has an id that begins with `demo`: in production the broker refuses to start on it.
"""

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from modules.plusminmee.sealing_keys import new_entry

FILE_NAME = "demo.env"
DIGITAL_KEYS = ("itsme", "eid", "token")
# What the broker proves itself with at each digital key: a secret, or (eID) a key; and a key that opens what eID encrypts.
KEY_SECRETS = ("BROKER_CLIENT_ITSME", "BROKER_CLIENT_EID_SIGNING", "BROKER_CLIENT_EID_OPENING", "BROKER_CLIENT_TOKEN")


def _on_one_line(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return pem.strip().replace("\n", "\\n")


_MAKERS: dict[str, Callable[[], str]] = {
    "BROKER_SECRET_KEYS": lambda: "demo1:" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("="),
    "BROKER_CLIENT_CULTUURMONITOR": lambda: secrets.token_urlsafe(32),
    "BROKER_CLIENT_ITSME": lambda: secrets.token_urlsafe(32),
    "BROKER_CLIENT_EID_SIGNING": lambda: _on_one_line(ec.generate_private_key(ec.SECP256R1())),
    "BROKER_CLIENT_EID_OPENING": lambda: _on_one_line(rsa.generate_private_key(65537, 2048)),
    "BROKER_CLIENT_TOKEN": lambda: secrets.token_urlsafe(32),
    "BROKER_CLIENT_JEUGDMONITOR": lambda: secrets.token_urlsafe(32),
    "BROKER_CLIENT_PLUSMINMEE": lambda: secrets.token_urlsafe(32),
    "BROKER_CLIENT_PLUSMINMEE_EVENTS": lambda: secrets.token_urlsafe(32),
    "CULTUURMONITOR_SECRET": lambda: secrets.token_urlsafe(48),
    "JEUGDMONITOR_SECRET": lambda: secrets.token_urlsafe(48),
    "PLUSMINMEE_SEALING_KEYS": lambda: new_entry("demo1"),
    "PLUSMINMEE_SECRET": lambda: secrets.token_urlsafe(48),
}


def demo_secrets(data: Path) -> dict[str, str]:
    """The secrets by the name of their variable; what is not there yet is made and kept."""
    file = data / FILE_NAME
    kept: dict[str, str] = {}
    if file.exists():
        for line in file.read_text().splitlines():
            name, separator, value = line.partition("=")
            if separator and name in _MAKERS:
                kept[name] = value
    found = {name: kept.get(name) or make() for name, make in _MAKERS.items()}
    if found != kept:
        unfinished = os.open(file.with_suffix(".part"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(unfinished, "w") as opened:
            opened.write("# Secrets of this try-out. Not for production.\n")
            opened.writelines(f"{name}={value}\n" for name, value in found.items())
        file.with_suffix(".part").replace(file)
    return found
