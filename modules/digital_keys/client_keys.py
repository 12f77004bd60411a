"""The public keys of the clients of a digital key: fetched from their `jwks_uri`, as a real provider does, and kept.

Owns: fetching (this machine only, three seconds, 64 kB) and how long keys are kept. Does not own what is checked with them
(tokens.py).
"""

import json
import threading
import time
import urllib.request
from collections.abc import Mapping
from typing import Any

from modules.digital_keys.clients import Client

_KEPT_SECONDS = 300.0
_NOT_SOONER_SECONDS = 5.0
_LARGEST = 64 * 1024


class ClientKeys:
    """Key sets by address. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, list[dict[str, Any]]]] = {}

    def find(self, client: Client, use: str, kid: str | None = None) -> dict[str, Any] | None:
        """The first key of `client` for `use` (sig or enc), the one with this `kid` where one is named.

        One that is not among those kept is looked for once more.
        """
        for keys in (self._keys(client, _KEPT_SECONDS), self._keys(client, _NOT_SOONER_SECONDS)):
            for key in keys:
                if key.get("use") == use and kid in (None, key.get("kid")):
                    return key
        return None

    def _keys(self, client: Client, seconds: float) -> list[dict[str, Any]]:
        if client.jwks is not None:
            return _listed(client.jwks)
        now = time.monotonic()
        with self._lock:
            kept = self._kept.get(client.jwks_uri)
        if kept is not None and now - kept[0] < seconds:
            return kept[1]
        try:
            # The address is one of this machine: `read_clients` refuses any other.
            with urllib.request.urlopen(client.jwks_uri, timeout=3) as answer:  # noqa: S310
                keys = _listed(json.loads(answer.read(_LARGEST)))
        except (OSError, ValueError):
            return kept[1] if kept is not None else []
        with self._lock:
            self._kept[client.jwks_uri] = (now, keys)
        return keys


def _listed(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    keys = value.get("keys") if isinstance(value, Mapping) else None
    return [each for each in keys if isinstance(each, dict)] if isinstance(keys, list) else []
