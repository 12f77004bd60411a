"""What every test may ask for. Owns the databases, the app, the clock, the inbox and the servers for browser tests.

A test that asks for `app` (or anything built on it) runs twice: on SQLite and on PostgreSQL. Each run has a database to
itself, at the newest migration and otherwise empty. Nothing here is skipped when it cannot be set up: it fails and says
what is missing.
"""

import gc
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask
from hypothesis import settings as hypothesis_settings
from sqlalchemy.orm import Session

from broker import create_app, database
from broker.catalogue import Catalogue
from broker.database import db, engines_of
from broker.settings import Settings
from tests.worlds.client import Client, ClientForTests
from tests.worlds.databases import PostgresqlDatabases, SqliteDatabases, start_postgresql
from tests.worlds.inbox import Inbox
from tests.worlds.made_once import make_once
from tests.worlds.scheduling import HouseScheduling
from tests.worlds.settings import environment, read_test_catalogue
from tests.worlds.statements import Statements
from tests.worlds.world import World

START = datetime(2026, 11, 17, 9, 0, tzinfo=ZoneInfo("Europe/Brussels"))

pytest_plugins = ["tests.worlds.browser"]

# How long one example takes says something of the machine, and nothing of the code.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")


make_once()


# Where PostgreSQL lives: one server for all processes of one run, stopped when the run is over.


def pytest_configure(config: pytest.Config) -> None:
    """Choose the folder of the PostgreSQL server in the process that leads the others."""
    if not hasattr(config, "workerinput"):
        config.stash[_SERVER_FOLDER] = tempfile.mkdtemp(prefix="poortwachter-tests-")
    else:
        config.stash[_SERVER_FOLDER] = config.workerinput["server_folder"]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, if any test needed one, and take its folder away."""
    if hasattr(config, "workerinput"):
        return
    folder = Path(config.stash[_SERVER_FOLDER])
    if (folder / "data" / "postmaster.pid").exists():
        start_postgresql(folder).stop()
    shutil.rmtree(folder, ignore_errors=True)


_SERVER_FOLDER = pytest.StashKey[str]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is loaded by now stays until the end: looking through it for rubbish, again and again, was a third of the suite."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell each worker where the server is to be."""
    node.workerinput["server_folder"] = node.config.stash[_SERVER_FOLDER]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> HouseScheduling:
    """Who runs what, where there are several processes."""
    return HouseScheduling(config, log)


# Databases


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    """SQLite files, each a copy of one that was migrated once."""
    return SqliteDatabases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def patient_link() -> Iterator[None]:
    """Where a request is answered at once, PostgreSQL is listened to for so long that a slow machine changes nothing."""
    from broker import impatient_link  # with PostgreSQL's driver, which is loaded where PostgreSQL is asked

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(impatient_link, "AT_ONCE_SECONDS", 10.0)
        yield


@pytest.fixture(scope="session")
def postgresql_databases(pytestconfig: pytest.Config, patient_link: None) -> Iterator[PostgresqlDatabases]:
    """The database of this process on the one PostgreSQL server (TEST_DATABASE_URL names another server)."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    url = os.environ.get("TEST_DATABASE_URL") or start_postgresql(Path(pytestconfig.stash[_SERVER_FOLDER])).url
    databases = PostgresqlDatabases(url, f"poortwachter_{worker}")
    yield databases
    databases.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database at the newest migration, on each kind in turn."""
    databases: SqliteDatabases | PostgresqlDatabases = request.getfixturevalue(f"{request.param}_databases")
    return databases.fresh()


@pytest.fixture(params=["sqlite", "postgresql"])
def prepared_database_url(request: pytest.FixtureRequest) -> Callable[[str, Callable[[str], None]], str]:
    """Databases of applications, on each kind in turn: the URL of one of that name, as the function leaves an empty one."""
    databases: SqliteDatabases | PostgresqlDatabases = request.getfixturevalue(f"{request.param}_databases")
    return databases.prepared


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_database_url(request: pytest.FixtureRequest) -> str:
    """A database that holds nothing at all, for the tests of the migrations themselves."""
    databases: SqliteDatabases | PostgresqlDatabases = request.getfixturevalue(f"{request.param}_databases")
    return databases.bare()


# The app


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """The policies and forms of the repository with the clients and digital keys of tests/policies; read once."""
    return read_test_catalogue(tmp_path_factory.mktemp("catalogue"))


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The one clock, at Tuesday 17 November 2026, 9 o'clock in Brussels; it ticks, and `shift` or `move_to` move it."""
    with time_machine.travel(START, tick=True) as traveller:
        yield traveller


@pytest.fixture
def still_clock(clock: time_machine.Traveller) -> time_machine.Traveller:
    """The same clock, but it stands still: for a test at the edge of a period, which a slow machine would walk over."""
    clock.move_to(datetime.now(UTC), tick=False)
    return clock


@pytest.fixture
def inbox_dir(tmp_path: Path) -> Path:
    """Where mails go instead of out."""
    folder = tmp_path / "inbox"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def make_app(
    database_url: str,
    catalogue: Catalogue,
    inbox_dir: Path,
    clock: time_machine.Traveller,
) -> Iterator[Callable[..., Flask]]:
    """Builds the broker on this test's database: `make_app(BROKER_RATE_LIMITS="on")`; `catalogue=` takes another one."""
    made: list[Flask] = []

    def make(catalogue: Catalogue = catalogue, **settings: str) -> Flask:
        app = create_app(
            Settings.from_environment(environment(database_url, inbox_dir) | settings),
            catalogue,
        )
        app.test_client_class = ClientForTests
        app.testing = True
        app.config["PROPAGATE_EXCEPTIONS"] = False  # a page of ours answers every error, in tests as well
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            for engine in engines_of(app):
                engine.dispose()


@pytest.fixture
def app(make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The broker on a fresh database, with its context open, so that operations can be performed at once.

    The changes that are counted to let one in so many take a thread are counted anew: else what a test costs would hang on how
    many came before it.
    """
    monkeypatch.setattr(database, "_done_at_once", count(1))
    app = make_app()
    with app.app_context():
        yield app
        db.session.rollback()


@pytest.fixture
def client(app: Flask) -> Client:
    """A browser without JavaScript."""
    return app.test_client()


@pytest.fixture
def session(app: Flask) -> Session:
    """The reading session of this test; what a request or an operation changed is seen at the next look."""
    return db.session()


@pytest.fixture
def world(app: Flask, catalogue: Catalogue) -> World:
    """Builds people, organisations, mandates, requests and rights by intent; missing parts are made."""
    return World(app)


@pytest.fixture
def inbox(app: Flask, inbox_dir: Path) -> Inbox:
    """Delivers the outbox and reads the mails that left."""
    return Inbox(app, inbox_dir)


@pytest.fixture
def statements(app: Flask) -> Statements:
    """Counts SQL statements: `with statements() as seen: …; assert len(seen) == 3`."""
    return Statements(*engines_of(app))


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder of the repository."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture
def run_command(
    database_url: str, inbox_dir: Path, repository: Path
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a program of the repository with the settings of this test's database."""

    def run(*command: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=repository,
            env={**os.environ, **environment(database_url, inbox_dir), **settings},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run
