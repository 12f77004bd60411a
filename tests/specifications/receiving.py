"""Applications that listen: a real HTTP receiver, the clients that name it, and the worker that speaks to it.

A test file imports what it needs from here: `catalogue` in memory, or `listening_policies` in files, which a worker of its
own reads. Each client listens at addresses of its own: `/<client>/logout` and `/<client>/events`.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import time_machine
from flask import Flask

from broker.catalogue import Catalogue
from broker.catalogue.model import EventStream
from broker.database import db
from broker.installation import installation
from broker.keys.jose import Algorithm, verify
from broker.notifications.deliver import Delivery, deliver_due
from tests.notifications.conftest import RecordingPost
from tests.oidc.conftest import ISSUER
from tests.worlds.client import Client
from tests.worlds.settings import environment

BOTH = ("session-revoked", "token-claims-change")
BEARER = "the-bearer-of-the-tests-0123456789"


@dataclass
class Heard:
    """One request that came in."""

    path: str
    headers: dict[str, str]
    body: str
    at: float

    @property
    def token(self) -> str:
        """The logout token, or the event."""
        return parse_qs(self.body)["logout_token"][0] if "logout_token=" in self.body else self.body


@dataclass
class Receiver:
    """An HTTP server on this machine that remembers. `answers` says, by path, with what status, and `slow` how late."""

    url: str
    heard: list[Heard] = field(default_factory=list)
    answers: dict[str, tuple[int, dict[str, str], str]] = field(default_factory=dict)
    slow: dict[str, float] = field(default_factory=dict)
    on_heard: Callable[[Heard], None] = lambda heard: None

    def at(self, path: str) -> list[Heard]:
        """What came in at `path`, in order."""
        return [each for each in self.heard if each.path == path]

    def forget(self) -> None:
        """As new."""
        self.heard.clear()
        self.answers.clear()
        self.slow.clear()
        self.on_heard = lambda heard: None

    def wait_for(self, path: str, number: int = 1, seconds: float = 20.0) -> list[Heard]:
        """What came in at `path`, once there are `number` of them."""
        until = time.monotonic() + seconds
        while len(self.at(path)) < number:
            assert time.monotonic() < until, f"{len(self.at(path))} at {path}, not {number}: {self.heard}"
            time.sleep(0.02)
        return self.at(path)


@contextmanager
def running_receiver(port: int = 0) -> Iterator[Receiver]:
    """A receiver on a free port, or on this one."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            heard = Heard(self.path, dict(self.headers.items()), body, time.monotonic())
            receiver.heard.append(heard)
            receiver.on_heard(heard)
            time.sleep(receiver.slow.get(self.path, 0.0))
            status, headers, answer = receiver.answers.get(
                self.path, (202 if self.path.endswith("/events") else 200, {}, "")
            )
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer.encode())
            except OSError:
                return  # the sender is gone

        def log_message(self, *_about: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def receiver_of_all() -> Iterator[Receiver]:
    """One server for all tests of a process."""
    with running_receiver() as receiver:
        yield receiver


@pytest.fixture
def receiver(receiver_of_all: Receiver) -> Receiver:
    """The server, as if nothing had come in yet."""
    receiver_of_all.forget()
    return receiver_of_all


@pytest.fixture(scope="session")
def catalogue(catalogue: Catalogue, receiver_of_all: Receiver) -> Catalogue:
    """The catalogue of the tests of the door, where most clients listen; `test-other` hears nothing, `deaf` never."""
    clients = dict(catalogue.clients)
    grants = ("authorization_code", "refresh_token")
    told = replace(clients["test-confidential"], grant_types=grants, scopes=(*_SCOPES, "offline_access"))
    clients |= {
        each.client_id: replace(
            each,
            backchannel_logout_uri=f"{receiver_of_all.url}/{each.client_id}/logout",
            events=EventStream(f"{receiver_of_all.url}/{each.client_id}/events", BOTH, BEARER)
            if each.client_id in ("test-confidential", "events-anybody")
            else None,
        )
        for each in (
            told,
            clients["test-public"],
            clients["test-anybody"],
            replace(clients["test-anybody"], client_id="events-anybody"),
            replace(told, client_id="rs256", signing_algorithm="RS256"),
            replace(told, client_id="active", refresh_is_activity=True),
        )
    }
    application = catalogue.applications["cultuurmonitor"]
    own = {name: each for name, each in clients.items() if each.application_code == application.code}
    return replace(
        catalogue,
        applications={**catalogue.applications, application.code: replace(application, clients=own)},
        clients=clients,
    )


_SCOPES = ("openid", "profile", "vo", "rrn", "cjm_cultuurmonitor")


def deliver() -> Delivery:
    """Everything that is due leaves, and what that puts in the outbox as well; mails are thrown away."""
    delivery = deliver_due(installation(), RecordingPost())
    db.session.rollback()
    return delivery


def verified(app: Flask, token: str, client_id: str, typ: str) -> dict[str, Any]:
    """The claims of a logout token, signed as the tokens of this client are."""
    signed_with = installation().catalogue.clients[client_id].signing_algorithm
    algorithm: Algorithm = "ES256" if signed_with == "ES256" else "RS256"
    jwks = Client(app).get("/op/v1/keys").json
    return verify(token, keys=jwks, algorithm=algorithm, issuer=ISSUER, audience=client_id, typ=typ, required=("jti",))


@pytest.fixture(scope="session")
def listening_policies(tmp_path_factory: pytest.TempPathFactory, receiver_of_all: Receiver) -> Path:
    """A policy folder with clients that listen, for a program of its own to read: `told`, and `slow`."""
    folder = tmp_path_factory.mktemp("listening")
    (folder / "clients").mkdir()
    clients = [
        {
            "client_id": name,
            "name": {"nl": name, "en": name},
            "redirect_uris": ["http://localhost:8001/terug"],
            "post_logout_redirect_uris": ["http://localhost:8001/"],
            "start_uri": "http://localhost:8001/",
            "authentication": "none",
            "scopes": [*_SCOPES],
            "grant_types": ["authorization_code", "refresh_token"],
            "signing_algorithm": "ES256",
            "backchannel_logout_uri": f"{receiver_of_all.url}/{name}/logout",
            "events": {"endpoint": f"{receiver_of_all.url}/{name}/events", "requested": list(BOTH)},
        }
        for name in ("told", "slow")
    ]
    (folder / "clients" / "listening.yaml").write_text(
        json.dumps({"application": "cultuurmonitor", "clients": clients}), encoding="utf-8"
    )
    return folder


@contextmanager
def running_worker(
    database_url: str, tmp_path: Path, repository: Path, policies: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """`poortwachter outbox deliver`, as an operator runs it, once it looks after the outbox."""
    settings = environment(database_url, tmp_path / "post")
    settings["BROKER_POLICIES"] += f":{policies}"
    log = tmp_path / f"worker-{time.monotonic_ns()}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", "from broker.cli import main; main()", "outbox", "deliver"],
            cwd=repository,
            env={**os.environ, **settings, "BROKER_LOG_LEVEL": "info"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    until = time.monotonic() + 60
    try:
        while b"audit_checkpoint" not in log.read_bytes():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.wait()


def to_true_time(clock: time_machine.Traveller) -> None:
    """This process has the clock of the machine, as a worker of its own has."""
    clock.move_to(datetime.fromtimestamp(time_machine.escape_hatch.time.time()).astimezone(), tick=True)
