"""The secrets of one try-out: made once, kept in DATA/demo.env for its owner alone.

The broker's key has an id that begins with `demo`: in production the broker refuses to start on it.
"""

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path

FILE_NAME = "demo.env"
DIGITAL_KEYS = ("itsme", "eid", "token")

_MAKERS: dict[str, Callable[[], str]] = {
    "BROKER_SECRET_KEYS": lambda: "demo1:" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("="),
    "BROKER_CLIENT_CULTUURMONITOR": lambda: secrets.token_urlsafe(32),
    **{f"BROKER_CLIENT_{code.upper()}": lambda: secrets.token_urlsafe(32) for code in DIGITAL_KEYS},
    "CULTUURMONITOR_SECRET": lambda: secrets.token_urlsafe(48),
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
