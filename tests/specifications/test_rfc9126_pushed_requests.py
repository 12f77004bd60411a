"""Pushed Authorization Requests (RFC 9126), section by section: what is refused first."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broker.authentication.pushed_request import PushedRequest
from broker.authentication.sweep_spent import sweep_spent
from broker.database import perform
from broker.people.person import Person
from tests.oidc.conftest import BACK, ISSUER, SECRET, Relying, answer_of, basic
from tests.specifications.asking import URN, brought, catalogue, push, pushed, request_object, way_in
from tests.specifications.holder import Holder
from tests.worlds.client import Client, forms_of
from tests.worlds.statements import Statements
from tests.worlds.world import World

__all__ = ["catalogue"]

Make = Callable[..., Relying]


# 2.1, 2.3: what is refused, at once, as JSON


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "openid onbekend"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "morgen"}, "invalid_request"),
        ({"acr_values": "urn:unknown"}, "unmet_authentication_requirements"),
        ({"claims": "{"}, "invalid_request"),
        ({"id_token_hint": "eyJ"}, "invalid_request"),
        ({"nonce": "a\x00b"}, "invalid_request"),
        ({"request": "eyJ"}, "invalid_request_object"),
        ({"request_uri": f"{URN}iets"}, "invalid_request"),
        ({"client_id": "test-public"}, "invalid_client"),
    ],
)
def test_what_authorize_would_refuse_is_refused_here_as_json_and_never_by_a_redirect(
    relying: Make, session: Session, changes: dict[str, str | None], error: str
) -> None:
    response = push(relying(), **changes)
    assert response.status_code in (400, 401)
    assert response.json["error"] == error
    assert response.headers["Content-Type"] == "application/json"
    assert "Location" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"
    assert session.scalar(select(func.count()).select_from(PushedRequest)) == 0


def test_who_does_not_prove_itself_pushes_nothing(relying: Make) -> None:
    app = relying()
    for headers in (
        {"Authorization": basic("test-confidential", "wrong")},
        {"Authorization": basic("onbekend", SECRET)},
    ):
        response = push(app, headers)
        assert (response.status_code, response.json["error"]) == (401, "invalid_client")
    assert push(app, client_secret=SECRET).json["error"] == "invalid_request", "two proofs at once"


def test_only_post_and_only_in_the_body(client: Client, relying: Make) -> None:
    """2: POST, with everything in the body; 413 and 405 as RFC 9126, 2.3 has them."""
    assert client.get("/op/v1/par").status_code == 405
    app = relying()
    header = {"Authorization": basic("test-confidential", SECRET)}
    assert client.post("/op/v1/par?scope=openid", data=app.request(), headers=header).status_code == 400
    assert push(app, state="x" * 1_999).status_code == 201
    assert push(app, login_hint="x" * 16_000).status_code == 413
    twice = [*app.request().items(), ("scope", "openid")]
    body = "&".join(f"{name}={value}" for name, value in twice)
    form = header | {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/op/v1/par", data=body, headers=form).json["error"] == "invalid_request"


def test_a_client_without_the_code_flow_pushes_nothing(relying: Make) -> None:
    assert push(relying("test-machine")).json["error"] in ("invalid_request", "unauthorized_client")


# 2.2: the answer


@pytest.mark.parametrize("client_id", ["test-public", "test-confidential", "test-post", "test-jwt"])
def test_every_kind_of_client_may_push(nele: Person, relying: Make, client_id: str) -> None:
    app = relying(client_id)
    response = push(app)
    assert (response.status_code, response.json["expires_in"]) == (201, 60)
    assert response.json["request_uri"].startswith(URN)
    assert len(response.json["request_uri"]) == len(URN) + 43, "256 bits"
    answer = answer_of(brought(app, response.json["request_uri"]))
    assert (answer["state"], answer["iss"]) == (app.state, ISSUER)
    assert app.redeem(answer["code"]).status_code == 200


def test_a_push_is_one_statement_and_leaves_no_reference_and_no_proof_behind(
    relying: Make, session: Session, statements: Statements
) -> None:
    """Threats rule 5: the digest only; the client's proof is not kept with its request."""
    with statements() as seen:
        reference = pushed(relying("test-post"))
    assert len(seen) == 1
    row = session.scalars(select(PushedRequest)).one()
    assert reference.removeprefix(URN) != row.id_hash
    assert len(row.id_hash) == 64
    assert SECRET not in str(row.parameters)
    assert "client_secret" not in row.parameters
    assert row.parameters["redirect_uri"] == BACK


