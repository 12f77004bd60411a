"""The schema of the Cultuurmonitor: what the migrations make is what the models say."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect, text

from modules.cultuurmonitor import MIGRATIONS
from modules.cultuurmonitor.about import APPLICATION
from modules.cultuurmonitor.model import Base
from modules.kit import init_module
from modules.kit.database import Database
from modules.kit.session_tables import metadata as kit_metadata
from tests.modules.conftest import settings_for
from tests.modules.fake_broker import FakeBroker


def test_the_migrations_make_exactly_the_models(monitor: Flask) -> None:
    database: Database = monitor.extensions["kit_database"]
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "target_metadata": [Base.metadata, kit_metadata]}
        )
        differences = compare_metadata(context, Base.metadata)
        kit_tables = {table.name for table in kit_metadata.sorted_tables}
        assert [difference for difference in differences if not _about(difference, kit_tables)] == []
        own_tables = {table.name for table in Base.metadata.sorted_tables}
        kit_differences = compare_metadata(context, kit_metadata)
        assert [difference for difference in kit_differences if not _about(difference, own_tables)] == []


def test_a_second_start_changes_nothing(monitor: Flask) -> None:
    monitor.extensions["kit_database"].upgrade(MIGRATIONS)


def test_several_workers_may_start_at_once_on_an_empty_database(bare_database_url: str) -> None:
    program = (
        "import sys; from modules.cultuurmonitor import MIGRATIONS; from modules.kit.database import Database;"
        " Database(sys.argv[1]).upgrade(MIGRATIONS)"
    )
    workers = [
        subprocess.Popen([sys.executable, "-c", program, bare_database_url], stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [worker.communicate(timeout=180)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * 3, said


def test_an_application_without_tables_of_its_own_needs_no_migrations(
    fake_broker: FakeBroker, bare_database_url: str
) -> None:
    """The kit makes its own, once; a second start finds them there."""
    for _start in range(2):
        small = Flask("small")
        init_module(small, APPLICATION, settings_for(fake_broker, bare_database_url))
        engine = small.extensions["kit_database"].engine
        assert set(inspect(engine).get_table_names()) == {table.name for table in kit_metadata.sorted_tables}
        engine.dispose()


SESSION = {
    "id_hash": "a" * 64,
    "sub": "b" * 40,
    "organisation_code": "0999001218",
    "sealed_tokens": "sealed",
    "created_at": datetime(2026, 11, 17, 8, tzinfo=UTC),
}


@pytest.fixture
def bare(bare_database_url: str) -> Database:
    """A database at no migration yet."""
    return Database(bare_database_url)


def test_what_the_broker_ends_comes_and_goes_with_the_sessions_that_are_there(bare: Database) -> None:
    """0002: upgraded and downgraded with somebody signed in; who runs the version of before goes on meanwhile."""
    _move(bare, "0001")
    before = _insert_and_read(bare, SESSION)
    _move(bare, "0002")
    (after,) = _read(bare)
    assert {name: after[name] for name in before} == before
    assert {after[name] for name in after.keys() - before.keys()} == {None}
    _insert_and_read(bare, SESSION | {"id_hash": "c" * 64})  # by the version of before, in a rolling restart
    with bare.engine.begin() as connection:
        connection.execute(text("UPDATE kit_sessions SET sid = 'session-1', issued_at = created_at"))
        for table, key in (("kit_ended_sessions", "name_hash, ended_at"), ("kit_heard_notices", "id_hash")):
            values = "'x', CURRENT_TIMESTAMP" if "ended" in key else "'x'"
            connection.execute(text(f"INSERT INTO {table} ({key}, known_until) VALUES ({values}, CURRENT_TIMESTAMP)"))
    _move(bare, "0001")
    assert {row["id_hash"] for row in _read(bare)} == {"a" * 64, "c" * 64}
    assert _read(bare)[0].keys() == before.keys()
    _move(bare, "0002")
    assert {row["sid"] for row in _read(bare)} == {None}


def _move(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.engine.execution_options(changing=True).connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        now = connection.dialect.has_table(connection, "kit_ended_sessions")
        (command.downgrade if now and revision == "0001" else command.upgrade)(config, revision)


def _insert_and_read(database: Database, row: dict[str, object]) -> dict[str, object]:
    columns = ", ".join(row)
    with database.engine.begin() as connection:
        connection.execute(
            text(f"INSERT INTO kit_sessions ({columns}) VALUES ({', '.join(f':{name}' for name in row)})"), row
        )
    return next(found for found in _read(database) if found["id_hash"] == row["id_hash"])


def _read(database: Database) -> list[dict[str, object]]:
    with database.engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM kit_sessions ORDER BY id_hash")).mappings()
        return [dict(row) for row in rows]


def _about(difference: object, tables: set[str]) -> bool:
    """Whether alembic says only that these tables belong to the other list."""
    if not isinstance(difference, tuple):
        return False
    subject = difference[1]
    name = getattr(subject, "name", "")
    table = getattr(getattr(subject, "table", None), "name", "")
    return bool({name, table} & (tables | {"alembic_version"}))
