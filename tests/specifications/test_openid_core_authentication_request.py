"""The Authentication Request of OpenID Connect Core 1.0 (3.1.2, 5.2, 5.5, 11), every parameter and every error."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from broker.authentication.browser_session import BrowserSession
from broker.authentication.client_session import ClientSession
from broker.authentication.end_session import end_session
from broker.authentication.pushed_request import PushedRequest
from broker.database import perform
from broker.installation import installation
from broker.people.person import Person
from tests.oidc.conftest import ISSUER, Relying, answer_of, login_hint
from tests.specifications.asking import brought, catalogue, pushed, request_object, way_in
from tests.worlds.client import Client, forms_of
from tests.worlds.statements import Statements
from tests.worlds.world import World

__all__ = ["catalogue"]

Make = Callable[..., Relying]
EID = "urn:be:vlaanderen:authmech:eid"


@pytest.fixture
def joke(world: World, client: Client) -> Person:
    """Somebody signed in, with a right at two organisations."""
    person = world.person("Joke De Smedt")
    for name in ("Gemeente Genk", "Gemeente Hasselt"):
        world.grant(person, world.organisation(name), "raadpleger")
    world.sign_in(client, person)
    return person


def error_of(response: TestResponse) -> str:
    """The code that the client hears."""
    return answer_of(response)["error"]


# 3.1.2.1: prompt


@pytest.mark.parametrize("prompt", ["create", "none login", "none none login", "login geheim", "LOGIN"])
def test_a_prompt_that_does_not_exist_or_contradicts_itself_is_refused(
    nele: Person, relying: Make, prompt: str
) -> None:
    assert error_of(relying().authorize(prompt=prompt)) == "invalid_request"


def test_prompt_none_never_shows_a_page(world: World, client: Client, relying: Make) -> None:
    """3.1.2.6: each thing that would have to be asked has its own error."""
    app = relying()
    assert error_of(app.authorize(prompt="none")) == "login_required"
    nele = world.person()
    world.sign_in(client, nele)
    assert error_of(app.authorize(prompt="none")) == "access_denied"
    world.grant(nele, world.organisation("Gemeente Genk"))
    assert "code" in answer_of(app.authorize(prompt="none"))
    assert error_of(app.authorize(prompt="none", acr_values=EID)) == "login_required"
    assert error_of(relying("test-consent").authorize(prompt="none")) == "consent_required"
    world.grant(nele, world.organisation("Gemeente Hasselt"))
    assert error_of(relying("test-post").authorize(prompt="none")) == "interaction_required"
    world.sign_in(client, nele, provider_code="another")
    assert error_of(app.authorize(prompt="none")) == "account_selection_required"


def test_prompt_login_asks_once_and_an_older_sign_in_never_fulfils_it(
    nele: Person, world: World, client: Client, relying: Make, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(minutes=1))
    wish = way_in(relying().authorize(prompt="login"))
    assert wish["vers"] == "1"
    assert way_in(client.get(wish["verder"]))["vers"] == "1"
    clock.shift(timedelta(minutes=1))
    world.sign_in(client, nele)
    assert "code" in answer_of(client.get(wish["verder"]))
    clock.shift(timedelta(minutes=31))
    assert way_in(client.get(wish["verder"]))["vers"] == "1", "after half an hour it is asked again"


@pytest.mark.parametrize("demand", [{"prompt": "login"}, {"prompt": "login consent"}, {"max_age": "0"}])
def test_whoever_is_not_signed_in_yet_proves_it_anew_too_where_that_is_asked(
    relying: Make, demand: dict[str, str]
) -> None:
    """What the digital key remembers of an earlier sign-in does not fulfil it either."""
    assert way_in(relying().authorize(**demand))["vers"] == "1"
    assert "vers" not in way_in(relying().authorize())


def test_prompt_consent_asks_even_whom_the_policy_does_not_ask(nele: Person, client: Client, relying: Make) -> None:
    page = relying().authorize(prompt="consent")
    assert "Mag de Cultuurmonitor dit van u weten?" in page.text
    assert "code" in answer_of(client.submit(page, form="/toestemming", press=("antwoord", "ja")))
    assert "Mag de Cultuurmonitor dit van u weten?" in relying().authorize(prompt="consent").text


def test_prompt_select_account_lets_the_same_person_go_on(nele: Person, client: Client, relying: Make) -> None:
    app = relying()
    page = app.authorize(prompt="select_account")
    assert (page.status_code, answer_of(page)) == (200, {})
    assert "Met welke naam gaat u binnen?" in page.text
    assert "Nele Vercauteren" in page.text
    answer = answer_of(client.submit(page, form="/wie"))
    assert app.id_claims(app.redeem(answer["code"]).json)["sub"] == nele.sub
    assert "Met welke naam gaat u binnen?" in app.authorize(prompt="select_account").text, "asked each time"


def test_prompt_select_account_lets_somebody_else_sign_in(
    nele: Person, world: World, client: Client, relying: Make, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(minutes=1))
    app = relying()
    page = app.authorize(prompt="select_account")
    (way,) = [part.split('"')[0] for part in page.text.split('href="') if part.startswith("/aanmelden?")]
    wish = parse_qs(urlsplit(way.replace("&amp;", "&")).query)
    assert (wish["vers"], wish["toepassing"]) == (["1"], ["cultuurmonitor"])
    karim = world.person("Karim Benali")
    world.grant(karim, world.organisation("Gemeente Peer"))
    clock.shift(timedelta(minutes=1))
    world.sign_in(client, karim)
    answer = answer_of(client.get(wish["verder"][0]))
    assert app.id_claims(app.redeem(answer["code"]).json)["sub"] == karim.sub


def test_prompt_select_account_asks_for_the_organisation_again_whatever_is_hinted(
    joke: Person, client: Client, relying: Make
) -> None:
    app = relying()
    hint = login_hint(cap_hint="LB")
    doors = app.authorize(login_hint=hint)
    code = next(form.fields["organisatie"] for form in forms_of(doors.text) if "organisatie" in form.fields)
    exact = login_hint(code_hint=code)
    assert "code" in answer_of(app.authorize(login_hint=exact))
    page = client.submit(app.authorize(prompt="select_account", login_hint=exact), form="/wie")
    assert "Voor wie werkt u vandaag?" in page.text
    assert "code" in answer_of(client.submit(page, {"organisatie": code}, form="/hoedanigheid"))


def test_nobody_but_the_person_answers_who_goes_on(
    nele: Person, world: World, client: Client, relying: Make, clock: time_machine.Traveller
) -> None:
    """Neither an address that an application makes nor the choice of an earlier person counts."""
    clock.shift(timedelta(minutes=1))
    app = relying()
    page = app.authorize(prompt="select_account")
    (form,) = [each for each in forms_of(page.text) if each.action.endswith("/wie")]
    assert "Met welke naam gaat u binnen?" in app.authorize(prompt="select_account", wie="ja").text
    marked = client.get(f"/op/v1/auth?{form.fields['verzoek']}&wie={'a' * 64}")
    assert "Met welke naam gaat u binnen?" in marked.text
    world.sign_in(client, world.person("Karim Benali"))
    assert client.submit(page, {"csrf_token": None}, form="/wie").status_code in (400, 403)


# 3.1.2.1: max_age


@pytest.mark.parametrize("age", ["-1", "1.5", "morgen", "1e3", "９", "9" * 10])
def test_a_max_age_that_is_no_whole_number_is_refused(nele: Person, relying: Make, age: str) -> None:
    assert error_of(relying().authorize(max_age=age)) == "invalid_request"


def test_max_age_is_measured_from_the_sign_in_itself(
    nele: Person, world: World, client: Client, relying: Make, clock: time_machine.Traveller
) -> None:
    """UP7: compared for each request; 0 always asks anew, and auth_time tells."""
    clock.shift(timedelta(seconds=60))
    app = relying()
    assert "code" in answer_of(app.authorize(max_age="90"))
    assert way_in(app.authorize(max_age="30"))["vers"] == "1"
    assert error_of(app.authorize(max_age="30", prompt="none")) == "login_required"
    back = way_in(app.authorize(max_age="0"))["verder"]
    clock.shift(timedelta(seconds=5))
    signed_in = world.sign_in(client, nele)
    tokens = app.redeem(answer_of(client.get(back))["code"]).json
    assert app.id_claims(tokens)["auth_time"] == int(signed_in.auth_time.timestamp())
    assert way_in(app.authorize(max_age="0"))["vers"] == "1"


# 3.1.2.1: id_token_hint


def test_a_hint_of_another_person_is_login_required_where_no_page_may_be_shown(
    nele: Person, world: World, client: Client, relying: Make
) -> None:
    app = relying()
    hint = app.tokens()["id_token"]
    assert "code" in answer_of(app.authorize(prompt="none", id_token_hint=hint))
    karim = world.person("Karim Benali")
    world.grant(karim, world.organisation("Gemeente Peer"))
    world.sign_in(client, karim)
    assert error_of(app.authorize(prompt="none", id_token_hint=hint)) == "login_required"


def test_a_hint_of_another_person_asks_that_person_to_sign_in(
    nele: Person, world: World, client: Client, relying: Make, clock: time_machine.Traveller
) -> None:
    """3.1.2.2: if somebody else signs in all the same, the client hears login_required, and gets nobody's code."""
    app = relying()
    hint = app.tokens()["id_token"]
    karim = world.person("Karim Benali")
    world.grant(karim, world.organisation("Gemeente Peer"))
    world.sign_in(client, karim)
    clock.shift(timedelta(minutes=1))
    wish = way_in(app.authorize(id_token_hint=hint))
    assert wish["vers"] == "1"
    clock.shift(timedelta(minutes=1))
    world.sign_in(client, karim)
    assert error_of(client.get(wish["verder"])) == "login_required"
    world.sign_in(client, nele)
    assert "code" in answer_of(client.get(wish["verder"]))


