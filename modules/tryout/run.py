"""`python -m modules.tryout.run --port 8000 --data ./var`: start everything, print one address, end everything at Ctrl-C.

Owns the order: data folder, secrets, policies, database, programs. Every mishap is one clear line on stderr and exit status 1.
"""

import argparse
import fcntl
import os
import socket
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import IO

from modules.tryout.demo_secrets import demo_secrets
from modules.tryout.house import REPOSITORY, House
from modules.tryout.own_policies import write_clients_of_digital_keys, write_policies
from modules.tryout.programs import Program, broker_environment, poortwachter, programs
from modules.tryout.supervisor import StoppedError, Supervisor

_PREPARED = "prepared-for"
_LAST_OFFSET = 5


class CannotStartError(Exception):
    """The try-out cannot start; the message is what to do about it."""


def main(arguments: list[str] | None = None) -> int:
    """Run until told to stop. 0 when that was asked, 1 when something went wrong, 2 for a wrong command."""
    parser = argparse.ArgumentParser(prog="modules.tryout.run", description="Start everything, to try it out.")
    parser.add_argument("--port", type=_port, default=8000, help="the first port; the others follow it (default 8000)")
    parser.add_argument("--data", type=Path, default=Path("var"), help="the data folder (default ./var)")
    given = parser.parse_args(arguments)
    house = House(given.port, given.data.resolve())
    os.umask(0o077)  # whatever is made here, by us or by the programs, is for its owner alone
    try:
        _run(house)
    except (CannotStartError, StoppedError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _run(house: House) -> None:
    for folder in (house.data, house.logs, house.inbox):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    house.data.chmod(0o700)
    with _only_one(house):
        secrets = demo_secrets(house.data)
        write_policies(house)
        write_clients_of_digital_keys(house, secrets)
        started = programs(house, secrets)
        _require_free_ports(started)
        _prepare_database(house, secrets)
        with Supervisor(started, house.logs) as supervisor:
            supervisor.stop_on_signals()
            supervisor.start()
            if not supervisor.told_to_stop:
                sys.stdout.write(f"Poortwachter draait: open {house.start_page}/ (stoppen met Ctrl-C)\n")
                sys.stdout.flush()
            supervisor.watch()


def _port(written: str) -> int:
    if not written.isdigit() or not 1024 <= int(written) <= 65535 - _LAST_OFFSET:
        raise argparse.ArgumentTypeError(f"{written} is not a port from 1024 to {65535 - _LAST_OFFSET}")
    return int(written)


def _only_one(house: House) -> IO[str]:
    """Hold the data folder: two try-outs in one folder would share a database and take each other's mail."""
    lock = (house.data / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise CannotStartError(
            f"Another try-out uses {house.data}. Stop it, or choose another folder: DATA=…"
        ) from error
    return lock


def _require_free_ports(started: list[Program]) -> None:
    for program in started:
        if program.port is not None and not _free(program.port):
            raise CannotStartError(
                f"Port {program.port}, for {program.name}, is taken. Stop what uses it, or choose another first port:"
                " make run PORT=8100"
            )


def _free(port: int) -> bool:
    """Whether we can have it at 127.0.0.1, and nobody else answers to localhost at ::1."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    try:
        socket.create_connection(("::1", port), timeout=0.5).close()
    except OSError:
        return True
    return False


def _prepare_database(house: House, secrets: dict[str, str]) -> None:
    """Bring the database to the newest migration, apply the policies and fill in the demo world; nothing to do when neither
    changed since the last start (another port changes the policies: they hold the addresses).
    """
    mark = house.data / _PREPARED
    wanted = _what_it_depends_on(house)
    if mark.exists() and mark.read_text() == wanted and (house.data / "broker.db").exists():
        return
    for words in (("database", "upgrade"), ("catalogue", "apply"), ("demo",)):
        done = subprocess.run(
            poortwachter(*words),
            cwd=REPOSITORY,
            env=broker_environment(house, secrets),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip()
            raise CannotStartError(f"poortwachter {' '.join(words)} did not succeed: {said}")
    mark.write_text(wanted)


def _what_it_depends_on(house: House) -> str:
    """A digest of the migrations, policies and forms in force."""
    folders = (
        (REPOSITORY / "migrations" / "broker" / "versions", "*.py"),
        (REPOSITORY / "policies", "**/*.yaml"),
        (REPOSITORY / "forms", "*.yaml"),
        (house.policies, "**/*.yaml"),
    )
    digest = sha256()
    for folder, pattern in folders:
        for file in sorted(folder.glob(pattern)):
            digest.update(f"{file.name}:{sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
