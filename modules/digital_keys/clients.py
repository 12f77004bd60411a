"""Who may send people to a digital key: read from one JSON file at start.

Owns: reading and checking the file, finding a client, comparing its secret. Does not own what a client may ask.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modules.digital_keys.settings import KeySettingsError


@dataclass(frozen=True)
class Client:
    """One registered client of one digital key."""

    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...]

    def knows(self, secret: str) -> bool:
        """Whether this is the client's secret, compared in constant time."""
        return hmac.compare_digest(self.client_secret.encode(), secret.encode())


Clients = Mapping[str, Mapping[str, Client]]


def read_clients(source: Path | Mapping[str, object]) -> Clients:
    """The clients by digital key and client id: `{"itsme": [{"client_id", "client_secret", "redirect_uris"}], …}`.

    Raises:
        KeySettingsError: the file cannot be read, or an entry lacks something.
    """
    if isinstance(source, Path):
        try:
            entries = json.loads(source.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise KeySettingsError(f"DIGITAL_KEYS_CLIENTS cannot be read as JSON: {type(error).__name__}") from error
    else:
        entries = source
    if not isinstance(entries, Mapping):
        raise KeySettingsError("DIGITAL_KEYS_CLIENTS must hold a list of clients for each digital key")
    return {code: _clients_of(code, clients) for code, clients in entries.items()}


def _clients_of(code: str, entries: object) -> dict[str, Client]:
    found: dict[str, Client] = {}
    listed: list[Any] = entries if isinstance(entries, list) else [None]
    for entry in listed:
        try:
            client = Client(
                client_id=str(entry["client_id"]),
                client_secret=str(entry["client_secret"]),
                redirect_uris=tuple(str(uri) for uri in entry["redirect_uris"]),
            )
        except (TypeError, KeyError) as error:
            raise KeySettingsError(
                f"DIGITAL_KEYS_CLIENTS: each client of {code} needs client_id, client_secret and redirect_uris"
            ) from error
        found[client.client_id] = client
    return found