def test_an_old_hint_is_as_good(nele: Person, relying: Make, clock: time_machine.Traveller) -> None:
    app = relying()
    hint = app.tokens()["id_token"]
    clock.shift(timedelta(minutes=30))
    assert "code" in answer_of(app.authorize(prompt="none", id_token_hint=hint))


def test_a_hint_that_is_not_ours_or_not_this_clients_is_refused(nele: Person, relying: Make) -> None:
    """It would be a way to ask about a person without knowing them."""
    app, other = relying(), relying("test-post")
    tokens = app.tokens()
    for hint in (
        "eyJ",
        "a.b.c",
        tokens["access_token"],
        tokens["id_token"][:-4] + "AAAA",
        other.tokens()["id_token"],
        "x" * 2_500,
    ):
        assert error_of(app.authorize(id_token_hint=hint, prompt="none")) == "invalid_request"


def holds_id_token(text: str, hint: str) -> bool:
    """The token, or the part of it that says whom it is of, however often it was quoted."""
    return any(part in text for part in (hint, *hint.split(".")[1:]))


def test_a_hint_by_post_never_stands_in_an_address_nor_on_a_page(
    nele: Person, world: World, client: Client, relying: Make, clock: time_machine.Traveller
) -> None:
    """It may hold a rijksregisternummer. All the way: signed out, the sign-in page, somebody else, and the one it names."""
    app = relying()
    hint = app.tokens()["id_token"]
    stranger = Client(client.application)
    response = stranger.post("/op/v1/auth", data=app.request(id_token_hint=hint))
    seen = [response.headers["Location"]]
    page = stranger.get(seen[-1])
    seen.append(page.headers["Location"])
    wish = way_in(page)
    seen += [wish["verder"], stranger.get(seen[-1]).text]
    karim = world.person("Karim Benali")
    world.grant(karim, world.organisation("Gemeente Peer"))
    clock.shift(timedelta(minutes=1))
    world.sign_in(stranger, karim)
    other = stranger.get(wish["verder"])
    assert error_of(other) == "login_required"
    world.grant(nele, world.organisation("Gemeente Lommel"), "invoerder")
    world.sign_in(stranger, nele)
    choice = stranger.get(wish["verder"])
    assert "/hoedanigheid" in choice.text
    seen += [other.headers["Location"], choice.text]
    end = stranger.submit(choice, form="/hoedanigheid")
    assert "code" in answer_of(end)
    seen.append(end.headers["Location"])
    assert [each for each in seen if holds_id_token(each, hint)] == []


