"""Where the broker's own time goes: each path in one thread of this process, and the share of each layer.

`python -m benchmarks.layers sqlite|postgresql` prints one line of JSON: for each path the processor time of one request in µs, and
how it divides over what the functions belong to (cProfile; its shares, scaled to the time without it), with what PostgreSQL's own
processes took. What a request costs beyond that, gunicorn and the network take. Owns no server: it puts requests to the WSGI
application as the worker does, at once first.
"""

import cProfile
import io
import json
import os
import pstats
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from sqlalchemy import create_engine

from benchmarks.by_hand import CHALLENGE, FORM, VERIFIER
from benchmarks.contestants.ours import Ours
from benchmarks.cpu_time import cpu_seconds
from benchmarks.door import REDIRECT_URI, account
from benchmarks.peers_folder import FOLDER, REPOSITORY
from benchmarks.seed import begin_session
from broker.database import configure_engine
from serving.at_once import MustWaitError, answering_at_once

_TIMES = 400  # of which the time of PostgreSQL's processes, counted in hundredths of a second, is still told apart
_WARM = 40
_OURSELVES = "the measuring"
DATABASE_ITSELF = "PostgreSQL itself"
_LAYERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("the driver", ("sqlite3.", "psycopg")),
    ("signing and verifying", ("cryptography", "/jose/", "_hashlib", "openssl")),
    ("SQLAlchemy", ("sqlalchemy",)),
    ("Flask", ("/flask", "werkzeug", "jinja2", "itsdangerous", "blinker")),
    ("Authlib", ("authlib", "joserfc")),
    ("the log line", ("structlog", "/logging/")),
    ("our own code", ("/broker/", "/look/", "/serving/")),
    (_OURSELVES, ("/benchmarks/",)),
)
_REST = "Python's own library"

Calls = dict[
    tuple[str, int, str], tuple[int, int, float, float, dict[tuple[str, int, str], tuple[int, int, float, float]]]
]


class House:
    """The application in this process, and an application and a person at its door."""

    def __init__(self, app: Any, setup: dict[str, Any], cookie: str) -> None:
        self._app = app
        self._cookie = cookie
        self._code_client = account(setup["code_client"])
        self._own = {name: account(each) for name, each in setup["machine_clients"].items()}
        self._serial = 0
        self._tokens = self._redeemed(self._code())
        self._codes: list[str] = []

    def paths(self) -> dict[str, Callable[[], None]]:
        """What each path does once."""
        return {
            "token-es256": lambda: self._own_token("ES256"),
            "token-rs256": lambda: self._own_token("RS256"),
            "refresh": self._refresh,
            "code": lambda: self._keep(self._redeemed(self._codes.pop())),
            "introspection": lambda: self._introspect(self._tokens["access_token"]),
            "userinfo": lambda: self._userinfo(self._tokens["access_token"]),
            "discovery": lambda: self._document("/op/.well-known/openid-configuration"),
            "jwks": lambda: self._document("/op/v1/keys"),
            "authorize": lambda: self._keep(self._code()),
        }

    def store_codes(self, how_many: int) -> None:
        """Codes for the path that redeems them."""
        self._codes = [self._code() for _ in range(how_many)]

    def _keep(self, _answer: object) -> None:
        """Looked at where it was made."""

    def _code(self) -> str:
        self._serial += 1
        query = urlencode(
            {
                "client_id": self._code_client.client_id,
                "redirect_uri": REDIRECT_URI,
                "response_type": "code",
                "scope": "openid profile vo cjm_cultuurmonitor",
                "code_challenge": CHALLENGE,
                "code_challenge_method": "S256",
                "state": f"s{self._serial}",
                "nonce": f"n{self._serial}",
            }
        )
        _, headers, _ = self._call("GET", f"/op/v1/auth?{query}", (302, 303), HTTP_COOKIE=self._cookie)
        return parse_qs(urlsplit(headers["Location"]).query)["code"][0]

    def _redeemed(self, code: str) -> dict[str, str]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT_URI,
            "code_verifier": VERIFIER,
        }
        return self._posted("/op/v1/token", form, self._code_client.authorization)

    def _refresh(self) -> None:
        form = {"grant_type": "refresh_token", "refresh_token": self._tokens["refresh_token"]}
        self._tokens = self._posted("/op/v1/token", form, self._code_client.authorization)

    def _own_token(self, algorithm: str) -> None:
        self._posted("/op/v1/token", {"grant_type": "client_credentials"}, self._own[algorithm].authorization)

    def _introspect(self, token: str) -> None:
        told = self._posted("/op/v1/introspect", {"token": token}, self._code_client.authorization)
        assert told["active"] is True

    def _userinfo(self, token: str) -> None:
        self._call("GET", "/op/v1/userinfo", (200,), HTTP_AUTHORIZATION=f"Bearer {token}")

    def _document(self, path: str) -> None:
        self._call("GET", path, (200,))

    def _posted(self, path: str, form: dict[str, str], authorization: str) -> Any:
        _, _, body = self._call("POST", path, (200,), urlencode(form).encode(), HTTP_AUTHORIZATION=authorization)
        return json.loads(body)

    def _call(
        self, method: str, path: str, expected: tuple[int, ...], body: bytes = b"", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(path)
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "HTTP_HOST": "127.0.0.1",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": FORM if body else "",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            **headers,
        }
        told: list[Any] = []
        try:
            with answering_at_once():
                content = self._content(environ, told)
        except MustWaitError:
            environ["wsgi.input"].seek(0)
            content = self._content(environ, told)
        assert told[0] in expected, f"{path}: {told[0]} {content[:300]!r}"
        return told[0], told[1], content

    def _content(self, environ: dict[str, Any], told: list[Any]) -> bytes:
        answer = self._app(environ, lambda status, fields, _error=None: told.extend((int(status[:3]), dict(fields))))
        try:
            return b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()


