"""Mensen en rechten, as an administrator meets it in a browser without JavaScript."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from broker import clock
from broker.access.grant import Grant
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.worlds.client import Client
from tests.worlds.statements import Statements
from tests.worlds.world import World


@pytest.fixture
def genk(world: World) -> Organisation:
    return world.organisation("Genk")


@pytest.fixture
def ilse(world: World, genk: Organisation, client: Client) -> Person:
    """An administrator of Genk, signed in."""
    person = world.administrator_of(genk, "Ilse Maes")
    world.sign_in(client, person)
    return person


def test_the_list_leads_to_each_right(world: World, client: Client, genk: Organisation, ilse: Person) -> None:
    grant = world.grant(world.person("Nele Vercauteren"), genk)
    page = client.get("/rechten")
    assert "Nele Vercauteren" in page.text
    assert f"/rechten/{grant.id}" in page.text
    assert "Mensen en rechten" in client.get("/taken").text, "it stands in the menu"
    assert client.get(f"/rechten/{grant.id}").status_code == 200


def test_ending_asks_a_reason_keeps_what_was_typed_and_then_ends(
    world: World, client: Client, session: Session, genk: Organisation, ilse: Person
) -> None:
    grant = world.grant(world.person("Nele Vercauteren"), genk)
    page = client.get(f"/rechten/{grant.id}")
    refused = client.submit(page, {"reden": " "}, form=f"/rechten/{grant.id}/stop")
    assert refused.status_code == 422
    done = client.submit(refused, {"reden": "Werkt in Gent."}, form=f"/rechten/{grant.id}/stop", follow_redirects=True)
    assert "Het recht van Nele Vercauteren is gestopt." in done.text
    assert session.get_one(Grant, grant.id).ended_at is not None
    again = client.submit(page, {"reden": "Nog eens."}, form=f"/rechten/{grant.id}/stop")
    assert again.status_code == 409
    assert "intussen gestopt" in again.text


def test_extending_is_one_click_and_says_until_when(
    world: World, client: Client, session: Session, genk: Organisation, ilse: Person
) -> None:
    grant = world.grant(world.person(), genk, valid_until=clock.now() + timedelta(days=20))
    listed = client.get("/rechten?stopt=binnenkort")
    assert "Stopt over" in listed.text
    page = client.get(f"/rechten/{grant.id}")
    done = client.submit(page, form=f"/rechten/{grant.id}/tot", follow_redirects=True)
    assert "is verlengd" in done.text
    kept = session.get_one(Grant, grant.id).valid_until
    assert kept is not None
    assert grant.valid_until is not None
    assert kept > grant.valid_until + timedelta(days=365)


@pytest.mark.parametrize("typed", ["", "morgen", "31/02/2027", "2027-13-01", "1" * 3000])
def test_a_day_that_is_none_is_asked_again_and_nothing_changes(
    world: World, client: Client, session: Session, genk: Organisation, ilse: Person, typed: str
) -> None:
    grant = world.grant(world.person(), genk)
    page = client.get(f"/rechten/{grant.id}")
    answer = client.submit(page, {"tot": typed, "waarom": "Korter."}, form=f"/rechten/{grant.id}/tot")
    assert answer.status_code == 422
    assert "31/12/2027" in answer.text
    assert "Korter." in answer.text
    assert session.get_one(Grant, grant.id).valid_until == grant.valid_until


def test_ones_own_right_is_shown_without_a_form(world: World, client: Client, genk: Organisation, ilse: Person) -> None:
    """DG1: what cannot be done is not offered, and says who can."""
    grant = world.grant(ilse, genk)
    page = client.get(f"/rechten/{grant.id}")
    assert "Een collega-beheerder doet dat" in page.text
    assert f'action="/rechten/{grant.id}/stop"' not in page.text


def test_a_right_elsewhere_is_not_found(world: World, client: Client, ilse: Person) -> None:
    """ID2."""
    grant = world.grant(world.person(), world.organisation("Gent"))
    assert client.get(f"/rechten/{grant.id}").status_code == 404
    assert client.get("/rechten/00000000-0000-0000-0000-000000000000").status_code == 404
    assert str(grant.id) not in client.get("/rechten").text


def test_who_administers_nothing_reads_so(world: World, client: Client) -> None:
    world.sign_in(client, world.person())
    page = client.get("/rechten")
    assert page.status_code == 200
    assert "/rechten" not in client.get("/mijn-aanvragen").text, "nor is it in the menu"


def test_a_wrong_page_key_is_the_first_page(world: World, client: Client, genk: Organisation, ilse: Person) -> None:
    world.grant(world.person("Nele Vercauteren"), genk)
    assert "Nele Vercauteren" in client.get("/rechten?na=zomaar").text


def test_each_page_costs_at_most_twelve_statements(
    world: World, client: Client, statements: Statements, genk: Organisation, ilse: Person
) -> None:
    for _ in range(60):
        world.grant(world.person(), genk)
    grant = world.grant(world.person(), genk)
    for path in ("/rechten", f"/rechten/{grant.id}"):
        with statements() as seen:
            assert client.get(path).status_code == 200
        assert len(seen) <= 12, (path, seen)


def test_what_ends_soon_is_extended_by_one_click_in_the_list_of_the_mail(
    world: World, client: Client, session: Session, genk: Organisation, ilse: Person
) -> None:
    """Issue "the desk": notices 30 and 7 days before a right ends, with extend in one click; never one's own (DG1)."""
    grant = world.grant(world.person("Nele Vercauteren"), genk, valid_until=clock.now() + timedelta(days=20))
    own = world.grant(ilse, genk, valid_until=clock.now() + timedelta(days=20))
    page = client.get("/rechten?stopt=binnenkort")
    assert f'action="/rechten/{own.id}/tot"' not in page.text
    done = client.submit(page, form=f"/rechten/{grant.id}/tot", follow_redirects=True)
    assert "Het recht van Nele Vercauteren is verlengd." in done.text
    assert f'action="/rechten/{grant.id}/tot"' not in done.text, "back on the list, where it no longer ends soon"
    kept = session.get_one(Grant, grant.id).valid_until
    assert kept is not None
    assert kept > clock.now() + timedelta(days=300)