def test_a_hint_in_an_address_goes_no_further_than_the_address_it_came_in(
    nele: Person, world: World, client: Client, relying: Make
) -> None:
    app = relying()
    hint = app.tokens()["id_token"]
    response = Client(client.application).get(f"/op/v1/auth?{urlencode(app.request(id_token_hint=hint))}")
    assert not holds_id_token(response.headers["Location"], hint)
    assert "wenk=" in way_in(response)["verder"]


@pytest.mark.parametrize("spoilt", ["another client's", "twice", "nobody's", "empty", "beside an unknown client"])
def test_a_hint_by_post_that_proves_nothing_is_refused_on_the_spot(
    nele: Person, client: Client, relying: Make, spoilt: str
) -> None:
    app = relying()
    hint = relying("test-post").tokens()["id_token"] if spoilt == "another client's" else app.tokens()["id_token"]
    form: dict[str, Any] = app.request(id_token_hint=hint)
    match spoilt:
        case "twice":
            form["id_token_hint"] = [hint, hint]
        case "nobody's":
            form["id_token_hint"] = hint[:-4] + "AAAA"
        case "empty":
            form["id_token_hint"] = ""
        case "beside an unknown client":
            form["client_id"] = "nobody"
    response = client.post("/op/v1/auth", data=form)
    assert not holds_id_token(response.headers.get("Location", "") + response.text, hint)
    if spoilt == "empty":
        assert "code" in answer_of(client.get(response.headers["Location"]))
    elif spoilt == "beside an unknown client":
        assert response.status_code == 400
    else:
        assert error_of(response) == "invalid_request"


