"""`make run`: everything comes up, everything goes down, and a mishap is one clear line."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import randrange

import pytest

from modules.tryout.demo_secrets import demo_secrets
from modules.tryout.house import House
from modules.tryout.own_policies import write_policies
from modules.tryout.programs import Program, broker_environment, poortwachter, programs
from modules.tryout.supervisor import StoppedError, Supervisor

Start = Callable[..., "subprocess.Popen[str]"]


def free_first_port() -> int:
    """A port that is free, with the five after it."""
    for _ in range(100):
        first = randrange(20_000, 32_700)  # from 32768 on the kernel takes ports for outgoing connections
        try:
            for offset in range(6):
                with socket.socket() as trial:
                    trial.bind(("127.0.0.1", first + offset))
        except OSError:
            continue
        return first
    raise AssertionError("no six ports in a row are free")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("house") / "var"


@pytest.fixture
def start(repository: Path) -> Iterator[Start]:
    running: list[subprocess.Popen[str]] = []

    def run(port: int, data: Path) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "modules.tryout.run", "--port", str(port), "--data", str(data)],
            cwd=repository,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        running.append(process)
        return process

    yield run
    for process in running:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.stderr.read() if process.stderr else ""
    return line


def status(address: str) -> int:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return int(answer.status)


def nobody_listens(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) != 0


def test_everything_comes_up_at_one_address_and_goes_down_together(start: Start, data: Path) -> None:
    port = free_first_port()
    process = start(port, data)
    assert f"http://localhost:{port + 5}/" in first_line(process)
    for offset, path in (
        (0, "/health/live"),
        (0, "/user/aanvraag?dg=LB&ec=CJM_Cultuurmonitor_LB_CompEnt_Invoerder"),
        (0, "/toepassingen/cultuurmonitor"),
        (1, "/cultuurmonitor"),
        (4, "/itsme/.well-known/openid-configuration"),
        (5, "/"),
        (5, "/postvak"),
    ):
        assert status(f"http://localhost:{port + offset}{path}") == 200, path

    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert all(nobody_listens(port + offset) for offset in range(6))


def test_what_the_house_keeps_is_for_its_owner_alone(start: Start, data: Path) -> None:
    """OP3: 0700 and 0600, database and logs too. The second start finds everything as it was."""
    secrets = (data / "demo.env").read_text() if data.exists() else None
    port = free_first_port()
    process = start(port, data)
    began = time.monotonic()
    first_line(process)
    took = time.monotonic() - began
    for path in [data, *data.rglob("*")]:
        with suppress(FileNotFoundError):  # the house is at work: what it wrote for a moment may be gone
            mode = path.stat().st_mode
            allowed = 0o700 if stat.S_ISDIR(mode) else 0o600
            assert stat.S_IMODE(mode) & ~allowed == 0, path
    if secrets is not None:
        assert (data / "demo.env").read_text() == secrets
        assert took < 120, "some 10 seconds on a machine with nothing else to do"

    second = start(free_first_port(), data)
    assert second.wait(30) == 1
    assert second.stderr is not None
    assert second.stderr.read().startswith("Another try-out uses ")


def test_a_taken_port_is_one_clear_line(start: Start, tmp_path: Path) -> None:
    port = free_first_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + 4))
        taken.listen()
        process = start(port, tmp_path / "var")
        assert process.wait(30) == 1
    assert process.stderr is not None
    said = process.stderr.read()
    assert said.startswith(f"Port {port + 4}, for the digital keys, is taken.")
    assert said.count("\n") == 1


def sleeping(name: str, seconds: float, exit_status: int = 0) -> Program:
    script = f"import sys, time; print('here', flush=True); time.sleep({seconds}); sys.exit({exit_status})"
    return Program(name, f"{name}.log", (sys.executable, "-c", script), dict(os.environ), says="here")


def test_when_one_program_ends_it_is_named_and_the_others_end_as_well(tmp_path: Path) -> None:
    with Supervisor([sleeping("steady", 60), sleeping("brittle", 0.5, 3)], tmp_path) as supervisor:
        supervisor.start()
        with pytest.raises(StoppedError, match=r"(?s)brittle stopped \(exit status 3\).*here"):
            supervisor.watch()
        processes = [process for _, process in supervisor._running]
    assert [process.poll() is not None for process in processes] == [True, True]


def test_the_demo_secrets_are_kept_and_refused_in_production(tmp_path: Path) -> None:
    """OP1: the key of a try-out cannot be taken along to production."""
    secrets = demo_secrets(tmp_path)
    assert demo_secrets(tmp_path) == secrets
    assert stat.S_IMODE((tmp_path / "demo.env").stat().st_mode) == 0o600
    assert secrets["BROKER_SECRET_KEYS"].startswith("demo")
    house = House(9000, tmp_path)
    write_policies(house)
    environment = broker_environment(house, secrets) | {
        "BROKER_ENV": "production",
        "BROKER_ISSUER": "https://poort.example/op",
        "BROKER_INBOX_DIR": "",
        "BROKER_SMTP_URL": "smtp://post.example",
        "BROKER_MAIL_FROM": "poort@example.be",
        "BROKER_OPERATOR_EMAIL": "operator@example.be",
    }
    done = subprocess.run(poortwachter("outbox", "list"), env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.strip() == "BROKER_SECRET_KEYS is bad: a demo key is for development only."


def test_the_policies_of_the_house_are_good(tmp_path: Path) -> None:
    house = House(9000, tmp_path)
    secrets = demo_secrets(tmp_path)
    write_policies(house)
    done = subprocess.run(
        poortwachter("catalogue", "check"),
        env=broker_environment(house, secrets),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_secret_stands_in_a_command_line(tmp_path: Path) -> None:
    """OP3: others on the machine can read the arguments of a process."""
    secrets = demo_secrets(tmp_path)
    for program in programs(House(9000, tmp_path), secrets):
        for word in program.command:
            assert not any(secret in word for secret in secrets.values())
