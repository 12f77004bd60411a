"""What the endpoints of the digital keys share: settings, people, clients, signers, sign-ins under way.

Owns: building it at start and finding it in a request. Does not own any of the parts.
"""

import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from flask import abort, current_app, request

from modules.digital_keys.behaviour import Behaviour, behaviours
from modules.digital_keys.client_keys import ClientKeys
from modules.digital_keys.clients import Clients, read_clients
from modules.digital_keys.codes import PushedRequests, SignIns, UsedAssertions
from modules.digital_keys.people import TestPerson, read_people
from modules.digital_keys.provider import PROVIDERS, Provider
from modules.digital_keys.settings import KeySettings
from modules.digital_keys.tokens import Signer


@dataclass(frozen=True)
class State:
    """Everything one running provider knows."""

    settings: KeySettings
    people: dict[str, TestPerson]
    clients: Clients
    signers: dict[str, Signer]
    sign_ins: SignIns
    pushed: PushedRequests
    used_assertions: UsedAssertions
    client_keys: ClientKeys
    salt: bytes


def build_state(settings: KeySettings) -> State:
    """Read the files, make the keys that are not there yet."""
    return State(
        settings=settings,
        people=read_people(settings.people),
        clients=read_clients(settings.clients),
        signers={code: Signer(settings.data, code) for code in PROVIDERS},
        sign_ins=SignIns(),
        pushed=PushedRequests(),
        used_assertions=UsedAssertions(),
        client_keys=ClientKeys(),
        salt=_kept_salt(settings.data),
    )


def state() -> State:
    """The state of the application that serves this request."""
    return cast(State, current_app.extensions["digital_keys"])


def provider_or_404(code: str) -> tuple[Provider, Behaviour]:
    """The digital key of this path and how it behaves now; 503 when a test says that it is down."""
    provider = PROVIDERS.get(code)
    if provider is None:
        abort(404)
    behaviour = behaviours(current_app)[code]
    if behaviour.down or request.path.rpartition("/")[2] in behaviour.endpoints_down:
        abort(503)
    return provider, behaviour


def wait_if_slow(behaviour: Behaviour) -> None:
    """Let the program that asks wait, when a test says that this key is slow."""
    if behaviour.slow_seconds:
        time.sleep(behaviour.slow_seconds)


def _kept_salt(folder: Path) -> bytes:
    path = folder / "subject.salt"
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
    return path.read_bytes()
