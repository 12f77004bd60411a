"""Who may send people to a digital key: read from one JSON file at start.

Owns: reading and checking the file, finding a client, comparing its secret. Does not own what a client may ask, nor its
keys (client_keys.py). The names are those of OpenID Connect Dynamic Client Registration 1.0.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from modules.digital_keys.settings import KeySettingsError, is_loopback

_METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")
_ALGS = (None, "RSA-OAEP", "RSA-OAEP-256")
_ENCS = ("A128CBC-HS256", "A256GCM")


@dataclass(frozen=True)
class Client:
    """One registered client of one digital key.

    `method`: client_secret_basic and client_secret_post stand for both. Its keys stand in `jwks`, or at `jwks_uri` on this
    machine. `must_push`: it may only send a request ahead (RFC 9126). `encryption_alg`, `encryption_enc`: how its ID tokens
    are encrypted; None leaves them as they are. `signs_userinfo`: userinfo comes as a signed token.
    """

    client_id: str
    redirect_uris: tuple[str, ...]
    method: str = "client_secret_basic"
    client_secret: str = ""
    jwks_uri: str = ""
    jwks: Mapping[str, Any] | None = None
    must_push: bool = False
    encryption_alg: str | None = None
    encryption_enc: str = "A128CBC-HS256"
    signs_userinfo: bool = False

    def knows(self, secret: str) -> bool:
        """Whether this is the client's secret, compared in constant time."""
        if self.method == "private_key_jwt":
            return False
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
            client = _client(entry)
        except (TypeError, KeyError, AttributeError) as error:
            raise KeySettingsError(
                f"DIGITAL_KEYS_CLIENTS: each client of {code} needs client_id, client_secret and redirect_uris,"
                " or with private_key_jwt its keys instead of a secret"
            ) from error
        if client.method not in _METHODS or client.encryption_alg not in _ALGS or client.encryption_enc not in _ENCS:
            raise KeySettingsError(
                f"DIGITAL_KEYS_CLIENTS: a client of {code} asks for what this provider does not have"
            )
        if client.jwks_uri and not is_loopback(urlsplit(client.jwks_uri).hostname or ""):
            raise KeySettingsError("DIGITAL_KEYS_CLIENTS: a jwks_uri must be on the loopback: not for production")
        found[client.client_id] = client
    return found


def _client(entry: Mapping[str, Any]) -> Client:
    method = str(entry.get("token_endpoint_auth_method", "client_secret_basic"))
    by_key = method == "private_key_jwt"
    if by_key and "jwks" not in entry and "jwks_uri" not in entry:
        raise KeyError("jwks_uri")
    return Client(
        client_id=str(entry["client_id"]),
        redirect_uris=tuple(str(uri) for uri in entry["redirect_uris"]),
        method=method,
        client_secret="" if by_key else str(entry["client_secret"]),
        jwks_uri=str(entry.get("jwks_uri", "")),
        jwks=entry.get("jwks"),
        must_push=entry.get("require_pushed_authorization_requests") is True,
        encryption_alg=entry.get("id_token_encrypted_response_alg"),
        encryption_enc=entry.get("id_token_encrypted_response_enc", "A128CBC-HS256"),
        signs_userinfo=entry.get("userinfo_signed_response_alg") == "RS256",
    )
