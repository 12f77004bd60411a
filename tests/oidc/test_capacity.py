"""For which organisation: chosen for one authorization, never for the browser."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from werkzeug.test import TestResponse

from broker.database import changing_session
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.oidc.conftest import Relying, answer_of, login_hint
from tests.worlds.client import Client, forms_of
from tests.worlds.world import World

Make = Callable[..., Relying]


@pytest.fixture
def joke(world: World, client: Client) -> Person:
    """Somebody signed in who works for three organisations and has a right at two."""
    person = world.person("Joke De Smedt")
    for name, right in (("Gemeente Genk", "invoerder"), ("Gemeente Hasselt", "raadpleger")):
        world.grant(person, world.organisation(name), right)
    world.affiliation(person, world.organisation("Gemeente Zonhoven"))
    world.sign_in(client, person)
    return person


def chosen(client: Client, page: TestResponse, name: str) -> TestResponse:
    """Go through the door of the organisation called `name`."""
    before = page.text.partition(f"<h2>{name}</h2>")[2]
    (code, *_rest) = [form.fields["organisatie"] for form in forms_of(before) if "organisatie" in form.fields]
    return client.submit(page, {"organisatie": code}, form="/hoedanigheid")


def test_a_page_shows_a_door_for_each_organisation_and_offers_to_ask_where_there_is_no_right(
    joke: Person, client: Client, relying: Make
) -> None:
    page = relying().authorize()
    assert (page.status_code, answer_of(page)) == (200, {})
    doors = [form for form in forms_of(page.text) if form.action == "/hoedanigheid"]
    assert len(doors) == 2
    assert "Cultuurmonitor Invoerder" in page.text
    assert "Gemeente Zonhoven" in page.text
    assert "Nog geen recht" in page.text
    assert "http://localhost:8001" in page.headers["Content-Security-Policy"]


def test_the_choice_is_what_the_tokens_say_and_it_is_remembered_as_the_last(
    joke: Person, client: Client, relying: Make
) -> None:
    app = relying()
    answer = answer_of(chosen(client, app.authorize(), "Gemeente Hasselt"))
    claims = app.id_claims(app.redeem(answer["code"]).json)
    assert claims["vo_orgnaam"] == "Gemeente Hasselt"
    assert claims["cjm_cultuurmonitor_rol_3d"] == [f"CultuurmonitorRaadpleger-cultuurcentra:{claims['vo_orgcode']}"]
    page = app.authorize().text
    assert page.index("Gemeente Hasselt") < page.index("vorige keer gekozen") < page.index("Gemeente Genk")


@pytest.mark.parametrize("posted", ["", "0999999922", "Gemeente Genk"])
def test_another_organisation_posted_gets_the_plain_choice(
    joke: Person, world: World, client: Client, relying: Make, posted: str
) -> None:
    """CC1: recomputed from live rights; known and unknown codes look the same."""
    somewhere_else = world.organisation("Gemeente Lommel")
    page = relying().authorize()
    answers = [
        client.submit(page, {"organisatie": code}, form="/hoedanigheid") for code in (posted, somewhere_else.code)
    ]
    assert [answer_of(each) for each in answers] == [{}, {}]
    assert all("Voor wie werkt u vandaag?" in each.text for each in answers)
    assert "Lommel" not in answers[1].text


def test_a_choice_without_the_form_token_is_refused(joke: Person, client: Client, relying: Make) -> None:
    page = relying().authorize()
    assert client.submit(page, {"csrf_token": None}, form="/hoedanigheid").status_code in (400, 403)


def test_acms_login_hint_skips_the_choice(joke: Person, world: World, client: Client, relying: Make) -> None:
    """Domain-facts 1.2: gericht aanmelden."""
    app = relying()
    page = app.authorize()
    code = next(form.fields["organisatie"] for form in forms_of(page.text) if "organisatie" in form.fields)
    answer = answer_of(app.authorize(login_hint=login_hint(cap_hint="LB", code_hint=code)))
    assert app.id_claims(app.redeem(answer["code"]).json)["vo_orgcode"] == code
    for hint in (login_hint(cap_hint="EA", code_hint=code), login_hint(code_hint="0999999922"), "rubbish", "bnVsbA=="):
        assert "Voor wie werkt u vandaag?" in app.authorize(login_hint=hint).text


def test_one_organisation_needs_no_choice(world: World, client: Client, relying: Make) -> None:
    nele, genk = world.person(), world.organisation("Gemeente Genk")
    world.grant(nele, genk)
    world.affiliation(nele, world.organisation("Gemeente Zonhoven"))
    world.sign_in(client, nele)
    app = relying()
    assert app.id_claims(app.tokens())["vo_orgcode"] == genk.code


def test_two_applications_and_two_tabs_keep_their_own_organisation(joke: Person, client: Client, relying: Make) -> None:
    """CC2: the capacity belongs to the authorization and its session."""
    first, second = relying("test-confidential"), relying("test-post")
    pages = first.authorize(), second.authorize()
    codes = [
        answer_of(chosen(client, page, name))["code"]
        for page, name in zip(pages, ("Gemeente Genk", "Gemeente Hasselt"), strict=True)
    ]
    tokens = [app.redeem(code).json for app, code in zip((first, second), codes, strict=True)]
    answers = [app.userinfo(each["access_token"]).json for app, each in zip((first, second), tokens, strict=True)]
    assert [each["vo_orgnaam"] for each in answers] == ["Gemeente Genk", "Gemeente Hasselt"]


def test_prompt_none_never_picks_but_goes_on_with_what_that_session_has(
    joke: Person, client: Client, relying: Make, clock: time_machine.Traveller
) -> None:
    """CC3: interaction_required, unless the living session of that client in this browser has one, still valid."""
    app = relying()
    assert answer_of(app.authorize(prompt="none"))["error"] == "interaction_required"
    app.redeem(answer_of(chosen(client, app.authorize(), "Gemeente Hasselt"))["code"])
    clock.shift(timedelta(minutes=1))
    quietly = app.tokens(prompt="none")
    assert app.id_claims(quietly)["vo_orgnaam"] == "Gemeente Hasselt"
    assert answer_of(relying("test-post").authorize(prompt="none"))["error"] == "interaction_required"


def test_any_person_may_come_in_where_the_policy_says_so(world: World, client: Client, relying: Make) -> None:
    hanne = world.person("Hanne Smet")
    world.sign_in(client, hanne)
    app = relying("test-anybody")
    tokens = app.tokens()
    assert app.id_claims(tokens)["vo_id"] == str(hanne.id)
    assert not {"vo_orgcode", "vo_orgnaam", "cjm_cultuurmonitor_rol_3d"} & set(app.id_claims(tokens))
    assert app.userinfo(tokens["access_token"]).json["sub"] == hanne.sub
    genk = world.organisation("Gemeente Genk")
    world.affiliation(hanne, genk)
    claims = app.id_claims(app.tokens())
    assert (claims["vo_orgcode"], claims["cjm_cultuurmonitor_rol_3d"]) == (genk.code, [])


def test_consent_is_asked_once_and_a_no_is_told_to_the_client(world: World, client: Client, relying: Make) -> None:
    nele = world.person()
    world.grant(nele, world.organisation())
    world.sign_in(client, nele)
    app = relying("test-consent")
    assert answer_of(app.authorize(prompt="none"))["error"] == "consent_required"
    page = app.authorize()
    assert "Mag de Cultuurmonitor dit van u weten?" in page.text
    assert answer_of(client.submit(page, form="/toestemming", press=("antwoord", "nee")))["error"] == "access_denied"
    assert "code" in answer_of(client.submit(page, form="/toestemming", press=("antwoord", "ja")))
    assert "code" in answer_of(app.authorize())
    assert "code" in answer_of(app.authorize(prompt="none", scope="openid"))
    assert answer_of(app.authorize(prompt="none", scope="openid rrn"))["error"] == "consent_required"
    assert "Mag de Cultuurmonitor dit van u weten?" in app.authorize(prompt="consent").text


def test_a_capacity_whose_organisation_ended_is_gone(world: World, client: Client, relying: Make) -> None:
    nele, genk = world.person(), world.organisation()
    world.grant(nele, genk)
    world.sign_in(client, nele)
    relied = relying()
    tokens = relied.tokens()
    with changing_session() as changing, changing.begin():
        row = changing.get(Organisation, genk.id)
        assert row is not None
        row.ended_at, row.end_reason = row.created_at, "ended"
    assert relied.userinfo(tokens["access_token"]).status_code == 401


def test_more_than_six_organisations_become_a_list_with_a_search(world: World, client: Client, relying: Make) -> None:
    """LOOK 7."""
    joke = world.person("Joke De Smedt")
    places = ("Genk", "Hasselt", "Peer", "Lommel", "Bree", "Tongeren", "Bilzen")
    codes = {place: world.grant(joke, world.organisation(f"Gemeente {place}")).organisation_id for place in places}
    world.sign_in(client, joke)
    app = relying()
    page = app.authorize(zoek="lOM")
    assert "Gemeente Lommel" in page.text
    assert "Gemeente Peer" not in page.text
    answer = answer_of(client.submit(page, form="/hoedanigheid"))
    assert app.id_claims(app.redeem(answer["code"]).json)["vo_orgnaam"] == "Gemeente Lommel"
    assert "Geen van uw organisaties past" in app.authorize(zoek="Gent").text
    assert len(codes) == len(places)
