"""`poortwachter keys`: what an operator sees of the signing keys and does with them."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from broker.cli.keys import keys
from broker.keys import parse_secret_keys
from tests.worlds.settings import environment


@pytest.fixture
def run(database_url: str, inbox_dir: Path) -> Callable[..., Result]:
    """Runs one command with the settings of this test's database."""
    settings = environment(database_url, inbox_dir)
    return lambda *words: CliRunner(env=settings).invoke(keys, list(words), catch_exceptions=False)


def listed(run: Callable[..., Result]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run("list", "--json").stdout)
    return found


def test_keys_are_made_once_and_listed(run: Callable[..., Result]) -> None:
    assert "no signing key yet" in run("list").stdout
    assert len(json.loads(run("rotate", "--initial", "--json").stdout)) == 2
    assert json.loads(run("rotate", "--initial", "--json").stdout) == []
    assert sorted((row["algorithm"], row["state"]) for row in listed(run)) == [
        ("ES256", "signing"),
        ("RS256", "signing"),
    ]


def test_rotation_announces_a_key_of_one_algorithm_or_of_both(run: Callable[..., Result]) -> None:
    """OA11."""
    run("rotate", "--initial")
    (announced,) = json.loads(run("rotate", "--algorithm", "ES256", "--json").stdout)
    states = {row["kid"]: row["state"] for row in listed(run)}
    assert states.pop(announced) == "announced"
    assert list(states.values()) == ["signing", "signing"]
    assert len(json.loads(run("rotate", "--json").stdout)) == 2


def test_a_leaked_key_is_withdrawn_at_once(run: Callable[..., Result]) -> None:
    run("rotate", "--initial")
    leaked = listed(run)[0]["kid"]
    answer = run("revoke", leaked).stdout
    assert answer.startswith(f"{leaked} is withdrawn.")
    assert {row["kid"]: row["state"] for row in listed(run)}[leaked] == "gone"


def test_a_new_secret_can_be_pasted_into_the_setting() -> None:
    printed = CliRunner().invoke(keys, ["new-secret", "--id", "k2"]).stdout.strip()
    assert list(parse_secret_keys(printed)) == ["k2"]
    assert re.fullmatch(r"k\d{8}:\S+", CliRunner().invoke(keys, ["new-secret"]).stdout.strip())
    assert CliRunner().invoke(keys, ["new-secret", "--id", "not good"]).exit_code == 2
