"""A gunicorn with the worker of the broker and a small application, and sockets to speak to it letter by letter."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from serving.worker import AtOnceWorker

WORKER = f"{AtOnceWorker.__module__}.{AtOnceWorker.__name__}"


@dataclass(frozen=True)
class Answer:
    """One answer as it came over the line."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def at_once(self) -> bool:
        """Whether the thread with the connections gave it."""
        return self.headers["x-thread"] == "the worker's"


class Line:
    """One connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._kept = b""

    def send(self, sent: bytes) -> None:
        """These bytes, now."""
        self._socket.sendall(sent)

    def ask(self, path: str = "/at-once", *headers: str, method: str = "GET", body: bytes = b"") -> Answer:
        """One request, sent in one piece, and its answer."""
        lines = [f"{method} {path} HTTP/1.1", "Host: here", *headers]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join([*lines, "", ""]).encode() + body)
        return self.answer(bodiless=method == "HEAD")

    def answer(self, *, bodiless: bool = False) -> Answer:
        """The next answer."""
        while b"\r\n\r\n" not in self._kept:
            self._more()
        head, _, self._kept = self._kept.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        length = 0 if bodiless else int(headers.get("content-length", 0))
        came = [self._kept]
        while sum(map(len, came)) < length:
            self._kept = b""
            self._more()
            came.append(self._kept)
        body, self._kept = (whole := b"".join(came))[:length], whole[length:]
        return Answer(int(first.split()[1]), headers, body)

    def ended(self, within: float = 5.0) -> bool:
        """Whether the other side says that nothing follows, within so many seconds."""
        self._socket.settimeout(within)
        try:
            return self._socket.recv(1) == b""
        except TimeoutError:
            return False
        except ConnectionError:
            return True
        finally:
            self._socket.settimeout(20)

    def close(self) -> None:
        """Go."""
        self._socket.close()

    def _more(self) -> None:
        came = self._socket.recv(65536)
        if not came:
            raise EOFError(f"the connection ended after {self._kept!r}")
        self._kept += came


@dataclass
class Server:
    """One gunicorn with one worker."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path
    lines: list[Line]

    def line(self) -> Line:
        """A new connection."""
        made = Line(self.port)
        self.lines.append(made)
        return made


Serve = Callable[..., Server]


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Iterator[Serve]:
    """Starts one: `serve("--threads", "2")`."""
    started: list[Server] = []

    def start(*options: str, application: str = "tests.serving.small_app:app") -> Server:
        log = tmp_path_factory.mktemp("server") / "log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "gunicorn", "--config", str(repository / "gunicorn.conf.py")),
                    *("--bind", "127.0.0.1:0", "--workers", "1", *options, application),
                ],
                cwd=repository,
                env={**os.environ, "PYTHONPATH": str(repository)},
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        port = _port(process, log)
        started.append(Server(process, port, log, []))
        return started[-1]

    yield start
    for each in started:
        for line in each.lines:
            line.close()
        each.process.terminate()
    for each in started:
        each.process.wait(30)


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server:
    """One with two threads, that lets a connection wait for two seconds."""
    return serve("--threads", "2", "--keep-alive", "2")


def _port(process: "subprocess.Popen[bytes]", log: Path) -> int:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        found = re.search(r"Listening at: http://127\.0\.0\.1:(\d+)", log.read_text())
        if found and "Booting worker" in log.read_text():
            return int(found[1])
        time.sleep(0.05)
    raise AssertionError(f"gunicorn did not start: {log.read_text()}")
