"""What the tests of the applications may ask for: a fake broker, the Cultuurmonitor on a fresh database, a browser that signs in.

Owns: those fixtures. The databases come from tests/conftest.py.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from modules.cultuurmonitor import MIGRATIONS, create_app
from modules.kit import ModuleSettings
from modules.kit.database import Database
from tests.modules.fake_broker import CLIENT_SECRET, NELE, FakeBroker, person

BASE = "http://localhost:8001"


class Browser:
    """A browser without JavaScript at the Cultuurmonitor: follows to the broker and back, and fills in CSRF tokens."""

    def __init__(self, app: Flask, broker: FakeBroker) -> None:
        self.client: FlaskClient = app.test_client()
        self._broker = broker
        self._csrf = ""

    def get(self, path: str, *, follow: bool = True) -> TestResponse:
        """Open a page, by way of the broker when it sends us there."""
        return self._arrive(self.client.get(path, base_url=BASE), follow)

    def post(
        self, path: str, form: dict[str, Any] | None = None, *, follow: bool = True, csrf: bool = True
    ) -> TestResponse:
        """Send a form, with the token of the page that was looked at last."""
        typed = {**({"csrf_token": self._csrf} if csrf else {}), **(form or {})}
        return self._arrive(self.client.post(path, data=typed, base_url=BASE), follow)

    def sign_in(self, claims: dict[str, Any] | None = None) -> TestResponse:
        """Sign in as this person and see the centres."""
        if claims is not None:
            self._broker.person = claims
        return self.get("/cultuurmonitor/aanmelden")

    def _arrive(self, response: TestResponse, follow: bool) -> TestResponse:
        hops = 0
        while follow and response.status_code in (301, 302, 303) and hops < 10:
            hops += 1
            address = response.location
            if address.startswith(f"{self._broker.issuer}/v1/auth"):
                address = self._broker.authorize(address)
            elif address.startswith(self._broker.origin):
                return response
            response = self.client.get(address.removeprefix(BASE), base_url=BASE)
        found = re.search(r'name="csrf_token" value="([^"]+)"', response.text)
        if found:
            self._csrf = found[1]
        return response


@pytest.fixture
def fake_broker() -> Iterator[FakeBroker]:
    """A broker with its own keys."""
    broker = FakeBroker()
    yield broker
    broker.stop()


@pytest.fixture
def migrated_url(prepared_database_url: Callable[[str, Callable[[str], None]], str]) -> Callable[[Path], str]:
    """An empty database of each kind in turn, at the newest of the migrations in a folder."""

    def made(migrations: Path) -> str:
        def migrate(url: str) -> None:
            database = Database(url)
            database.upgrade(migrations)
            database.engine.dispose()

        return prepared_database_url(migrations.name, migrate)

    return made


@pytest.fixture
def monitor_settings(fake_broker: FakeBroker, migrated_url: Callable[[Path], str]) -> ModuleSettings:
    """Settings of a Cultuurmonitor that trusts the fake broker, on an empty database of each kind."""
    return settings_for(fake_broker, migrated_url(MIGRATIONS))


def settings_for(broker: FakeBroker, database_url: str, base_url: str = BASE) -> ModuleSettings:
    """The same, on any database."""
    return ModuleSettings(
        issuer=broker.issuer,
        client_id="cultuurmonitor",
        client_secret=CLIENT_SECRET,
        base_url=base_url,
        database_url=database_url,
        secret="tests only: a secret that signs cookies and seals tokens",
    )


@pytest.fixture
def monitor(monitor_settings: ModuleSettings, clock: time_machine.Traveller) -> Iterator[Flask]:
    """The Cultuurmonitor."""
    app = create_app(monitor_settings)
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    yield app
    app.extensions["kit_database"].engine.dispose()


@pytest.fixture
def new_browser(monitor: Flask, fake_broker: FakeBroker) -> Callable[[], Browser]:
    """Makes browsers."""
    return lambda: Browser(monitor, fake_broker)


@pytest.fixture
def browser_of_nele(new_browser: Callable[[], Browser]) -> Browser:
    """A browser in which Nele, Invoerder of Gemeente Genk, is signed in."""
    browser = new_browser()
    browser.sign_in(person(NELE))
    return browser