def test_a_hint_in_a_signed_object_is_pushed_as_the_object_cannot_leave_it_behind(
    nele: Person, client: Client, relying: Make, session: Session
) -> None:
    app = relying("test-jwt")
    hint = app.tokens()["id_token"]
    form = {"client_id": "test-jwt", "redirect_uri": app.redirect_uri}
    response = client.post("/op/v1/auth", data=form | {"request": request_object(app, id_token_hint=hint)})
    assert error_of(response) == "invalid_request_object"
    assert not holds_id_token(response.headers["Location"], hint)
    beside = client.post("/op/v1/auth", data=form | {"request": request_object(app), "id_token_hint": hint})
    assert not holds_id_token(beside.headers["Location"], hint)
    assert "code" in answer_of(client.get(beside.headers["Location"]))
    signed = {"request": request_object(app, id_token_hint=hint)}
    reference = client.post("/op/v1/par", data={"client_id": "test-jwt", **signed, **app.assertion()}).json
    kept = session.scalars(select(PushedRequest)).one()
    assert not holds_id_token(json.dumps(kept.parameters), hint), "nor does it stand in the database"
    session.rollback()
    assert "code" in answer_of(brought(app, reference["request_uri"]))


# 3.1.2.1: login_hint


@pytest.mark.parametrize("hint", ["nele@voorbeeld.test", "+32 470 12 34 56", "85.07.30-033.28", "bnVsbA==", "{}", "é"])
def test_a_plain_login_hint_changes_nothing_and_is_never_shown(
    joke: Person, client: Client, relying: Make, hint: str
) -> None:
    """CC1: who proves nothing learns nothing; nobody is looked up by it."""
    page = relying().authorize(login_hint=hint)
    assert "Voor wie werkt u vandaag?" in page.text
    assert hint not in re.sub(r"<[^>]*>", "", page.text)


