"""The helpdesk looks up for somebody who calls, read-only, and it is written down (seed-sentences M6)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock as broker_clock
from broker.audit import AuditEvent
from broker.people.mandate import HELPDESK, HELPDESK_SCOPE, Mandate
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.web.test_owner import owner_of
from tests.worlds.client import Client
from tests.worlds.world import World

PATH = "/opzoeken"


@pytest.fixture
def genk(world: World) -> Organisation:
    return world.organisation("Genk")


@pytest.fixture
def hilde(world: World, client: Client) -> Person:
    """Somebody of 1700, signed in."""
    person = world.person("Hilde Wouters")
    world._keep(Mandate(person_id=person.id, kind=HELPDESK, scope_key=HELPDESK_SCOPE, valid_from=broker_clock.now()))
    world.sign_in(client, person)
    return person


def test_a_request_is_found_by_its_number_without_the_number_of_the_person(
    world: World, client: Client, session: Session, genk: Organisation, hilde: Person
) -> None:
    world.administrator_of(genk)
    number = world.number()
    request = world.typed_request(genk, name="Hanne Smet", number=number, email="hanne.smet@voorbeeld.test")
    spoken = f" {request.number.lower().replace('-', ' -')} "
    page = client.submit(client.get(PATH), {"nummer": spoken}, form="/opzoeken/aanvraag")
    assert page.status_code == 200
    assert "Hanne Smet" in page.text
    assert "een lokale beheerder van Genk" in page.text
    assert "hanne.smet@voorbeeld.test" not in page.text
    assert number not in page.text
    assert number[-4:] not in page.text, "nor its last digits"
    event = session.scalars(select(AuditEvent).where(AuditEvent.name == "access:request:look_up")).one()
    assert (event.actor_id, event.subject_id, event.details) == (hilde.id, request.id, {"found": True})


def test_a_number_that_does_not_exist_is_said_so_and_is_written_down_too(
    client: Client, session: Session, hilde: Person
) -> None:
    page = client.submit(client.get(PATH), {"nummer": "PW-2026-000000"}, form="/opzoeken/aanvraag")
    assert page.status_code == 422
    assert "PW-2026-000000" in page.text
    event = session.scalars(select(AuditEvent).where(AuditEvent.name == "access:request:look_up")).one()
    assert event.details == {"found": False}
    assert client.submit(page, {"nummer": ""}, form="/opzoeken/aanvraag").status_code == 422


def test_the_applicant_gets_their_own_link_again_and_not_twice_at_once(
    world: World,
    client: Client,
    session: Session,
    inbox: Any,
    genk: Organisation,
    hilde: Person,
    clock: time_machine.Traveller,
) -> None:
    world.administrator_of(genk)
    nele = world.person("Nele Vercauteren")
    request = world.request(nele, genk)
    before = len(inbox.mails_to(nele.email))
    clock.shift(timedelta(minutes=16))
    found = client.submit(client.get(PATH), {"nummer": request.number}, form="/opzoeken/aanvraag")
    sent = client.submit(found, form="/opzoeken/link", follow_redirects=True)
    assert "De aanvrager krijgt de link opnieuw." in sent.text
    assert "/link/" not in sent.text
    assert len(inbox.mails_to(nele.email)) == before + 1
    again = client.submit(found, form="/opzoeken/link", follow_redirects=True)
    assert "Er vertrok net al een mail." in again.text
    assert len(inbox.mails_to(nele.email)) == before + 1


def test_the_administrators_of_an_organisation_with_what_they_use_at_work_only(
    world: World, client: Client, session: Session, genk: Organisation, hilde: Person
) -> None:
    ilse = world.person("Ilse Maes", email="ilse.thuis@voorbeeld.test", phone="+32470000001", phone_source="entered")
    world.affiliation(ilse, genk, email="ilse.maes@genk.test", email_source="entered", phone="+3289000000")
    world.administrator_of(genk, person=ilse, head=True)
    listed = client.get(f"{PATH}?zoek=genk")
    page = client.submit(listed, {"organisatie": str(genk.id)}, form="/opzoeken/beheerders")
    assert "Ilse Maes" in page.text
    assert "hoofd lokale beheerder" in page.text
    assert "ilse.maes@genk.test" in page.text
    assert "+3289000000" in page.text
    assert "ilse.thuis@voorbeeld.test" not in page.text
    assert "+32470000001" not in page.text
    event = session.scalars(select(AuditEvent).where(AuditEvent.name == "people:organisation:look_up")).one()
    assert (event.actor_id, event.subject_id) == (hilde.id, genk.id)


def test_an_owner_looks_up_the_same_within_the_own_application_only(
    world: World, client: Client, genk: Organisation
) -> None:
    world.sign_in(client, owner_of(world, "jeugdmonitor"))
    request = world.request(world.person(), genk)
    page = client.submit(client.get(PATH), {"nummer": request.number}, form="/opzoeken/aanvraag")
    assert page.status_code == 422, "a request for the Cultuurmonitor is not theirs"
    assert "Genk" in client.get(f"{PATH}?zoek=genk").text
    vzw = world.organisation("Vzw De Kaai", kind="economische_actor")
    assert "De Kaai" not in client.get(f"{PATH}?zoek=kaai").text
    token = client.csrf_token(PATH)
    posted = {"csrf_token": token, "organisatie": str(vzw.id)}
    assert client.post(f"{PATH}/beheerders", data=posted).status_code == 404
    assert client.post(f"{PATH}/link", data={"csrf_token": token, "nummer": request.number}).status_code == 404


def test_who_has_no_such_mandate_looks_nothing_up(world: World, client: Client, genk: Organisation) -> None:
    world.sign_in(client, world.administrator_of(genk, head=True))
    assert client.get(PATH).status_code == 404
    token = client.csrf_token("/taken")
    for path in ("aanvraag", "beheerders", "link"):
        data = {"csrf_token": token, "nummer": "PW-2026-AAAAAA", "organisatie": str(genk.id)}
        assert client.post(f"{PATH}/{path}", data=data).status_code == 404


@pytest.mark.parametrize("typed", ["", "x", "1" * 500])
def test_an_organisation_that_is_none_is_asked_again(client: Client, hilde: Person, typed: str) -> None:
    posted = {"csrf_token": client.csrf_token(PATH), "organisatie": typed}
    assert client.post(f"{PATH}/beheerders", data=posted).status_code == 422
