"""The schema of the database: bringing it to the newest migration, and knowing whether it is there.

Owns: how Alembic is called, by the command line, by the tests and by readiness. Does not own any table (`broker.tables`
gathers them) nor what a migration does (migrations/broker/versions).
"""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations" / "broker"
_REVISION = re.compile(r'^(revision|down_revision) = "(\w+)"$', re.MULTILINE)


def _config(connection: Connection | None = None) -> "Config":
    from alembic.config import Config  # Alembic is large, and a broker that serves never migrates

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to `revision`: all of it, or nothing where the database can take a schema change back."""
    from alembic import command

    with engine.connect() as connection:
        _wait_for_locks(connection)
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to `revision`; "base" is the empty database."""
    from alembic import command

    with engine.connect() as connection:
        _wait_for_locks(connection)
        command.downgrade(_config(connection), revision)


def _wait_for_locks(connection: Connection) -> None:
    """A migration waits for whoever is at work, where an operation would rather be tried again."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET lock_timeout = 0")
        connection.commit()


def current_revision(connection: Connection) -> str | None:
    """The migration that the database is at; None when it was never migrated."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


@cache
def newest_revision() -> str:
    """The migration that this program expects: the one that no other builds on. Read from the files themselves, as
    readiness asks it at every turn."""
    named: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for file in (MIGRATIONS / "versions").glob("*.py"):
        for kind, revision in _REVISION.findall(file.read_text(encoding="utf-8")):
            named[kind].add(revision)
    (newest,) = named["revision"] - named["down_revision"]
    return newest