def test_a_plain_login_hint_does_not_spoil_a_quiet_renewal(
    joke: Person, client: Client, relying: Make, clock: time_machine.Traveller
) -> None:
    """CC3: many clients send who they think it is along with prompt=none."""
    app = relying()
    app.redeem(answer_of(client.submit(app.authorize(), form="/hoedanigheid"))["code"])
    clock.shift(timedelta(minutes=1))
    assert "code" in answer_of(app.authorize(prompt="none", login_hint="joke@voorbeeld.test"))


# 3.1.2.1: ui_locales, display, and what we do not know


def test_ui_locales_sets_the_language_of_the_pages_of_this_request(
    joke: Person, world: World, client: Client, relying: Make
) -> None:
    app = relying()
    assert "Who do you work for today?" in app.authorize(ui_locales="fr-CA en nl").text
    assert "Voor wie werkt u vandaag?" in app.authorize(ui_locales="fr nl-BE en").text
    assert "Voor wie werkt u vandaag?" in app.authorize(ui_locales="fr de").text
    assert "Voor wie werkt u vandaag?" in app.authorize().text, "and of no other"
    page = app.authorize(ui_locales="en", prompt="consent")
    consent = client.submit(page, form="/hoedanigheid")
    assert '<html lang="en"' in consent.text
    assert "Who do you work for today?" in brought(app, pushed(app, ui_locales="en")).text


def test_ui_locales_goes_along_to_the_sign_in_page(client: Client, relying: Make) -> None:
    app = relying()
    assert '<html lang="en"' in client.get(app.authorize(ui_locales="en").headers["Location"]).text
    assert '<html lang="nl"' in client.get(app.authorize(ui_locales="nl").headers["Location"]).text
    assert '<html lang="en"' in client.get(brought(app, pushed(app, ui_locales="en")).headers["Location"]).text


def test_the_language_that_somebody_chose_here_comes_before_what_an_application_says(
    joke: Person, client: Client, relying: Make
) -> None:
    client.get("/?taal=nl")
    assert "Voor wie werkt u vandaag?" in relying().authorize(ui_locales="en").text


def test_somebody_changes_the_language_in_the_middle_of_the_way(joke: Person, client: Client, relying: Make) -> None:
    """Also on a page that answered a form, whose address alone would lead nowhere."""
    consent = client.submit(relying("test-consent").authorize(), form="/hoedanigheid")
    (english,) = {part.split('"')[0] for part in consent.text.split('href="') if "taal=en" in part.split('"')[0]}
    page = client.get(english.replace("&amp;", "&"))
    assert (page.status_code, '<html lang="en"' in page.text) == (200, True)
    agreed = client.submit(client.submit(page, form="/hoedanigheid"), form="/toestemming", press=("antwoord", "ja"))
    assert "code" in answer_of(agreed)


def test_display_and_unknown_parameters_change_nothing(nele: Person, relying: Make) -> None:
    app = relying()
    for more in (
        {"display": "popup"},
        {"display": "wap"},
        {"display": "?"},
        {"iets": "anders"},
        {"claims_locales": "en"},
    ):
        assert "code" in answer_of(app.authorize(**more))


# 3.1.2.1: state and nonce; 3.1.2.2: each parameter once


@pytest.mark.parametrize(
    "changes",
    [{"state": "x" * 2_001}, {"nonce": "x" * 501}, {"state": "a\nb"}, {"nonce": "a\x00b"}, {"scope": "openid\x7f"}],
)
def test_what_cannot_be_kept_or_given_back_is_refused(nele: Person, relying: Make, changes: dict[str, str]) -> None:
    assert error_of(relying().authorize(**changes)) == "invalid_request"


