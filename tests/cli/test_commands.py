"""What holds for every command: help, exit status, no prompts, and one line for what an operator can mend."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from broker.cli import main
from broker.cli.running import operating_system_user
from tests.cli.conftest import Command


def commands(
    command: click.Command = main, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with its words, groups as well."""
    yield path, command
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from commands(child, (*path, name))


ALL = {" ".join(path) or "poortwachter": (path, command) for path, command in commands()}


@pytest.mark.parametrize("name", ALL)
def test_every_command_explains_itself_without_any_setting(name: str) -> None:
    path, command = ALL[name]
    result = CliRunner().invoke(main, [*path, "--help"], env={"BROKER_ISSUER": None, "BROKER_DATABASE_URL": None})
    assert result.exit_code == 0
    assert command.help
    assert "Usage:" in result.stdout


@pytest.mark.parametrize("name", [name for name in ALL if name.endswith(" list")])
def test_every_list_comes_as_json_as_well(name: str) -> None:
    options = {option for parameter in ALL[name][1].params for option in parameter.opts}
    assert "--json" in options


def test_no_command_asks_a_question() -> None:
    options = [each for _, command in ALL.values() for each in command.params if isinstance(each, click.Option)]
    assert [option.name for option in options if option.prompt] == []


def test_the_commands_that_operators_rely_on_are_there() -> None:
    assert {
        "catalogue check",
        "database upgrade",
        "organisations import",
        "people add",
        "mandates appoint",
        "outbox deliver",
        "keys list",
        "keys rotate",
        "demo",
        "settings",
    } <= set(ALL)


def test_a_command_written_wrongly_is_status_2(poortwachter: Command) -> None:
    for words in (["nonsense"], ["mandates", "appoint"], ["organisations", "import", "nowhere.csv"]):
        assert poortwachter(*words).exit_code == 2


def test_a_bad_setting_is_one_line_that_names_it(poortwachter: Command) -> None:
    result = poortwachter("demo", BROKER_ISSUER="")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("BROKER_ISSUER is missing")
    assert result.stderr.count("\n") == 1


def test_a_mistake_in_a_policy_is_told_with_its_place(poortwachter: Command, tmp_path: Path) -> None:
    (tmp_path / "target_groups.yaml").write_text("target_groups: 3\n")
    result = poortwachter("people", "list", BROKER_POLICIES=f"policies:{tmp_path}")
    assert result.exit_code == 1
    assert "target_groups.yaml:1" in result.stderr
    assert "Traceback" not in result.output


def test_a_database_that_is_not_there_is_one_line(poortwachter: Command, tmp_path: Path) -> None:
    result = poortwachter("people", "list", BROKER_DATABASE_URL=f"sqlite:///{tmp_path}/nowhere/broker.db")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1


def test_a_database_without_tables_says_which_command_makes_them(poortwachter: Command, bare_database_url: str) -> None:
    result = poortwachter("people", "list", BROKER_DATABASE_URL=bare_database_url)
    assert (result.exit_code, result.stderr) == (
        1,
        "The database has no tables yet. Run: poortwachter database upgrade\n",
    )


def test_the_manual_names_every_setting(poortwachter: Command) -> None:
    result = poortwachter("settings", BROKER_ISSUER="")
    assert result.exit_code == 0
    assert {"BROKER_ISSUER", "BROKER_DATABASE_URL", "BROKER_SECRET_KEYS"} <= set(
        result.stdout.replace(":", " ").split()
    )


def test_the_name_of_the_operator_is_not_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """AP7: the audit names the operating-system user, whatever the environment says."""
    before = operating_system_user()
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    assert operating_system_user() == before
