"""What the tests of PlusMinMee may ask for: the application on a fresh database, professionals with their browsers, groups.

Owns: those fixtures. The fake broker and the databases come from above.
"""

import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine
from werkzeug.serving import make_server

from modules.kit import ModuleSettings
from modules.kit.database import Database
from modules.plusminmee import MIGRATIONS, create_app
from modules.plusminmee.keeping import Keeping
from modules.plusminmee.sealing_keys import new_entry
from tests.modules.fake_broker import CLIENT_SECRET, FakeBroker
from tests.modules.plusminmee.visitors import BASE, Visitor
from tests.worlds.statements import Statements

EVENTS_SECRET = "tests only: the bearer that the broker shows"
FATIMA, ANTON, SANNE, VERA = (
    {
        "sub": sign * 40,
        "vo_id": f"{sign * 8}-{sign * 4}-4{sign * 3}-8{sign * 3}-{sign * 12}",
        "given_name": given,
        "family_name": family,
        "vo_email": f"{given.lower()}@voorbeeld.test",
    }
    for sign, given, family in (
        ("a", "Fatima", "Haddad"),
        ("b", "Anton", "Bos"),
        ("c", "Sanne", "Dekker"),
        ("d", "Vera", "Smit"),
    )
)
ELZEVOORDE = ("NLELZEVOORDE", "Gemeente Elzevoorde")
POLITIE = ("NLPOLITIEELZ", "Politie basisteam Elzevoorde")


def claims_of(who: dict[str, str], right: str | None, organisation: tuple[str, str]) -> dict[str, Any]:
    """The person claims of an access token for PlusMinMee: a right without a context (decision 17)."""
    code, name = organisation
    return {
        **who,
        "vo_doelgroepcode": "NL",
        "vo_doelgroepnaam": "Organisaties in Nederland",
        "vo_orgcode": code,
        "vo_orgnaam": name,
        "pmm_rol_3d": [f"{right}:{code}"] if right else [],
    }


def tool_settings(broker: FakeBroker, database_url: str, base_url: str = BASE) -> ModuleSettings:
    """Settings of a PlusMinMee that trusts the fake broker."""
    return ModuleSettings(
        issuer=broker.issuer,
        client_id="plusminmee",
        client_secret=CLIENT_SECRET,
        base_url=base_url,
        database_url=database_url,
        secret="tests only: a secret that signs cookies and seals tokens",
        events_secret=EVENTS_SECRET,
    )


def kept_in(folder: Path) -> Keeping:
    """Keys of the tests, and files in this folder."""
    return Keeping.from_environment(
        {"PLUSMINMEE_SEALING_KEYS": new_entry("test1"), "PLUSMINMEE_FILES_DIR": str(folder / "files")}
    )


@pytest.fixture
def tool_broker(fake_broker: FakeBroker) -> FakeBroker:
    """A broker with PlusMinMee as its client."""
    fake_broker.access_token_changes = {"aud": "plusminmee", "client_id": "plusminmee"}
    fake_broker.id_token_changes = {"aud": "plusminmee", "azp": "plusminmee"}
    fake_broker.person = claims_of(FATIMA, "PMMBeheerder", ELZEVOORDE)
    return fake_broker


@pytest.fixture
def tool(
    tool_broker: FakeBroker,
    migrated_url: Callable[[Path], str],
    clock: time_machine.Traveller,
    tmp_path: Path,
) -> Iterator[Flask]:
    """PlusMinMee, on an empty database of each kind."""
    app = create_app(tool_settings(tool_broker, migrated_url(MIGRATIONS)), kept_in(tmp_path))
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    yield app
    app.extensions["kit_database"].engine.dispose()


@pytest.fixture
def engine(tool: Flask) -> Engine:
    """The database below it."""
    database: Database = tool.extensions["kit_database"]
    return database.engine


@pytest.fixture
def statements(engine: Engine) -> Statements:
    """Counts what a page asks of the database."""
    return Statements(engine)


@pytest.fixture
def new_visitor(tool: Flask, tool_broker: FakeBroker) -> Callable[..., Visitor]:
    """Makes browsers in which somebody is signed in, who has closed the notes of the newest version."""

    def make(
        who: dict[str, str],
        right: str | None = "PMMGebruiker",
        organisation: tuple[str, str] = ELZEVOORDE,
        *,
        notes_closed: bool = True,
    ) -> Visitor:
        browser = Visitor(tool, tool_broker)
        browser.sign_in(claims_of(who, right, organisation))
        if notes_closed and browser.sees_notes:
            browser.close_notes()
        return browser

    return make


@pytest.fixture
def fatima(new_visitor: Callable[..., Visitor]) -> Visitor:
    """Fatima, PMM Beheerder of Gemeente Elzevoorde."""
    return new_visitor(FATIMA, "PMMBeheerder")


@pytest.fixture
def anton(new_visitor: Callable[..., Visitor]) -> Visitor:
    """Anton, PMM Gebruiker of the police: another organisation."""
    return new_visitor(ANTON, "PMMGebruiker", POLITIE)


@pytest.fixture
def sanne(new_visitor: Callable[..., Visitor]) -> Visitor:
    """Sanne, PMM Gebruiker of Gemeente Elzevoorde."""
    return new_visitor(SANNE)


@pytest.fixture
def group(fatima: Visitor) -> uuid.UUID:
    """A group of Fatima's, with her as its beheerder."""
    return fatima.make_group("Groep Stationsplein")


@pytest.fixture
def member(fatima: Visitor, anton: Visitor, group: uuid.UUID) -> Visitor:
    """Anton, who accepted an invitation into that group."""
    fatima.invite(group, ANTON["vo_email"])
    anton.accept()
    return anton


@pytest.fixture
def address(tool_broker: FakeBroker, tmp_path: Path, clock: time_machine.Traveller) -> Iterator[str]:
    """PlusMinMee over real HTTP, at its own origin."""
    server = make_server("127.0.0.1", 0, Flask("not there yet"), threaded=True)
    origin = f"http://127.0.0.1:{server.server_port}"
    server.app = app = create_app(
        tool_settings(tool_broker, f"sqlite:///{tmp_path / 'tool.db'}", origin), kept_in(tmp_path)
    )
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield origin
    server.shutdown()
    server.server_close()
    app.extensions["kit_database"].engine.dispose()
