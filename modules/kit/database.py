"""The application's own database: one session a request to read, one transaction an operation to change.

Owns: the engine's settings on SQLite and PostgreSQL, instants in UTC, `perform`, and bringing the schema up to date at
start. Does not own any table of an application; its own two are in session_tables.py.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Concatenate, ParamSpec, TypeVar

from alembic import command
from alembic.config import Config
from flask import Flask, current_app, g
from sqlalchemy import Connection, DateTime, Dialect, Engine, MetaData, create_engine, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

P = ParamSpec("P")
T = TypeVar("T")

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
ATTEMPTS = 3
BUSY_TIMEOUT_MS = 5_000
WAIT_FOR_ANOTHER_MS = 600_000
SWITCH_AGAIN_SECONDS = 0.02
MIGRATION_LOCK = 7_310_002
_WORTH_ANOTHER_TRY = {"40001", "40P01", "55P03"}


class BusyError(Exception):
    """The database could not be had in time; nothing was changed."""


class Instant(TypeDecorator[datetime]):
    """An aware instant in UTC on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """The database of one application."""

    def __init__(self, url: str) -> None:
        if url.startswith("postgresql://"):
            url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        self.engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
        if self.engine.dialect.name == "sqlite":
            _behave(self.engine)

    def init_app(self, app: Flask) -> None:
        """Close the reading session at the end of each request."""
        app.extensions["kit_database"] = self
        app.teardown_appcontext(_close_reading)

    def upgrade(self, migrations: Path) -> None:
        """Bring the schema up to date; several processes may start at once, one does it."""
        config = Config()
        config.set_main_option("script_location", str(migrations))
        with self._alone() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def create(self, tables: MetaData) -> None:
        """Make the tables that are not there yet; several processes may start at once, one does it."""
        with self._alone() as connection:
            tables.create_all(connection)

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        with self.engine.execution_options(changing=True).connect() as connection:
            if connection.dialect.name == "sqlite":
                _wait_up_to(connection, WAIT_FOR_ANOTHER_MS)
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
                yield connection
            if connection.dialect.name == "sqlite":
                _wait_up_to(connection, BUSY_TIMEOUT_MS)

    def reading(self) -> Session:
        """The session of this request, for reading only."""
        if "kit_reading" not in g:
            g.kit_reading = Session(self.engine, autoflush=False)
        session: Session = g.kit_reading
        return session

    def perform(self, operation: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `operation(session, …)` in one transaction, again when the database was busy.

        Raises:
            BusyError: three times busy.
        """
        _close_reading(None)  # what this request read may not outlive the world it saw
        for attempt in range(1, ATTEMPTS + 1):
            session = Session(self.engine.execution_options(changing=True), expire_on_commit=False)
            try:
                with session.begin():
                    if self.engine.dialect.name == "postgresql":
                        session.execute(text("SET LOCAL lock_timeout = '3s'"))
                    return operation(session, *args, **kwargs)
            except DBAPIError as error:
                if not _worth_another_try(error):
                    raise
                if attempt == ATTEMPTS:
                    raise BusyError from error
            finally:
                session.close()
        raise BusyError


def database() -> Database:
    """The database of the application that serves this request."""
    found: Database = current_app.extensions["kit_database"]
    return found


def _close_reading(_error: BaseException | None) -> None:
    session: Session | None = g.pop("kit_reading", None)
    if session is not None:
        session.close()


def _worth_another_try(error: DBAPIError) -> bool:
    if isinstance(error, IntegrityError):
        return False
    return getattr(error.orig, "sqlstate", None) in _WORTH_ANOTHER_TRY or "database is locked" in str(error.orig)


def _wait_up_to(connection: Connection, milliseconds: int) -> None:
    """How long this connection of SQLite waits for another writer."""
    driver = connection.connection.dbapi_connection
    assert driver is not None
    driver.execute(f"PRAGMA busy_timeout={milliseconds}")


def _behave(engine: Engine) -> None:
    """SQLite as the operations expect: WAL, foreign keys, and a writer that says so at once."""

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we emit BEGIN ourselves, below
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        _write_ahead(cursor)
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        changing = connection.get_execution_options().get("changing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if changing else "BEGIN")


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """Of several workers that open a new file at once, all but one are told that it is locked, without the wait of busy_timeout."""
    until = monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() >= until:
                raise
        sleep(SWITCH_AGAIN_SECONDS)