# 4: the browser comes with it


def test_what_stands_beside_a_reference_counts_for_nothing(nele: Person, relying: Make) -> None:
    app = relying()
    reference = pushed(app)
    beside = {"redirect_uri": "https://evil.example/", "state": "andere", "scope": "openid rrn", "prompt": "login"}
    answer = answer_of(brought(app, reference, **beside))
    assert answer["state"] == app.state
    assert app.redeem(answer["code"]).status_code == 200


def test_a_reference_works_once(nele: Person, relying: Make) -> None:
    """OA9: used up by the answer; the client hears it, as what was pushed says where it may."""
    app = relying()
    reference = pushed(app)
    assert "code" in answer_of(brought(app, reference))
    again = answer_of(brought(app, reference))
    assert (again["error"], again["state"]) == ("invalid_request_uri", app.state)
    assert "code" not in again


def test_a_refusal_is_an_answer_too(world: World, client: Client, relying: Make) -> None:
    app = relying()
    reference = pushed(app, prompt="none")
    assert answer_of(brought(app, reference))["error"] == "login_required"
    assert answer_of(brought(app, reference))["error"] == "invalid_request_uri"


def test_a_reference_of_another_client_opens_nothing(nele: Person, relying: Make) -> None:
    """4: bound to the client that pushed it. Nobody is sent anywhere, and it still works for its own."""
    app, stranger = relying(), relying("test-post")
    reference = pushed(app)
    response = brought(stranger, reference)
    assert (response.status_code, response.headers.get("Location")) == (400, None)
    assert "code" in answer_of(brought(app, reference))


@pytest.mark.parametrize("reference", [URN, f"{URN}{'a' * 43}", f"{URN}..", f"{URN}\x00"])
def test_a_reference_that_nobody_pushed_opens_nothing(nele: Person, relying: Make, reference: str) -> None:
    response = brought(relying(), reference)
    assert (response.status_code, response.headers.get("Location")) == (400, None)
    assert "Deze toepassing stuurde u verkeerd door" in response.text


@pytest.mark.parametrize(
    "address", ["https://evil.example/r", "http://169.254.169.254/", "file:///etc/passwd", "urn:x"]
)
def test_no_address_in_a_request_is_ever_fetched(nele: Person, relying: Make, address: str) -> None:
    """BC1: a request_uri is one that we gave out, or it is refused."""
    app = relying()
    assert answer_of(app.authorize(request_uri=address))["error"] == "request_uri_not_supported"
    assert brought(app, address).status_code == 400, "without a redirect_uri of the client nobody is sent anywhere"


def test_after_a_minute_a_reference_is_over(nele: Person, relying: Make, still_clock: time_machine.Traveller) -> None:
    app = relying()
    in_time, late = pushed(app), pushed(app)
    still_clock.shift(timedelta(seconds=59))
    assert "code" in answer_of(brought(app, in_time))
    still_clock.shift(timedelta(seconds=2))
    assert answer_of(brought(app, late))["error"] == "invalid_request_uri"


def test_who_came_in_time_may_take_the_time_to_sign_in(
    world: World, client: Client, relying: Make, clock: time_machine.Traveller
) -> None:
    """The minute is for the way to this door. Signing in takes longer, and does not use the reference up."""
    app = relying()
    reference = pushed(app)
    back = way_in(brought(app, reference))["verder"]
    assert "code_challenge" not in back, "what was pushed stays here"
    clock.shift(timedelta(minutes=9))
    nele = world.person()
    world.grant(nele, world.organisation())
    world.sign_in(client, nele)
    assert answer_of(brought(app, reference))["error"] == "invalid_request_uri", "without our mark it is late"
    assert perform(sweep_spent) == 0
    answer = answer_of(client.get(back))
    assert app.redeem(answer["code"]).status_code == 200
    assert answer_of(client.get(back))["error"] == "invalid_request_uri"


