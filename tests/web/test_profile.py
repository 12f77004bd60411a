"""Mijn profiel: what somebody sees and settles of themselves, and nobody else's."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy.orm import Session

from broker import clock
from broker.access.grant import Grant
from broker.authentication.browser_session import BrowserSession
from broker.notifications import OutboxMessage
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.retention.own_data import LEFT_OUT, SECTIONS, own_data
from broker.retention.register import PERSONAL
from tests.worlds.client import Client
from tests.worlds.statements import Statements
from tests.worlds.world import World

PATH = "/mijn-profiel"


@pytest.fixture
def genk(world: World) -> Organisation:
    return world.organisation("Genk")


@pytest.fixture
def nele(world: World, genk: Organisation, client: Client) -> Person:
    """Somebody of Genk, signed in."""
    person = world.person("Nele Vercauteren", works_for=genk)
    world.sign_in(client, person)
    return person


def test_it_shows_my_rights_my_requests_and_who_my_administrators_are(
    world: World, client: Client, genk: Organisation, nele: Person
) -> None:
    ilse = world.administrator_of(genk, "Ilse Maes", head=True)
    world.grant(nele, genk, "raadpleger")
    request = world.request(nele, world.organisation("Diest"), right="invoerder", change_of_role=True)
    world.grant(world.person("Tom Peeters"), genk, "invoerder")
    page = client.get(PATH).text
    assert "Cultuurmonitor Raadpleger" in page
    assert request.number in page
    assert "Ilse Maes" in page
    assert "hoofd lokale beheerder" in page
    assert f"mailto:{ilse.email}" in page
    assert "Tom Peeters" not in page, "a colleague's rights are none of it"


def test_my_name_in_the_head_of_every_page_leads_there(client: Client, nele: Person) -> None:
    assert f'href="{PATH}"' in client.get("/").text


def test_a_right_that_an_administrator_gave_directly_can_be_given_back(
    world: World, client: Client, session: Session, genk: Organisation, nele: Person
) -> None:
    grant = world.grant(nele, genk)
    asked = client.get(f"{PATH}/rechten/{grant.id}/teruggeven")
    assert "uw recht stopt meteen" in asked.text
    done = client.submit(asked, form="/teruggeven", follow_redirects=True)
    assert "U gaf uw recht terug." in done.text
    assert session.get_one(Grant, grant.id).end_reason == "given_back"
    assert client.get(f"{PATH}/rechten/{grant.id}/teruggeven").status_code == 404


def test_the_right_of_somebody_else_does_not_exist_here(
    world: World, client: Client, genk: Organisation, nele: Person
) -> None:
    grant = world.grant(world.person("Tom Peeters"), genk)
    page = client.get(PATH)
    path = f"{PATH}/rechten/{grant.id}/teruggeven"
    assert client.get(path).status_code == 404
    assert client.submit(page, form="/taal", data={"taal": "en"}).status_code == 303
    assert client.post(path, data={"csrf_token": client.csrf_token(PATH)}).status_code == 404


def test_a_session_in_another_browser_ends_at_once_and_says_so(
    world: World, app: object, client: Client, session: Session, nele: Person
) -> None:
    elsewhere = Client(client.application)
    other = world.sign_in(elsewhere, nele)
    page = client.get(PATH)
    assert page.text.count("Beëindig<") == 2, "this browser and the other"
    done = client.submit(page, form=f"/sessies/{other.id}/beeindig", follow_redirects=True)
    assert "Die sessie is beëindigd." in done.text
    assert session.get_one(BrowserSession, other.id).end_reason == "ended_by_person"
    assert elsewhere.get(PATH).status_code == 303, "it is signed out there"
    assert client.get(PATH).status_code == 200


def test_all_other_sessions_end_and_this_one_stays(
    world: World, client: Client, session: Session, nele: Person
) -> None:
    others = [world.sign_in(Client(client.application), nele) for _ in range(3)]
    done = client.submit(client.get(PATH), form="/beeindig-andere", follow_redirects=True)
    assert "Uw andere sessies zijn beëindigd." in done.text
    assert all(session.get_one(BrowserSession, each.id).ended_at for each in others)


def test_ending_this_very_session_leads_to_the_door(world: World, client: Client, nele: Person) -> None:
    here = world.sign_in(client, nele)
    done = client.submit(client.get(PATH), form=f"/sessies/{here.id}/beeindig")
    assert done.headers["Location"] == "/afgemeld"
    assert client.get(PATH).status_code == 303


def test_the_session_of_somebody_else_is_not_there_to_be_ended(
    world: World, client: Client, session: Session, nele: Person
) -> None:
    other = world.sign_in(Client(client.application), world.person("Tom Peeters"))
    token = client.csrf_token(PATH)
    assert client.post(f"{PATH}/sessies/{other.id}/beeindig", data={"csrf_token": token}).status_code == 404
    assert session.get_one(BrowserSession, other.id).ended_at is None


def test_the_language_is_that_of_the_next_page_and_of_mails(
    world: World, client: Client, session: Session, nele: Person
) -> None:
    client.get("/?taal=nl")
    done = client.submit(client.get(PATH), {"taal": "en"}, form="/taal", follow_redirects=True)
    assert "My profile" in done.text, "the choice goes before what was once clicked in the foot"
    assert session.get_one(Person, nele.id).language == "en"
    assert client.submit(done, {"taal": "tlh"}, form="/taal").status_code == 422


def test_my_data_is_a_file_with_all_of_it_and_no_number(
    world: World, client: Client, genk: Organisation, nele: Person
) -> None:
    """RE5: deciders by function only; the number leaves in no file."""
    ilse = world.administrator_of(genk, "Ilse Maes")
    world.grant(nele, genk, "raadpleger", given_by=ilse.id)
    request = world.request(nele, world.organisation("Diest"), right="invoerder", change_of_role=True)
    answer = client.submit(client.get(f"{PATH}/gegevens"), form="/gegevens")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="mijn-gegevens-')
    assert "no-store" in answer.headers["Cache-Control"]
    data = json.loads(answer.text)
    assert data["person"]["given_name"] == "Nele"
    assert data["rights"][0]["given_by"] == "an administrator or officer"
    assert [each["number"] for each in data["requests"]] == [request.number]
    assert data["sign_ins"][0]["digital_key"] == "itsme"
    assert "Ilse" not in answer.text
    assert str(nele.number_hash) not in answer.text
    again = json.loads(client.submit(client.get(f"{PATH}/gegevens"), form="/gegevens").text)
    assert "people:person:take_data" in [each["what"] for each in again["history"]], "the audit knows it was taken"


def test_who_left_a_computer_open_leaves_no_data_to_be_taken(
    world: World, client: Client, nele: Person, clock: time_machine.Traveller
) -> None:
    """RE5: a recent sign-in is asked, not only a cookie."""
    page = client.get(f"{PATH}/gegevens")
    clock.shift(timedelta(minutes=16))
    for answer in (client.get(f"{PATH}/gegevens"), client.submit(page, form="/gegevens")):
        assert answer.status_code == 303
        assert "vers=1" in answer.headers["Location"]
        assert "gegevens" in answer.headers["Location"]


def test_every_place_with_personal_data_is_in_the_file_or_left_out_for_a_reason() -> None:
    """RE5, RE1: what the register has, the file has."""
    covered = {table for _, tables in SECTIONS.values() for table in tables}
    assert set(PERSONAL) <= covered | set(LEFT_OUT)
    assert not covered & set(LEFT_OUT)


def test_the_page_asks_the_same_of_the_database_for_two_rights_and_for_two_hundred(
    world: World, client: Client, nele: Person, statements: Statements
) -> None:
    def seen() -> int:
        client.get(PATH)
        with statements() as asked:
            assert client.get(PATH).status_code == 200
        return len(asked)

    world.grant(nele, world.organisation("Een"), "raadpleger", role_key=None)
    few = seen()
    for place in range(40):
        organisation = world.organisation(f"Plaats {place}")
        world.administrator_of(organisation, "Iemand Anders")
        world.grant(nele, organisation, "raadpleger", role_key=None, valid_until=clock.now() + timedelta(days=9))
    assert seen() == few <= 12


def test_an_address_that_was_typed_for_somebody_tells_them_nothing_of_its_owner(world: World, session: Session) -> None:
    """RE5, rule 1: the messages in the file are those to addresses that this person proved."""
    victim, nele = world.person("Vera Slachtoffer", email="vera@gent.test"), world.person("Nele Claes")
    world.affiliation(nele, world.organisation("Genk"), email="vera@gent.test", email_source="entered")
    world._keep(
        OutboxMessage(
            channel="mail",
            template="granted",
            recipient=str(victim.email),
            language="nl",
            idempotency_key="one",
            created_at=datetime.now(UTC),
            next_attempt_at=datetime.now(UTC),
        )
    )
    assert own_data(session, nele.id)["messages"] == []
    assert len(own_data(session, victim.id)["messages"]) == 1
