"""What every contestant shows to the client, whatever is behind it: addresses, clients, people, and a way to sign in."""

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from joserfc.jwk import ECKey, KeySet, RSAKey

from benchmarks.programs import Program, Programs

REDIRECT_URI = "http://127.0.0.1:1/back"
PEOPLE = 5_000


@dataclass(frozen=True, slots=True)
class Account:
    """An application that proves itself with a secret in the Authorization header."""

    client_id: str
    client_secret: str = field(repr=False)

    @property
    def authorization(self) -> str:
        """The header."""
        return "Basic " + base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the endpoints are, below the base."""

    authorize: str
    token: str
    introspect: str
    userinfo: str
    discovery: str
    jwks: str


@dataclass(frozen=True)
class Door:
    """One contestant that runs.

    `databases` are the processes of its database, whose time is reported apart. `unpublished_keys` are public keys by algorithm
    that its JWKS has not. `codes_at_once`: no more unused codes than these may wait, where it would forget them.
    """

    base: str
    issuer: str
    program: Program
    addresses: Addresses
    code_client: Account
    scope: str
    machine_clients: Mapping[str, Account]
    begin_session: Callable[[int], str]
    databases: tuple[int, ...] = ()
    more_for_machines: Mapping[str, str] = field(default_factory=dict)
    more_for_authorize: str = ""
    token_address_of: Mapping[str, str] = field(default_factory=dict)
    jwks_address_of: Mapping[str, str] = field(default_factory=dict)
    issuer_of: Mapping[str, str] = field(default_factory=dict)
    unpublished_keys: Mapping[str, KeySet] = field(default_factory=dict)
    id_token_algorithm: str = "ES256"
    codes_at_once: int = 0


class Contestant(Protocol):
    """One that takes part. `without` holds the paths that it has not, each with the reason."""

    name: str
    title: str
    without: Mapping[str, str]

    def start(self, programs: Programs, folder: Path, port: int) -> Door:
        """Start it on `port` with its data in `folder`, which is empty."""
        ...


def new_setup(base: str, database: Path) -> dict[str, Any]:
    """Keys, clients and people for one peer; written to a file that its program reads."""
    keys = KeySet(
        [
            ECKey.generate_key("P-256", {"kid": "es256", "alg": "ES256", "use": "sig"}, private=True),
            RSAKey.generate_key(2048, {"kid": "rs256", "alg": "RS256", "use": "sig"}, private=True),
        ]
    )
    return {
        "base": base,
        "database": str(database),
        "cookie_key": secrets.token_urlsafe(32),
        "keys": keys.as_dict(private=True),
        "code_client": {
            "client_id": "bench-code",
            "client_secret": secrets.token_urlsafe(32),
            "redirect_uri": REDIRECT_URI,
            "scope": "openid profile email offline_access",
        },
        "machine_clients": {
            algorithm: {"client_id": f"bench-{algorithm.lower()}", "client_secret": secrets.token_urlsafe(32)}
            for algorithm in ("ES256", "RS256")
        },
        "people": [
            {
                "id": number,
                "sub": f"person-{number}",
                "given_name": f"Naam{number}",
                "family_name": "Voorbeeld",
                "email": f"p{number}@voorbeeld.test",
            }
            for number in range(1, PEOPLE + 1)
        ],
    }


def written(setup: dict[str, Any], folder: Path) -> Path:
    """The file that holds `setup`."""
    file = folder / "setup.json"
    file.write_text(json.dumps(setup))
    return file


def public_keys(setup: dict[str, Any], algorithm: str) -> KeySet:
    """The public keys of the setup for one algorithm."""
    keys = [key for key in setup["keys"]["keys"] if key["alg"] == algorithm]
    return KeySet.import_key_set(KeySet.import_key_set({"keys": keys}).as_dict(private=False))


def account(known: Mapping[str, str]) -> Account:
    """A client of the setup."""
    return Account(known["client_id"], known["client_secret"])