def test_a_new_sign_in_that_was_pushed_for_is_demanded_once(
    nele: Person, world: World, client: Client, relying: Make, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(minutes=1))
    app = relying()
    wish = way_in(brought(app, pushed(app, prompt="login", max_age="0")))
    assert wish["vers"] == "1"
    clock.shift(timedelta(minutes=2))
    assert way_in(client.get(wish["verder"]))["vers"] == "1"
    world.sign_in(client, nele)
    assert "code" in answer_of(client.get(wish["verder"]))


def test_nobody_can_keep_a_reference_alive_for_longer_than_a_visit(
    world: World, client: Client, relying: Make, clock: time_machine.Traveller
) -> None:
    app = relying()
    back = way_in(brought(app, pushed(app)))["verder"]
    other = way_in(brought(app, pushed(app)))["verder"]
    mark = other.partition("na=")[2]
    clock.shift(timedelta(minutes=2))
    assert answer_of(client.get(f"{back.partition('na=')[0]}na={mark}"))["error"] == "invalid_request_uri"
    clock.shift(timedelta(minutes=29))
    assert answer_of(client.get(back))["error"] == "invalid_request_uri"
    clock.shift(timedelta(hours=1))
    assert perform(sweep_spent) == 2


def test_choosing_and_agreeing_do_not_use_it_up_but_the_answer_does(
    world: World, client: Client, relying: Make
) -> None:
    app = relying("test-consent")
    joke = world.person("Joke De Smedt")
    for name in ("Gemeente Genk", "Gemeente Hasselt"):
        world.grant(joke, world.organisation(name))
    world.sign_in(client, joke)
    choice = brought(app, pushed(app))
    assert "code_challenge" not in choice.text
    consent = client.submit(choice, form="/hoedanigheid")
    assert "Mag de Cultuurmonitor dit van u weten?" in consent.text
    agreed = client.submit(consent, form="/toestemming", press=("antwoord", "ja"))
    assert app.redeem(answer_of(agreed)["code"]).status_code == 200
    again = client.submit(consent, form="/toestemming", press=("antwoord", "ja"))
    assert answer_of(again)["error"] == "invalid_request_uri"


def test_the_search_among_many_organisations_keeps_the_reference(world: World, client: Client, relying: Make) -> None:
    joke = world.person("Joke De Smedt")
    for place in ("Genk", "Hasselt", "Peer", "Lommel", "Bree", "Tongeren", "Bilzen"):
        world.grant(joke, world.organisation(f"Gemeente {place}"))
    world.sign_in(client, joke)
    app = relying()
    page = brought(app, pushed(app))
    (search,) = [form for form in forms_of(page.text) if form.method == "get"]
    found = client.get("/op/v1/auth", query_string=search.fields | {"zoek": "lom"})
    assert "Gemeente Lommel" in found.text
    assert "code" in answer_of(client.submit(found, form="/hoedanigheid"))


