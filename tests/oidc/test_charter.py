"""The charter of an application: agreed to with the request, again after a new version; without it no token (seed 000, step 4)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from broker import clock as broker_clock
from broker.access.accept_charter import accept_charter
from broker.access.access_request import AccessRequest
from broker.access.charter_acceptance import CharterAcceptance
from broker.audit import AuditEvent
from broker.catalogue import Catalogue
from broker.catalogue.model import Charter
from broker.database import perform
from broker.errors import ConflictError, NotFoundError
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text
from tests.oidc.conftest import Relying, answer_of
from tests.worlds.client import Client
from tests.worlds.statements import Statements
from tests.worlds.world import LB_ENTERER, World

Make = Callable[..., Relying]
VERSION = "2026-1"


@pytest.fixture(scope="session")
def catalogue(catalogue: Catalogue) -> Catalogue:
    """The Cultuurmonitor with a charter."""
    charter = Charter(
        VERSION, Text("Charter van de proef", "Charter of the trial"), (Text("Wees zuinig.", "Be sparing."),)
    )
    application = replace(catalogue.applications["cultuurmonitor"], charter=charter)
    return replace(catalogue, applications={**catalogue.applications, "cultuurmonitor": application})


def agree(world: World, person: Person) -> None:
    perform(accept_charter, world.installation, person.id, "cultuurmonitor", VERSION)


def test_before_the_first_code_the_charter_is_read_and_agreed_to_once(
    relying: Make, nele: Person, client: Client, session: Session
) -> None:
    """W12: also for who never sent a request."""
    asking = relying()
    page = asking.authorize()
    assert page.status_code == 200
    assert "Wees zuinig." in page.text
    done = client.submit(page, form="/auth/charter", press=("antwoord", "ja"))
    assert "code" in answer_of(done)
    kept = session.scalars(select(CharterAcceptance)).one()
    assert (kept.person_id, kept.application_code, kept.version) == (nele.id, "cultuurmonitor", VERSION)
    assert broker_clock.now() - kept.accepted_at < timedelta(seconds=5)
    events = session.scalars(select(AuditEvent.details).where(AuditEvent.name == "access:charter:accept")).all()
    assert events == [{"application": "cultuurmonitor", "version": VERSION}]
    assert "code" in answer_of(relying().authorize()), "never asked again"


def test_who_does_not_agree_gets_no_code_and_the_application_hears_so(
    relying: Make, nele: Person, client: Client, session: Session
) -> None:
    page = relying().authorize()
    done = client.submit(page, form="/auth/charter", press=("antwoord", "nee"))
    assert answer_of(done)["error"] == "access_denied"
    assert session.scalars(select(CharterAcceptance)).all() == []


def test_a_new_version_is_asked_at_the_next_sign_in(
    relying: Make, nele: Person, world: World, session: Session
) -> None:
    with_old = CharterAcceptance(
        person_id=nele.id, application_code="cultuurmonitor", version="2025-1", accepted_at=broker_clock.now()
    )
    world._keep(with_old)
    assert "Wees zuinig." in relying().authorize().text


def test_agreeing_to_another_version_than_that_of_now_shows_that_one(
    relying: Make, nele: Person, client: Client, session: Session
) -> None:
    page = relying().authorize()
    again = client.submit(page, {"versie": "2025-1"}, form="/auth/charter", press=("antwoord", "ja"))
    assert again.status_code == 200
    assert "Wees zuinig." in again.text
    assert session.scalars(select(CharterAcceptance)).all() == []


def test_a_quiet_request_hears_that_the_person_is_needed(relying: Make, nele: Person) -> None:
    assert answer_of(relying().authorize(prompt="none"))["error"] == "interaction_required"


def test_the_yes_of_another_is_not_mine(relying: Make, nele: Person, world: World) -> None:
    agree(world, world.person("Tom Peeters"))
    assert "Wees zuinig." in relying().authorize().text


def test_an_agreed_charter_costs_one_look_and_stays_on_the_straight_way(
    relying: Make, nele: Person, world: World, statements: Statements
) -> None:
    agree(world, nele)
    relying().code()
    with statements() as seen:
        relying().code()
    assert len([each for each in seen if "charter_acceptances" in each]) == 1


def test_a_charter_that_does_not_exist_or_is_old_cannot_be_agreed_to(world: World, nele: Person) -> None:
    with pytest.raises(NotFoundError):
        perform(accept_charter, world.installation, nele.id, "geen", VERSION)
    with pytest.raises(ConflictError):
        perform(accept_charter, world.installation, nele.id, "cultuurmonitor", "2025-1")


def test_everybody_can_read_the_charter(client: Client) -> None:
    page = client.get("/toepassingen/cultuurmonitor/charter")
    assert "Wees zuinig." in page.text
    assert VERSION in page.text
    assert client.get("/toepassingen/geen/charter").status_code == 404


@pytest.fixture
def genk(world: World) -> Organisation:
    organisation = world.organisation("Genk")
    world.administrator_of(organisation)
    return organisation


def _to_check_page(client: Client, genk: Organisation, person: Person) -> TestResponse:
    path = f"/user/aanvraag?dg=LB&ec={LB_ENTERER}&oc={genk.code}"
    form = client.get(path)
    return client.submit(
        form, {"email": person.email, "centre": "De Kring"}, form="/user/aanvraag", press=("doe", "verder")
    )


def test_asking_is_agreeing_and_the_request_says_to_which_version(
    world: World, client: Client, session: Session, genk: Organisation, relying: Make
) -> None:
    tom = world.person("Tom Peeters", works_for=genk)
    world.sign_in(client, tom)
    check = _to_check_page(client, genk, tom)
    refused = client.submit(check, form="/user/aanvraag", press=("doe", "verstuur"))
    assert refused.status_code == 422
    assert "Kruis aan dat u het charter las" in refused.text
    assert session.scalars(select(AccessRequest)).all() == []
    sent = client.submit(refused, {"charter": VERSION}, form="/user/aanvraag", press=("doe", "verstuur"))
    assert sent.status_code == 303
    assert session.scalars(select(AccessRequest)).one().charter_version == VERSION
    assert session.scalars(select(CharterAcceptance.person_id)).all() == [tom.id]


def test_who_typed_a_name_agrees_for_nobody_who_signs_in_later(
    world: World, session: Session, genk: Organisation
) -> None:
    """SR5: a typed identity is the word of a stranger; it stands on the request alone."""
    world.typed_request(genk, charter_version=VERSION)
    assert session.scalars(select(AccessRequest)).one().charter_version == VERSION
    assert session.scalars(select(CharterAcceptance)).all() == []


def test_what_was_agreed_to_never_changes(
    world: World, nele: Person, session: Session, clock: time_machine.Traveller
) -> None:
    agree(world, nele)
    clock.shift(timedelta(days=1))
    agree(world, nele)
    kept = session.scalars(select(CharterAcceptance)).one()
    assert kept.accepted_at < broker_clock.now() - timedelta(hours=23), "the first yes stands"
    kept.version = "2027-1"
    with pytest.raises(Exception, match="never changes"):
        session.flush()
    session.rollback()
