"""The merger page, as an officer meets it in a browser without JavaScript."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.access.grant import Grant
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.worlds.client import Client
from tests.worlds.world import World

PATH = "/verantwoordelijke/fusie"


@pytest.fixture
def small(world: World) -> Organisation:
    return world.organisation("Galmaarden")


@pytest.fixture
def large(world: World) -> Organisation:
    return world.organisation("Pajottegem")


@pytest.fixture
def lies(world: World, client: Client) -> Person:
    """The officer of municipalities, signed in a moment ago."""
    person = world.officer_of("LB", "gemeente")
    world.sign_in(client, person)
    return person


def test_who_is_no_officer_finds_no_page(world: World, client: Client, large: Organisation) -> None:
    world.sign_in(client, world.administrator_of(large, head=True))
    assert client.get(PATH).status_code == 404


def test_an_organisation_of_another_kind_is_not_found(
    world: World, client: Client, small: Organisation, lies: Person
) -> None:
    """ID2: the same words as for a number that nobody has."""
    other = world.organisation("Jette", kind="brusselse_gemeente")
    for code in (other.code, "0123456789"):
        page = client.get(f"{PATH}?van={small.code}&naar={code}")
        assert page.status_code == 422
        assert f"We vinden niet precies één organisatie van uw soort voor ‘{code}’." in page.text


def test_the_preview_changes_nothing_and_the_button_does_what_it_said(
    world: World, client: Client, session: Session, small: Organisation, large: Organisation, lies: Person
) -> None:
    """Rule 3, ID5."""
    world.grant(world.person("Nele Vercauteren"), small)
    world.grant(lies, small)
    page = client.get(f"{PATH}?van={small.code}&naar={large.code}")
    assert "Galmaarden gaat op in Pajottegem" in page.text
    assert "1, hoogstens 90 dagen" in page.text
    assert "Lies De Wolf" in page.text, "her own right goes to nobody"
    assert world.fresh(Organisation, small.id).ended_at is None
    without = client.submit(page, {"besluit": " "}, form=PATH)
    assert without.status_code == 422
    assert "Schrijf het nummer van de beslissing" in without.text
    done = client.submit(page, {"besluit": "BVR-2026/114"}, form=PATH)
    assert "De fusie is uitgevoerd" in done.text
    assert world.fresh(Organisation, small.id).successor_id == large.id
    again = client.submit(page, {"besluit": "BVR-2026/114"}, form=PATH)
    assert again.status_code == 422
    session.rollback()
    assert len(session.scalars(select(Grant).where(Grant.ended_at.is_(None))).all()) == 1


def test_a_name_will_do_where_it_is_that_of_one(
    world: World, client: Client, small: Organisation, large: Organisation, lies: Person
) -> None:
    world.organisation("Galmaarden-Zuid")
    page = client.get(f"{PATH}?van=pajottegem&naar=galmaard")
    assert "niet precies één organisatie van uw soort voor ‘galmaard’" in page.text
    page = client.get(f"{PATH}?van=galmaarden-zuid%0Agalmaarden&naar=pajottegem")
    assert "Galmaarden-Zuid gaat op in Pajottegem" in page.text
    assert "Deze 2 fusies uitvoeren?" in page.text


def test_a_page_that_is_out_of_date_is_shown_again(
    world: World, client: Client, small: Organisation, large: Organisation, lies: Person
) -> None:
    page = client.get(f"{PATH}?van={small.code}&naar={large.code}")
    world.grant(world.person("Nele Vercauteren"), small)
    late = client.submit(page, {"besluit": "BVR-2026/114"}, form=PATH)
    assert late.status_code == 409
    assert "1, hoogstens 90 dagen" in late.text
    assert world.fresh(Organisation, small.id).ended_at is None