def shares(stats: Calls) -> dict[str, float]:
    """Of all own time, the part of each layer. A builtin's time is that of whoever called it, unless it names its layer."""
    found: dict[str, float] = {}
    for function, (_, _, own, _, callers) in stats.items():
        layer = _layer(function)
        if layer is not None:
            found[layer] = found.get(layer, 0.0) + own
            continue
        for caller, (_, _, own_there, _) in callers.items():
            theirs = _layer(caller) or _REST
            found[theirs] = found.get(theirs, 0.0) + own_there
    found.pop(_OURSELVES, None)
    whole = sum(found.values()) or 1.0
    return {layer: time / whole for layer, time in found.items()}


def main() -> None:
    """One line of JSON: path → layer → µs."""
    real_out = os.dup(1)
    house, databases = _house(sys.argv[1])
    told: dict[str, dict[str, float]] = {}
    for name, once in house.paths().items():
        if name == "code":
            house.store_codes(_WARM + 2 * _TIMES)
        for _ in range(_WARM):
            once()
        began, began_there = time.process_time(), cpu_seconds(databases)
        for _ in range(_TIMES):
            once()
        each = (time.process_time() - began) / _TIMES * 1e6
        there = (cpu_seconds(databases) - began_there) / _TIMES * 1e6
        profile = cProfile.Profile()
        profile.enable()
        for _ in range(_TIMES):
            once()
        profile.disable()
        parts = shares(pstats.Stats(profile).stats)  # type: ignore[attr-defined]  # what cProfile counted
        told[name] = {layer: share * each for layer, share in parts.items()}
        if databases:
            told[name][DATABASE_ITSELF] = there
    os.write(real_out, json.dumps(told).encode() + b"\n")


def _house(database: str) -> tuple[House, tuple[int, ...]]:
    """The house, and the processes of its database where that is a program apart."""
    folder = FOLDER / "layers"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    settings, setup, url, databases = Ours(database).in_this_process(folder, min(os.sched_getaffinity(0)))
    os.environ.update(settings)
    os.chdir(REPOSITORY)
    engine = create_engine(url)
    configure_engine(engine)
    cookie = f"poortwachter-sessie={begin_session(engine, 1)}"
    engine.dispose()
    # The broker writes its log to the standard output, which is what we answer on.
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    from wsgi import app

    return House(app, setup, cookie), databases


def _layer(function: tuple[str, int, str]) -> str | None:
    file, _, name = function
    where = name if file == "~" else file.replace(str(Path(REPOSITORY)), "")
    for layer, signs in _LAYERS:
        if any(sign in where for sign in signs):
            return layer
    return None if file == "~" else _REST


if __name__ == "__main__":
    main()
