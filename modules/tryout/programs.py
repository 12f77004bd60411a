"""The programs of the house: how each is started, with which settings, and how one sees that it is there."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from modules.tryout.demo_secrets import KEY_SECRETS
from modules.tryout.house import REPOSITORY, House

_POORTWACHTER = (sys.executable, "-c", "from broker.cli import main; main()")
_GUNICORN = (sys.executable, "-m", "gunicorn", "--config", str(REPOSITORY / "gunicorn.conf.py"))


@dataclass(frozen=True)
class Program:
    """One program. It is there when `health` answers 200, or without an address when its log holds `says`."""

    name: str
    log: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    port: int | None = None
    health: str = ""
    says: str = ""


def broker_environment(house: House, secrets: Mapping[str, str]) -> dict[str, str]:
    """The settings of the broker, for its pages, its worker and its command line alike."""
    ours = {
        "BROKER_ENV": "development",
        "BROKER_ISSUER": f"{house.broker}/op",
        "BROKER_DATABASE_URL": f"sqlite:///{house.data / 'broker.db'}",
        "BROKER_POLICIES": f"{REPOSITORY / 'policies'}:{house.policies}",
        "BROKER_FORMS": str(REPOSITORY / "forms"),
        "BROKER_INBOX_DIR": str(house.inbox),
        "BROKER_SECRET_KEYS": secrets["BROKER_SECRET_KEYS"],
        "BROKER_CLIENT_CULTUURMONITOR": secrets["BROKER_CLIENT_CULTUURMONITOR"],
        "BROKER_CLIENT_JEUGDMONITOR": secrets["BROKER_CLIENT_JEUGDMONITOR"],
        "BROKER_CLIENT_PLUSMINMEE": secrets["BROKER_CLIENT_PLUSMINMEE"],
        "BROKER_CLIENT_PLUSMINMEE_EVENTS": secrets["BROKER_CLIENT_PLUSMINMEE_EVENTS"],
    }
    ours |= {name: secrets[name] for name in KEY_SECRETS}
    return _bare_environment() | ours


def poortwachter(*words: str) -> tuple[str, ...]:
    """The command line of the broker."""
    return (*_POORTWACHTER, *words)


def programs(house: House, secrets: Mapping[str, str]) -> list[Program]:
    """All of them, in the order in which they are started."""
    broker = broker_environment(house, secrets)
    digital_keys = _bare_environment() | {
        "DIGITAL_KEYS_BASE_URL": house.digital_keys,
        "DIGITAL_KEYS_DATA": str(house.keys),
        "DIGITAL_KEYS_CLIENTS": str(house.keys / "clients.json"),
    }
    start_page = _bare_environment() | {
        "TRYOUT_FIRST_PORT": str(house.port),
        "TRYOUT_DATA": str(house.data),
    }
    return [
        Program(
            name="the broker",
            log="broker.log",
            command=(*_GUNICORN, "--bind", f"127.0.0.1:{house.port}", "wsgi:app"),
            environment=broker,
            port=house.port,
            health=f"{house.broker}/health/live",
        ),
        Program(
            name="outbox delivery",
            log="outbox.log",
            command=poortwachter("outbox", "deliver"),
            environment=broker,
            says="worker_started",
        ),
        _application("cultuurmonitor", 1, house, secrets),
        _application("jeugdmonitor", 2, house, secrets),
        plusminmee := _application("plusminmee", 3, house, secrets, _for_plusminmee(house, secrets)),
        Program(
            name="the clock of PlusMinMee",
            log="plusminmee-clock.log",
            command=(sys.executable, "-m", "modules.plusminmee.clockwork"),
            environment=plusminmee.environment,
            says="clock_started",
        ),
        Program(
            name="the digital keys",
            log="digital-keys.log",
            command=(sys.executable, "-m", "modules.digital_keys"),
            environment=digital_keys,
            port=house.port + 4,
            health=f"{house.digital_keys}/health/live",
        ),
        Program(
            name="the start page",
            log="start-page.log",
            command=(sys.executable, "-m", "modules.tryout.start_page"),
            environment=start_page,
            port=house.port + 5,
            health=f"{house.start_page}/health/live",
        ),
    ]


def _for_plusminmee(house: House, secrets: Mapping[str, str]) -> dict[str, str]:
    return {
        "PLUSMINMEE_EVENTS_SECRET": secrets["BROKER_CLIENT_PLUSMINMEE_EVENTS"],
        "PLUSMINMEE_INBOX_DIR": str(house.inbox),
        "PLUSMINMEE_SEALING_KEYS": secrets["PLUSMINMEE_SEALING_KEYS"],
        "PLUSMINMEE_FILES_DIR": str(house.data / "plusminmee-files"),
    }


def _application(
    code: str, offset: int, house: House, secrets: Mapping[str, str], more: Mapping[str, str] | None = None
) -> Program:
    """An application that is put together with the kit; one worker: what it keeps in memory counts for all its visitors."""
    prefix, origin = code.upper(), house.address(offset)
    ours = {
        f"{prefix}_ISSUER": f"{house.broker}/op",
        f"{prefix}_CLIENT_ID": code,
        f"{prefix}_CLIENT_SECRET": secrets[f"BROKER_CLIENT_{prefix}"],
        f"{prefix}_SECRET": secrets[f"{prefix}_SECRET"],
        f"{prefix}_BASE_URL": origin,
        f"{prefix}_DATABASE_URL": f"sqlite:///{house.data / code}.db",
    }
    port = house.port + offset
    return Program(
        name=f"the {code.capitalize()}",
        log=f"{code}.log",
        command=(*_GUNICORN, "--bind", f"127.0.0.1:{port}", "--workers", "1", f"modules.{code}.wsgi:app"),
        environment=_bare_environment() | ours | dict(more or {}),
        port=port,
        health=f"{origin}/health/live",
    )


def _bare_environment() -> dict[str, str]:
    """The environment of this process without settings that belong to another installation."""
    foreign = (
        "BROKER_",
        "CULTUURMONITOR_",
        "JEUGDMONITOR_",
        "PLUSMINMEE_",
        "DIGITAL_KEYS_",
        "TRYOUT_",
        "GUNICORN_",
        "WEB_CONCURRENCY",
        "PROMETHEUS_",
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return kept | {"PYTHONUNBUFFERED": "1"}
