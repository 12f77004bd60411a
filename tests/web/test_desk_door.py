"""Who decides about an application proves themselves as strongly as its users do (threats AP4, PW6)."""

import pytest

from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.web import administrators, give, people, profile, rights, tasks, upload
from tests.web.test_owner import owner_of
from tests.worlds.client import Client
from tests.worlds.world import World

BY_TEXT_MESSAGE, ITSME = 25, 27
DESK_PAGES = (tasks.PATH, people.PATH, rights.PATH, give.PATH, upload.PATH, administrators.PATH)


@pytest.fixture
def genk(world: World) -> Organisation:
    """A municipality: the Jeugdmonitor, which asks for itsme or eID, is offered to it."""
    return world.organisation("Stad Genk", kind="gemeente")


@pytest.fixture
def karim(world: World, genk: Organisation) -> Person:
    return world.administrator_of(genk, "Karim Haddad")


@pytest.mark.parametrize("path", DESK_PAGES)
def test_a_weak_key_does_not_open_the_desk_of_a_strict_application(
    client: Client, world: World, karim: Person, path: str
) -> None:
    world.sign_in(client, karim, level=BY_TEXT_MESSAGE)
    answer = client.get(path)
    assert answer.status_code == 303
    assert f"niveau={ITSME}" in answer.headers["Location"]
    page = client.get(answer.headers["Location"]).text
    assert "Kies een sterkere digitale sleutel." in page
    world.sign_in(client, karim, level=ITSME)
    assert client.get(path).status_code == 200


def test_a_decision_is_refused_as_well_as_its_page(
    client: Client, world: World, genk: Organisation, karim: Person
) -> None:
    task = world.task(world.request(world.person(), genk))
    world.sign_in(client, karim, level=ITSME)
    page = client.get(f"/taken/{task.id}")
    world.sign_in(client, karim, level=BY_TEXT_MESSAGE)
    data = {"csrf_token": client.csrf_token(profile.PATH), "beslissing": "goedkeuren", "versie": "1"}
    answer = client.post(f"/taken/{task.id}/beslis", data=data)
    assert page.status_code == 200
    assert (answer.status_code, "/aanmelden?" in answer.headers["Location"]) == (303, True)
    assert world.fresh(type(task), task.id).closed_at is None


def test_the_owner_of_a_lenient_application_needs_no_more_than_its_users(client: Client, world: World) -> None:
    owner = owner_of(world, "cultuurmonitor")
    world.sign_in(client, owner, level=BY_TEXT_MESSAGE)
    assert client.get("/toepassingsbeheer/cultuurmonitor").status_code == 200


def test_what_is_only_ones_own_asks_for_no_stronger_key(client: Client, world: World, karim: Person) -> None:
    world.sign_in(client, karim, level=BY_TEXT_MESSAGE)
    assert client.get(profile.PATH).status_code == 200