def test_state_and_nonce_come_back_unchanged(nele: Person, relying: Make) -> None:
    nonce, state = "n" * 500, 'é "<>&=+%20 ' + "s" * 500
    app = relying(state=state, nonce=nonce)
    answer = answer_of(app.authorize())
    assert answer["state"] == state
    assert app.id_claims(app.redeem(answer["code"]).json)["nonce"] == nonce


def test_no_state_is_no_state(nele: Person, relying: Make) -> None:
    assert set(answer_of(relying().authorize(state=None))) == {"code", "iss"}


@pytest.mark.parametrize("name", ["scope", "state", "nonce", "prompt", "claims", "code_challenge", "response_type"])
def test_a_parameter_twice_is_refused_and_told(nele: Person, client: Client, relying: Make, name: str) -> None:
    once = {"prompt": "login", "claims": "{}"}
    pairs = [*relying().request(**({name: once[name]} if name in once else {})).items(), (name, "andere")]
    answer = answer_of(client.get(f"/op/v1/auth?{urlencode(pairs)}"))
    assert answer["error"] == "invalid_request"


def test_a_request_that_is_too_long_for_an_address_is_told_to_be_pushed(
    nele: Person, client: Client, relying: Make
) -> None:
    app = relying()
    claims = json.dumps({"userinfo": {f"naam_{number}": None for number in range(200)}})
    assert error_of(app.authorize(claims=claims)) == "invalid_request"
    assert error_of(client.post("/op/v1/auth", data=app.request(claims=claims))) == "invalid_request"
    assert "code" in answer_of(brought(app, pushed(app, claims=claims)))


# GET and POST


