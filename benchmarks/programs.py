"""Starts the servers of a run on their core, waits until they answer, and ends them."""

import http.client
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.cpu_time import family

_PATIENCE = 60.0


class DidNotStartError(Exception):
    """A server did not come up. The message ends with the last lines of its log."""


@dataclass
class Program:
    """One running program; `roots` are the processes of which everything it does descends."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def roots(self) -> tuple[int, ...]:
        """For `cpu_seconds`."""
        return (self.process.pid,)

    def stop(self) -> None:
        """End it and everything below it; nothing that it held needs to survive."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def tail(self) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-25:])


@dataclass
class Programs:
    """What runs now. As a context manager it ends them all, whatever happens."""

    core: int
    logs: Path
    running: list[Program] = field(default_factory=list)

    def __enter__(self) -> "Programs":
        self.logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_error: object) -> None:
        for program in reversed(self.running):
            program.stop()
        self.running.clear()

    def start(
        self, name: str, command: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> Program:
        """Start `command` on the server's core; `env` comes on top of a bare environment."""
        log = self.logs / f"{name}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                ["taskset", "-c", str(self.core), *command],
                env=bare_environment() | dict(env or {}),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        program = Program(name, process, log)
        self.running.append(program)
        return program


def bare_environment() -> dict[str, str]:
    """What every program needs from ours, and nothing that could change how it runs."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
    return kept | {"PYTHONDONTWRITEBYTECODE": "1"}


def pin(roots: tuple[int, ...], core: int) -> None:
    """Keep processes that somebody else started, and what they will start, on `core`."""
    for pid in family(roots):
        try:
            os.sched_setaffinity(pid, {core})
        except ProcessLookupError:
            continue


def wait_until_it_answers(program: Program, url: str) -> float:
    """Wait for the first answer below 500 of `url`; the seconds since now that it took.

    Raises:
        DidNotStartError: it ended, or did not answer in time.
    """
    began = time.monotonic()
    parts = urlsplit(url)
    assert parts.hostname is not None
    while time.monotonic() - began < _PATIENCE:
        if program.process.poll() is not None:
            break
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=5)
        try:
            connection.request("GET", parts.path or "/")
            if connection.getresponse().status < 500:
                return time.monotonic() - began
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.005)
    raise DidNotStartError(f"{program.name} does not answer.\n{program.tail()}")
