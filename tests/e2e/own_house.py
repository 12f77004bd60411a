"""A house of one's own, of which each program can be started, stopped and killed by itself, with settings of its own.

Owns the processes. The programs, their settings and their policies are those of `make run` (modules/tryout).
"""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import yaml

from modules.tryout.demo_secrets import demo_secrets
from modules.tryout.house import REPOSITORY, House
from modules.tryout.own_policies import write_clients_of_digital_keys, write_policies
from modules.tryout.programs import Program, broker_environment, poortwachter, programs
from tests.worlds.browser import Live

BROKER, OUTBOX, CULTUURMONITOR, DIGITAL_KEYS = "the broker", "outbox delivery", "the Cultuurmonitor", "the digital keys"
_PATIENCE_SECONDS = 90


@dataclass
class OwnHouse:
    """`start`, `stop` and `kill` a program by its name; `live` is the house as visitors take it."""

    live: Live
    secrets: Mapping[str, str]
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _settings: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        """The file of the broker's database."""
        return self.live.house.data / "broker.db"

    def log(self, name: str) -> str:
        """Everything that the program has written."""
        return (self.live.house.logs / self._program(name).log).read_text()

    def start(self, name: str, **settings: str) -> None:
        """Start a program with changed settings, and wait until it is there; nothing to do where it runs with the same ones."""
        if name in self._running and self._settings[name] == settings:
            return
        self.stop(name)
        self._settings[name] = settings
        program = self._program(name)
        environment = {**program.environment, **settings}
        log = self.live.house.logs / program.log
        before = log.stat().st_size if log.exists() else 0
        process = self._running[name] = _start(program, environment, log.open("ab"))
        until = time.monotonic() + _PATIENCE_SECONDS
        while not _is_there(program, log, before):
            stopped = process.poll() is not None  # by somebody else, perhaps, as soon as it was there
            assert not stopped or _is_there(program, log, before), f"{name} stopped:\n{log.read_text()[-2000:]}"
            assert time.monotonic() < until, f"{name} does not come:\n{log.read_text()[-2000:]}"
            time.sleep(0.05)

    def stop(self, name: str) -> None:
        """Ask a program to end, and wait until it has; nothing to do where it does not run."""
        if name in self._running:
            self._end(name, signal.SIGTERM)

    def kill(self, name: str) -> None:
        """End a program as a power cut would: kill -9."""
        self._end(name, signal.SIGKILL)

    def stop_all(self) -> None:
        """Whatever still runs."""
        for name in list(self._running):
            self.kill(name)

    def _end(self, name: str, number: int) -> None:
        process = self._running.pop(name)
        os.killpg(process.pid, number)
        process.wait(30)

    def _program(self, name: str) -> Program:
        (found,) = [each for each in programs(self.live.house, self.secrets) if each.name == name]
        return found


def build_house(
    port: int, data: Path, *, a_role_at_each_organisation: bool, also: Callable[[House], None] = lambda _house: None
) -> OwnHouse:
    """A house with the demo world, in which nothing runs yet.

    With a role at each organisation (the policy of the seed has one a person) there is a capacity to choose. `also` may
    write more policies.
    """
    house = House(port, data)
    for folder in (house.logs, house.inbox):
        folder.mkdir(mode=0o700, parents=True)
    secrets = demo_secrets(house.data)
    write_policies(house)
    write_clients_of_digital_keys(house, secrets)
    if a_role_at_each_organisation:
        _allow_a_role_at_each_organisation(house)
    also(house)
    for words in (("database", "upgrade"), ("demo",)):
        subprocess.run(
            poortwachter(*words),
            cwd=REPOSITORY,
            env=broker_environment(house, secrets),
            check=True,
            stdout=sys.stderr,
        )
    return OwnHouse(Live(house), secrets)


def _allow_a_role_at_each_organisation(house: House) -> None:
    """An installation's own policy folder replaces a file of the repository."""
    policy = yaml.safe_load((REPOSITORY / "policies" / "applications" / "cultuurmonitor.yaml").read_text())
    applications = house.policies / "applications"
    applications.mkdir()
    (applications / "cultuurmonitor.yaml").write_text(
        yaml.safe_dump(policy | {"one_role_per": "person_and_organisation"}, allow_unicode=True)
    )


def _start(program: Program, environment: Mapping[str, str], log: IO[bytes]) -> "subprocess.Popen[bytes]":
    with log:
        return subprocess.Popen(
            program.command,
            cwd=REPOSITORY,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _is_there(program: Program, log: Path, before: int) -> bool:
    if not program.health:
        return program.says.encode() in log.read_bytes()[before:]
    try:
        with urllib.request.urlopen(program.health, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