def test_a_request_by_post_goes_on_as_one_by_get(nele: Person, client: Client, relying: Make) -> None:
    """3.1.2.1: from another site; no form token can be there, and the session's cookie comes along with the GET."""
    response = client.post("/op/v1/auth", data=relying().request(), headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 303
    assert response.headers["Location"].startswith("/op/v1/auth?")
    assert "code" in answer_of(client.get(response.headers["Location"]))


def test_half_by_address_and_half_by_form_is_refused(nele: Person, client: Client, relying: Make) -> None:
    response = client.post("/op/v1/auth?scope=openid", data=relying().request())
    assert (response.status_code, response.headers.get("Location")) == (400, None)


# 5.5: the claims parameter


@pytest.mark.parametrize("claims", ["{", "[]", '"x"', "1", '{"userinfo": 1}', '{"id_token": {"sub": 1}}', "[" * 900])
def test_a_claims_parameter_that_cannot_be_read_is_refused(nele: Person, relying: Make, claims: str) -> None:
    assert error_of(relying().authorize(claims=claims)) == "invalid_request"


def test_single_claims_are_kept_with_the_session_and_told_where_they_were_asked(
    nele: Person, relying: Make, session: Session
) -> None:
    claims = {"userinfo": {"family_name": {"essential": True}, "onbekend": None}, "id_token": {"vo_id": None}}
    app = relying()
    tokens = app.tokens(scope="openid", claims=json.dumps(claims))
    row = session.scalars(select(ClientSession)).one()
    assert row.requested_claims == {"userinfo": ["family_name"], "id_token": ["vo_id"]}
    assert "vo_id" in app.id_claims(tokens)
    assert "family_name" not in app.id_claims(tokens)
    assert app.userinfo(tokens["access_token"]).json["family_name"] == "Vercauteren"


def test_single_claims_reach_no_further_than_the_policy(nele: Person, relying: Make, session: Session) -> None:
    """5.5: a client cannot ask past its own scopes."""
    app = relying("test-few-scopes")
    tokens = app.tokens(scope="openid", claims=json.dumps({"userinfo": {"rrn": {"essential": True}, "vo_id": None}}))
    assert session.scalars(select(ClientSession)).one().requested_claims is None
    assert not {"rrn", "vo_id"} & set(app.userinfo(tokens["access_token"]).json)


def test_single_claims_are_consented_to_as_well(nele: Person, client: Client, relying: Make) -> None:
    app = relying("test-consent")
    plain = app.authorize(scope="openid")
    assert "uw rijksregisternummer" not in plain.text
    assert "code" in answer_of(client.submit(plain, form="/toestemming", press=("antwoord", "ja")))
    claims = json.dumps({"userinfo": {"rrn": None}})
    assert error_of(app.authorize(scope="openid", claims=claims, prompt="none")) == "consent_required"
    assert "uw rijksregisternummer" in app.authorize(scope="openid", claims=claims).text


@pytest.mark.parametrize("acr", [{"essential": True, "value": EID}, {"values": [EID, "urn:unknown"]}])
def test_an_acr_in_the_claims_asks_for_that_level(nele: Person, relying: Make, acr: dict[str, Any]) -> None:
    """5.5.1.1."""
    claims = json.dumps({"id_token": {"acr": acr}})
    assert way_in(relying().authorize(claims=claims))["niveau"] == "35"
    assert error_of(relying().authorize(claims=claims, prompt="none")) == "login_required"


def test_an_essential_acr_out_of_reach_is_an_error_and_another_one_is_not(nele: Person, relying: Make) -> None:
    essential = json.dumps({"id_token": {"acr": {"essential": True, "values": ["urn:unknown"]}}})
    assert error_of(relying().authorize(claims=essential)) == "unmet_authentication_requirements"
    voluntary = json.dumps({"id_token": {"acr": {"values": ["urn:unknown"]}}})
    assert "code" in answer_of(relying().authorize(claims=voluntary))


def test_a_subject_in_the_claims_is_the_only_one_who_will_do(
    nele: Person, world: World, client: Client, relying: Make
) -> None:
    """5.5.1: `sub` with a value, as a hint without a token."""
    app = relying()
    mine = json.dumps({"id_token": {"sub": {"value": nele.sub}}})
    other = json.dumps({"id_token": {"sub": {"value": "0" * 40}}})
    assert "code" in answer_of(app.authorize(claims=mine, prompt="none"))
    assert error_of(app.authorize(claims=other, prompt="none")) == "login_required"
    hint = app.tokens()["id_token"]
    assert error_of(app.authorize(claims=other, id_token_hint=hint)) == "invalid_request"


# 5.4, 11: scopes


def test_a_scope_that_is_not_this_clients_is_refused_before_anybody_signs_in(client: Client, relying: Make) -> None:
    for scope in ("openid onbekend", "openid email", "profile", "", "openid offline_access onbekend"):
        assert error_of(relying().authorize(scope=scope)) == "invalid_scope"


@pytest.mark.parametrize(
    ("client_id", "offline"),
    [("test-offline", True), ("test-offline-never", False), ("test-confidential", False)],
)
def test_offline_access_is_left_out_where_the_client_may_not_refresh(
    nele: Person, relying: Make, session: Session, client_id: str, offline: bool
) -> None:
    """11: ignored, not refused; a first-party client of the policy needs no consent for it."""
    tokens = relying(client_id).tokens(scope="openid offline_access")
    row = session.scalars(select(ClientSession)).one()
    assert row.offline is offline
    assert ("offline_access" in row.scopes.split()) is offline
    assert ("refresh_token" in tokens) is offline


def test_offline_access_is_agreed_to_where_the_policy_asks_consent(
    nele: Person, client: Client, relying: Make, session: Session
) -> None:
    app = relying("test-offline-consent")
    agreed = app.authorize(scope="openid")
    assert "ook wanneer u niet meer aangemeld bent" not in agreed.text
    assert "code" in answer_of(client.submit(agreed, form="/toestemming", press=("antwoord", "ja")))
    page = app.authorize(scope="openid offline_access")
    assert "ook wanneer u niet meer aangemeld bent" in page.text
    assert error_of(app.authorize(scope="openid offline_access", prompt="none")) == "consent_required"
    assert "code" in answer_of(client.submit(page, form="/toestemming", press=("antwoord", "ja")))
    assert session.scalars(select(ClientSession).where(ClientSession.offline)).one()


def test_profile_email_and_phone_are_scopes(nele: Person, relying: Make) -> None:
    """5.4: a proved address only (OA6)."""
    app = relying("test-offline")
    tokens = app.tokens(scope="openid profile email phone")
    told = app.userinfo(tokens["access_token"]).json
    assert (told["given_name"], told["email"], told["email_verified"]) == ("Nele", nele.email, True)
    assert "phone_number" not in told


# 3.1.2.6: errors


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"nonce": None, "code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"registration": "{}"}, None),
        ({"dpop_jkt": "kort"}, "invalid_request"),
    ],
)
def test_every_error_goes_to_the_client_by_its_code(
    nele: Person, relying: Make, changes: dict[str, str | None], error: str | None
) -> None:
    answer = answer_of(relying().authorize(**changes))
    assert answer.get("error") == error
    assert (answer["iss"], answer["state"]) == (ISSUER, "een-staat")
    assert "<" not in answer.get("error_description", "")


