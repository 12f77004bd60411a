"""What the tests of the Jeugdmonitor may ask for: the application on a fresh database, coordinators, rounds, respondents.

Owns: those fixtures. The fake broker and the databases come from above.
"""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, selectinload

from modules.jeugdmonitor import MIGRATIONS, create_app
from modules.jeugdmonitor.model import Round
from modules.kit import ModuleSettings
from modules.kit.database import Database
from tests.modules.fake_broker import CLIENT_SECRET, ILSE, NELE, ORG, OTHER_ORG, FakeBroker
from tests.modules.jeugdmonitor.visitors import BASE, Coordinator, Respondent


def coordinator_claims(
    who: dict[str, str] = NELE,
    organisation: str = ORG,
    name: str = "Gemeente Genk",
    right: str | None = "DCJMJeugdmonitor",
) -> dict[str, Any]:
    """The person claims of an access token for the Jeugdmonitor."""
    return {
        **who,
        "vo_doelgroepcode": "LB",
        "vo_doelgroepnaam": "Lokale besturen",
        "vo_orgcode": organisation,
        "vo_orgnaam": name,
        "dcjm_jeugdmonitor_rol_3d": [f"{right}-Projectcoordinator:{organisation}"] if right else [],
    }


def youth_settings(broker: FakeBroker, database_url: str, base_url: str = BASE) -> ModuleSettings:
    """Settings of a Jeugdmonitor that trusts the fake broker."""
    return ModuleSettings(
        issuer=broker.issuer,
        client_id="jeugdmonitor",
        client_secret=CLIENT_SECRET,
        base_url=base_url,
        database_url=database_url,
        secret="tests only: a secret that signs cookies and seals tokens",
    )


def serve_as_jeugdmonitor(broker: FakeBroker) -> None:
    """Let the fake broker issue tokens for this application."""
    broker.access_token_changes = {"aud": "jeugdmonitor", "client_id": "jeugdmonitor"}
    broker.id_token_changes = {"aud": "jeugdmonitor", "azp": "jeugdmonitor"}
    broker.person = coordinator_claims()


@pytest.fixture
def youth_broker(fake_broker: FakeBroker) -> FakeBroker:
    """A broker with the Jeugdmonitor as its client."""
    serve_as_jeugdmonitor(fake_broker)
    return fake_broker


@pytest.fixture
def monitor(
    youth_broker: FakeBroker, migrated_url: Callable[[Path], str], clock: time_machine.Traveller
) -> Iterator[Flask]:
    """The Jeugdmonitor, on an empty database of each kind."""
    app = create_app(youth_settings(youth_broker, migrated_url(MIGRATIONS)))
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    yield app
    app.extensions["kit_database"].engine.dispose()


@pytest.fixture
def engine(monitor: Flask) -> Engine:
    """The database below it."""
    database: Database = monitor.extensions["kit_database"]
    return database.engine


class NowSession(Session):
    """A session that reads what is there now: a look sees what was committed after the one before."""

    def scalars(self, *args: Any, **kwargs: Any) -> Any:
        self.rollback()
        return super().scalars(*args, **kwargs)

    def scalar(self, *args: Any, **kwargs: Any) -> Any:
        self.rollback()
        return super().scalar(*args, **kwargs)


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """Reads what is there now."""
    with NowSession(engine, autoflush=False) as opened:
        yield opened


@pytest.fixture
def new_coordinator(monitor: Flask, youth_broker: FakeBroker) -> Callable[..., Coordinator]:
    """Makes browsers in which a coordinator is signed in."""

    def make(claims: dict[str, Any] | None = None) -> Coordinator:
        browser = Coordinator(monitor, youth_broker)
        browser.sign_in(claims or coordinator_claims())
        return browser

    return make


@pytest.fixture
def nele(new_coordinator: Callable[..., Coordinator]) -> Coordinator:
    """Nele, project coordinator of Gemeente Genk."""
    return new_coordinator()


@pytest.fixture
def colleague(new_coordinator: Callable[..., Coordinator]) -> Coordinator:
    """Ilse, project coordinator of the same municipality."""
    return new_coordinator(coordinator_claims(ILSE))


@pytest.fixture
def neighbour(new_coordinator: Callable[..., Coordinator]) -> Coordinator:
    """Ilse, as project coordinator of another municipality."""
    return new_coordinator(coordinator_claims(ILSE, OTHER_ORG, "Gemeente Hasselt"))


@pytest.fixture
def new_respondent(monitor: Flask) -> Callable[..., Respondent]:
    """Makes browsers of respondents: `new_respondent(round)`, each with nothing in it."""
    return lambda round_, address="203.0.113.7": Respondent(monitor, round_.link_key, address)


@pytest.fixture
def draft(nele: Coordinator, session: Session) -> Round:
    """A draft of Nele for 8 to 14 years, from 10 November to 18 December 2026, with the proposed questions."""
    return found(session, nele.begin_round())


@pytest.fixture
def open_round(nele: Coordinator, draft: Round, session: Session) -> Round:
    """The same, open."""
    nele.open_round(draft.id)
    return found(session, draft.id)


def found(session: Session, round_id: uuid.UUID) -> Round:
    """The round as it is now; its columns stay readable whatever happens next."""
    session.rollback()
    round_ = session.scalars(select(Round).where(Round.id == round_id).options(selectinload(Round.questions))).one()
    session.expunge_all()
    return round_
