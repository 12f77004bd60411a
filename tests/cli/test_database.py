"""`poortwachter database`: the schema and the first signing keys."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from broker.schema import newest_revision
from tests.cli.conftest import Command
from tests.worlds.settings import environment

ONCE_AND_FOR_ALL = (
    "catalogue:policies:load",
    "keys:secret_key:note",
    "keys:signing_key:announce",
    "keys:signing_key:announce",
)


@pytest.fixture
def database_url(bare_database_url: str) -> str:
    """A database that was never migrated."""
    return bare_database_url


def test_a_new_database_is_brought_up_to_date_with_its_signing_keys(poortwachter: Command, database_url: str) -> None:
    behind = poortwachter("database", "check")
    assert behind.exit_code == 1
    assert "poortwachter database upgrade" in behind.stderr
    for _ in range(2):
        assert poortwachter("database", "upgrade").exit_code == 0
    check = poortwachter("database", "check")
    assert check.exit_code == 0
    assert str(newest_revision()) in check.stdout
    engine = create_engine(database_url)
    with engine.connect() as connection:
        assert "organisations" in inspect(connection).get_table_names()
        algorithms = connection.execute(text("SELECT algorithm FROM signing_keys ORDER BY algorithm")).scalars().all()
    engine.dispose()
    assert algorithms == ["ES256", "RS256"]


def test_the_folder_of_the_process_does_not_matter(
    poortwachter: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert poortwachter("database", "upgrade").exit_code == 0


def test_several_nodes_may_upgrade_at_once_on_an_empty_database(database_url: str, inbox_dir: Path) -> None:
    """One migrates, makes the keys and applies the policies; the others wait for it and find everything there."""
    nodes = [
        subprocess.Popen(
            [sys.executable, "-c", "from broker.cli import main; main()", "database", "upgrade"],
            env=os.environ | environment(database_url, inbox_dir),
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    said = [node.communicate(timeout=300)[1] for node in nodes]
    assert [node.returncode for node in nodes] == [0] * 3, said
    engine = create_engine(database_url)
    with engine.connect() as connection:
        names = connection.execute(text("SELECT name FROM audit_events")).scalars().all()
    engine.dispose()
    assert sorted(names) == sorted(ONCE_AND_FOR_ALL)