@pytest.mark.parametrize(
    ("changes", "known"),
    [
        ({"client_id": "<b>onbekend</b>"}, False),
        ({"client_id": None}, False),
        ({"redirect_uri": "https://evil.example/<b>"}, True),
        ({"redirect_uri": None}, True),
    ],
)
def test_where_the_address_cannot_be_trusted_the_person_reads_what_happened_and_whom_to_call(
    client: Client, relying: Make, changes: dict[str, str | None], known: bool
) -> None:
    """It names the application only where the client is known, and nothing of what came is shown again."""
    page = relying().authorize(**changes, state="<script>alert(1)</script>", login_hint="geheim-woord")
    assert (page.status_code, page.headers.get("Location")) == (400, None)
    assert "Deze toepassing stuurde u verkeerd door" in page.text
    assert ("U kwam van de Cultuurmonitor" in page.text) is known
    assert "1700" in page.text
    assert page.headers["X-Request-ID"] in page.text
    for part in ("evil.example", "onbekend", "geheim-woord", "alert(1)", "een-nonce"):
        assert part not in page.text
    english = client.get(f"/op/v1/auth?{urlencode(relying().request(**changes))}", headers={"Accept-Language": "en-GB"})
    assert '<html lang="en"' in english.text


def test_who_signed_out_meanwhile_signs_in_again(
    nele: Person, world: World, client: Client, relying: Make, session: Session
) -> None:
    """A choice posted from a page that outlived its session."""
    page = relying("test-consent").authorize()
    row = session.scalars(select(BrowserSession)).one()
    perform(end_session, installation(), row.id, "signed_out")
    answer = client.submit(page, form="/toestemming", press=("antwoord", "ja"))
    assert answer.headers["Location"].startswith("/aanmelden?")
    assert session.scalar(select(ClientSession)) is None


# What it costs


def test_with_a_session_and_nothing_to_ask_it_is_eight_statements(
    nele: Person, relying: Make, statements: Statements
) -> None:
    """The session, the rights; then, in one transaction: the locks, the rights again, the session, the code, and the
    event with its source."""
    app = relying()
    app.code()
    with statements() as seen:
        app.code()
    assert len(seen) <= 8
    assert len(seen.writing) == 4
    with statements() as seen:
        app.authorize(prompt="none", max_age="0")
    # Looked at once, and where that leads to no code, once more by the thread that goes on (docs/decisions/0023).
    assert 1 <= len(seen) <= 2, "the session; whoever has to sign in again costs nothing more"
    with statements() as seen:
        assert "error" in answer_of(app.authorize(scope="openid onbekend"))
    assert len(seen) <= 1


def test_a_pushed_request_costs_two_statements_more(nele: Person, relying: Make, statements: Statements) -> None:
    app = relying()
    app.code()
    reference = pushed(app)
    with statements() as seen:
        assert "code" in answer_of(brought(app, reference))
    assert len(seen) <= 10
