"""The production start: refused in one line, or answering."""

import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from sqlalchemy.orm import Session

from broker.keys_in_use import keys_in_use
from tests.worlds.settings import environment, secret_key
from tests.worlds.world import World

Run = Callable[..., CompletedProcess[str]]

ON_ONE = pytest.mark.parametrize(
    "database_url", ["sqlite"], indirect=True
)  # the same on both, and a start takes seconds


def start(run_command: Run, **settings: str) -> CompletedProcess[str]:
    return run_command(sys.executable, "-c", "import wsgi", **settings)


@ON_ONE
def test_a_good_start_says_nothing(run_command: Run, world: World) -> None:
    world.person()
    done = start(run_command)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@ON_ONE
def test_a_missing_setting_refuses_the_start_in_one_line(run_command: Run) -> None:
    done = start(run_command, BROKER_SECRET_KEYS="")
    assert done.returncode == 3
    assert done.stderr.startswith("BROKER_SECRET_KEYS is missing.")
    assert done.stderr.count("\n") == 1


@ON_ONE
def test_mistakes_in_a_policy_refuse_the_start(run_command: Run, tmp_path: Path) -> None:
    """OP1: a broken policy is no reason to serve half of it."""
    (tmp_path / "helpdesk.yaml").write_text("phone: []\nhours: {nl: x}\nunknown: 1\n")
    policies = environment("", tmp_path)["BROKER_POLICIES"]
    done = start(run_command, BROKER_POLICIES=f"{policies}:{tmp_path}")
    assert done.returncode == 3
    assert "helpdesk.yaml:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_start_without_a_key_that_rows_need_is_refused_with_its_name(
    run_command: Run, world: World, session: Session
) -> None:
    """OP2: the sealing or look-up key of a row is gone; the line says which and for how many."""
    world.person()
    world.typed_request()
    assert set(keys_in_use(session)) == {"test1"}
    done = start(run_command, BROKER_SECRET_KEYS=f"test2:{secret_key('b')}")
    assert done.returncode == 3
    assert "BROKER_SECRET_KEYS is bad" in done.stderr
    assert "test1 (" in done.stderr
    assert done.stderr.count("\n") == 1


@ON_ONE
def test_a_new_key_in_front_of_the_old_one_starts(run_command: Run, world: World) -> None:
    world.person()
    done = start(run_command, BROKER_SECRET_KEYS=f"test2:{secret_key('b')},test1:{secret_key('a')}")
    assert done.returncode == 0, done.stderr


def test_the_operator_can_ask_before_the_start(run_command: Run, world: World) -> None:
    """OP2."""
    world.person()
    command = (sys.executable, "-c", "from broker.cli import main; main()", "database", "check")
    assert run_command(*command).returncode == 0
    done = run_command(*command, BROKER_SECRET_KEYS=f"test2:{secret_key('b')}")
    assert done.returncode == 1
    assert "test1 (1 value)" in done.stderr
