"""The schema of the Cultuurmonitor: what the migrations make is what the models say."""

import subprocess
import sys

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from modules.cultuurmonitor import MIGRATIONS
from modules.cultuurmonitor.model import Base
from modules.kit.database import Database
from modules.kit.session_tables import metadata as kit_metadata


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


def _about(difference: object, tables: set[str]) -> bool:
    """Whether alembic says only that these tables belong to the other list."""
    if not isinstance(difference, tuple):
        return False
    subject = difference[1]
    name = getattr(subject, "name", "")
    table = getattr(getattr(subject, "table", None), "name", "")
    return bool({name, table} & (tables | {"alembic_version"}))