def test_two_browsers_at_once_get_one_code(app: Flask, world: World, client: Client, relying: Make) -> None:
    """OA9: one atomic update decides, on whichever node it comes."""
    nele = world.person()
    world.grant(nele, world.organisation())
    relied = relying()
    reference = pushed(relied)
    browsers = [app.test_client() for _ in range(6)]
    for browser in browsers:
        world.sign_in(browser, nele)
    gate, answers = threading.Barrier(len(browsers)), []

    def go(browser: Client) -> None:
        gate.wait()
        answers.append(answer_of(brought(relying(browser=browser), reference)))

    threads = [threading.Thread(target=go, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted("code" in answer for answer in answers) == [False] * 5 + [True]
    assert {answer["error"] for answer in answers if "code" not in answer} == {"invalid_request_uri"}


def test_a_reference_works_at_another_node(
    make_app: Callable[..., Flask], world: World, client: Client, relying: Make
) -> None:
    """OA9: two nodes on one database; nothing of it is in the memory of one."""
    nele = world.person()
    world.grant(nele, world.organisation())
    relied = relying()
    reference = pushed(relied)
    elsewhere = make_app().test_client()
    with elsewhere.application.app_context():
        world.sign_in(elsewhere, nele)
    assert "code" in answer_of(brought(relying(browser=elsewhere), reference))
    world.sign_in(client, nele)
    assert answer_of(brought(relied, reference))["error"] == "invalid_request_uri"


# 5, 6: metadata and policies


def test_where_the_policy_requires_it_nothing_comes_by_the_browser(nele: Person, relying: Make) -> None:
    app = relying("test-par")
    assert answer_of(app.authorize())["error"] == "invalid_request"
    assert "code" in answer_of(brought(app, pushed(app)))


def test_the_metadata_say_so(client: Client) -> None:
    told = client.get("/op/.well-known/openid-configuration").json
    assert told["pushed_authorization_request_endpoint"] == f"{ISSUER}/v1/par"
    assert told["require_pushed_authorization_requests"] is False
    assert told["request_uri_parameter_supported"] is False


def test_whoever_needs_no_proof_pushes_with_measure(make_app: Callable[..., Flask]) -> None:
    """7: a public client proves nothing, so that anybody can push in its name; one source does so 300 times a minute."""
    app = make_app(BROKER_RATE_LIMITS="on")
    with app.app_context():
        relied = Relying(app.test_client(), "test-public")
        answers = [push(relied).status_code for _ in range(302)]
        assert (answers[299], answers[-1]) == (201, 429)
        assert push(Relying(app.test_client())).status_code == 201, "a client that proves itself goes on"


# RFC 9449, 10.1: bound to a key already here


def test_a_proof_of_possession_binds_the_code_to_its_key(nele: Person, relying: Make) -> None:
    app, holder, thief = relying(), Holder(), Holder()
    response = push(app, {"DPoP": holder.proof("par")})
    assert response.status_code == 201, response.text
    assert response.headers["DPoP-Nonce"]
    code = answer_of(brought(app, response.json["request_uri"]))["code"]
    header = {"Authorization": basic(app.client_id, SECRET)}
    body = {"grant_type": "authorization_code", "redirect_uri": BACK, "code": code, "code_verifier": app.verifier}
    stolen = app.browser.post("/op/v1/token", data=body, headers=header | {"DPoP": thief.proof()})
    assert stolen.json["error"] == "invalid_grant"
    response = push(app, {"DPoP": holder.proof("par")})
    body["code"] = answer_of(brought(app, response.json["request_uri"]))["code"]
    own = app.browser.post("/op/v1/token", data=body, headers=header | {"DPoP": holder.proof()})
    assert own.json["token_type"] == "DPoP"


def test_the_key_that_is_named_is_the_one_that_is_proved(relying: Make) -> None:
    app, holder = relying(), Holder()
    assert push(app, {"DPoP": holder.proof("par")}, dpop_jkt=holder.jkt).status_code == 201
    other = push(app, {"DPoP": holder.proof("par")}, dpop_jkt=Holder().jkt)
    assert (other.status_code, other.json["error"]) == (400, "invalid_request")


# 3: a signed object, pushed


def test_a_signed_object_may_be_pushed_once(nele: Person, relying: Make) -> None:
    app = relying("test-jwt")
    text = request_object(app, state="uit het object")
    bare = dict.fromkeys(app.request())
    response = push(app, **bare | {"request": text})
    assert response.status_code == 201, response.text
    again = push(app, **bare | {"request": text})
    assert (again.status_code, again.json["error"]) == (400, "invalid_request_object")
    answer = answer_of(brought(app, response.json["request_uri"]))
    assert answer["state"] == "uit het object"
    assert app.redeem(answer["code"]).status_code == 200
