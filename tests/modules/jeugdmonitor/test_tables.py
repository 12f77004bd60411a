"""The schema of the Jeugdmonitor: what the migrations make is what the models say, up and down, on both databases."""

import subprocess
import sys

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect, text

from modules.jeugdmonitor import MIGRATIONS
from modules.jeugdmonitor.model import Base
from modules.kit.database import Database
from modules.kit.session_tables import metadata as kit_metadata


def test_the_migrations_make_exactly_the_models(monitor: Flask) -> None:
    database: Database = monitor.extensions["kit_database"]
    both = [*Base.metadata.sorted_tables, *kit_metadata.sorted_tables]
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        for metadata in (Base.metadata, kit_metadata):
            others = {table.name for table in both} - set(metadata.tables)
            assert [one for one in compare_metadata(context, metadata) if not _about(one, others)] == []


def test_a_second_start_changes_nothing(monitor: Flask) -> None:
    monitor.extensions["kit_database"].upgrade(MIGRATIONS)


def test_several_workers_may_start_at_once_on_an_empty_database(bare_database_url: str) -> None:
    program = (
        "import sys; from modules.jeugdmonitor import MIGRATIONS; from modules.kit.database import Database;"
        " Database(sys.argv[1]).upgrade(MIGRATIONS)"
    )
    workers = [
        subprocess.Popen([sys.executable, "-c", program, bare_database_url], stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [worker.communicate(timeout=180)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * 3, said


def test_what_was_made_can_be_taken_away_and_made_again(bare_database_url: str) -> None:
    database = Database(bare_database_url)
    database.upgrade(MIGRATIONS)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.engine.execution_options(changing=True).connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
        if connection.dialect.name == "postgresql":
            left = "SELECT count(*) FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'public'"
            assert connection.scalar(text(left)) == 0
    database.upgrade(MIGRATIONS)
    database.engine.dispose()


def _about(difference: object, tables: set[str]) -> bool:
    """Whether alembic says only that these tables belong to the other list."""
    if not isinstance(difference, tuple):
        return False
    subject = difference[1]
    name = getattr(subject, "name", "")
    table = getattr(getattr(subject, "table", None), "name", "")
    return bool({name, table} & (tables | {"alembic_version"}))
