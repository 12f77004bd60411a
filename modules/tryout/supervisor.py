"""Supervisor: starts the programs together, waits until each is there, and ends them together.

Nothing is started again in silence: when one ends, that is said and all the others end as well.
"""

import contextlib
import os
import signal
import subprocess
import threading
import urllib.error
import urllib.request
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

from modules.tryout.house import REPOSITORY
from modules.tryout.programs import Program

PATIENCE_SECONDS = 60.0
_FAREWELL_SECONDS = 10.0
_GLANCE_SECONDS = 0.1
_LAST_LINES = 12


class StoppedError(Exception):
    """A program ended, or did not come; the message says which, and what it last said."""


class Supervisor:
    """The programs of one house, as processes; each leads a process group, so that its own children end with it."""

    def __init__(self, programs: list[Program], logs: Path) -> None:
        self._programs = programs
        self._logs = logs
        self._running: list[tuple[Program, subprocess.Popen[bytes]]] = []
        self._told_to_stop = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._end_all()

    def stop_on_signals(self) -> None:
        """Ctrl-C, SIGTERM and a closed terminal end everything, in good order."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self._told_to_stop.set())

    @property
    def told_to_stop(self) -> bool:
        """Whether one of those signals came."""
        return self._told_to_stop.is_set()

    def start(self) -> None:
        """Start all, and return when all are there (or when told to stop).

        Raises:
            StoppedError: one ended, or was not there in time.
        """
        for program in self._programs:
            with (self._logs / program.log).open("wb") as log:
                process = subprocess.Popen(
                    program.command,
                    cwd=REPOSITORY,
                    env=dict(program.environment),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            self._running.append((program, process))
        until = monotonic() + PATIENCE_SECONDS
        waiting = list(self._programs)
        while waiting and not self._told_to_stop.wait(_GLANCE_SECONDS):
            self._look_for_dead()
            waiting = [program for program in waiting if not self._is_there(program)]
            if waiting and monotonic() > until:
                raise StoppedError(self._report(waiting[0], "did not answer in time"))

    def watch(self) -> None:
        """Return when told to stop.

        Raises:
            StoppedError: a program ended by itself.
        """
        while not self._told_to_stop.wait(1.0):
            self._look_for_dead()

    def _look_for_dead(self) -> None:
        for program, process in self._running:
            status = process.poll()
            if status is not None:
                raise StoppedError(self._report(program, f"stopped (exit status {status})"))

    def _is_there(self, program: Program) -> bool:
        if not program.health:
            return program.says.encode() in (self._logs / program.log).read_bytes()
        try:
            with urllib.request.urlopen(program.health, timeout=2) as answer:  # noqa: S310 - our own addresses
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _report(self, program: Program, what: str) -> str:
        log = self._logs / program.log
        last = log.read_text(errors="replace").splitlines()[-_LAST_LINES:]
        said = "\n".join(f"  {line}" for line in last)
        return f"{program.name} {what}; everything is stopped. {log} ends with:\n{said}"

    def _end_all(self) -> None:
        for _, process in self._running:
            _signal_group(process, signal.SIGTERM)
        until = monotonic() + _FAREWELL_SECONDS
        for _, process in self._running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, until - monotonic()))
        for _, process in self._running:
            _signal_group(process, signal.SIGKILL)
            process.wait()


def _signal_group(process: "subprocess.Popen[bytes]", number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
