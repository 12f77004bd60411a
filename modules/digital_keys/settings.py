"""The settings of the digital-key provider for trying out, from the environment.

Owns: names, meaning and the refusal of anything that is not on the loopback. Does not own who its clients
are (clients.py).
"""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

PEOPLE = Path(__file__).parent / "people.yaml"


class KeySettingsError(Exception):
    """A setting is missing or bad; one line that names it."""


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine and nothing else."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, kw_only=True)
class KeySettings:
    """Where the provider lives, and from which files it reads.

    `base_url`: DIGITAL_KEYS_BASE_URL, the origin as the browser sees it. `host`, `port`: DIGITAL_KEYS_HOST and
    DIGITAL_KEYS_PORT, what it binds. `data`: DIGITAL_KEYS_DATA, the folder of its signing keys. `clients`:
    DIGITAL_KEYS_CLIENTS, a JSON file, or the same as a mapping. `people`: DIGITAL_KEYS_PEOPLE.
    """

    base_url: str
    data: Path
    clients: Path | Mapping[str, object]
    host: str = "127.0.0.1"
    port: int = 0
    people: Path = PEOPLE

    def __post_init__(self) -> None:
        if not is_loopback(urlsplit(self.base_url).hostname or ""):
            raise KeySettingsError("DIGITAL_KEYS_BASE_URL must be on the loopback: this provider is not for production")
        if not is_loopback(self.host):
            raise KeySettingsError("DIGITAL_KEYS_HOST must be a loopback address: this provider is not for production")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "KeySettings":
        """Read the settings.

        Raises:
            KeySettingsError: one line that names what is missing or bad.
        """
        values = os.environ if environment is None else environment
        for name in ("DIGITAL_KEYS_BASE_URL", "DIGITAL_KEYS_DATA", "DIGITAL_KEYS_CLIENTS"):
            if not values.get(name):
                raise KeySettingsError(f"{name} is missing")
        base_url = values["DIGITAL_KEYS_BASE_URL"].rstrip("/")
        port = values.get("DIGITAL_KEYS_PORT") or str(urlsplit(base_url).port or "")
        if not port.isdigit():
            raise KeySettingsError("DIGITAL_KEYS_PORT must be a port number")
        return cls(
            base_url=base_url,
            data=Path(values["DIGITAL_KEYS_DATA"]),
            clients=Path(values["DIGITAL_KEYS_CLIENTS"]),
            host=values.get("DIGITAL_KEYS_HOST") or "127.0.0.1",
            port=int(port),
            people=Path(values.get("DIGITAL_KEYS_PEOPLE") or PEOPLE),
        )
