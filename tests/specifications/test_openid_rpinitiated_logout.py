"""OpenID Connect RP-Initiated Logout 1.0, ACM's form of it, and ACM's `switch`. The attacks come first (threats OA10)."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from broker.authentication.browser_session import BrowserSession
from broker.authentication.client_session import ClientSession
from broker.database import db
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.oidc.conftest import AFTER, SECRET, Relying, answer_of, basic
from tests.specifications import receiving
from tests.specifications.receiving import Receiver, deliver
from tests.worlds.client import Client, forms_of
from tests.worlds.world import World

catalogue, receiver, receiver_of_all = receiving.catalogue, receiving.receiver, receiving.receiver_of_all

Make = Callable[..., Relying]
HERE = "test-confidential"
QUESTION = "Wilt u zich afmelden?"
SWITCH_QUESTION = "Wilt u voor een andere organisatie werken?"
GONE = "U bent afgemeld"
OWN_PAGE = {"Referer": "http://localhost:8001/overzicht"}


@pytest.fixture
def genk(world: World) -> Organisation:
    return world.organisation("Genk")


@pytest.fixture
def nele(world: World, client: Client, genk: Organisation) -> Person:
    """Signed in, with a right at one organisation."""
    person = world.person()
    world.grant(person, genk)
    world.sign_in(client, person)
    return person


def logout(browser: Client, headers: dict[str, str] | None = None, **parameters: str) -> TestResponse:
    return browser.get(f"/op/v1/logout?{urlencode(parameters)}", headers=headers or {})


def said_yes(browser: Client, page: TestResponse) -> TestResponse:
    return browser.submit(page, form="/op/v1/logout/bevestig")


def signed_in(app: Relying) -> bool:
    return "code" in answer_of(app.authorize(prompt="none"))


def living_sessions() -> int:
    db.session.rollback()
    return len(db.session.scalars(select(ClientSession.id).where(ClientSession.revoked_at.is_(None))).all())


# Open redirect


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "http://localhost:8001",
        "http://localhost:8001/x",
        "http://localhost:8001/?x=1",
        "http://localhost:8001/#x",
        "http://localhost:8001//",
        "http://localhost:80010/",
        "http://localhost:8001@evil.example/",
        "http://user@localhost:8001/",
        "http://localhost:8001.evil.example/",
        "HTTP://localhost:8001/",
        "http://LOCALHOST:8001/",
        "http://localhost:8001/%2e%2e/",
        "http://localhost:8001/\\evil.example",
        "https://localhost:8001/",
        "http://localhost:8002/",
        "javascript:alert(1)",
        "/",
        "",
        " http://localhost:8001/",
        "http://localhost:8001/ ",
    ],
)
@pytest.mark.parametrize("way", ["hint", "client_id", "switch", "confirmed", "signed_out"])
def test_nobody_is_sent_to_an_address_that_is_not_the_clients_own_sign_for_sign(
    nele: Person, client: Client, relying: Make, app: Flask, address: str, way: str
) -> None:
    """OA10: the open-redirect list, at every road through the endpoint."""
    tokens = relying(HERE).tokens()
    browser = app.test_client() if way == "signed_out" else client
    given = {"client_id": HERE, "post_logout_redirect_uri": address}
    if way == "hint":
        given = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": address}
    if way == "switch":
        given["switch"] = ""
    answer = logout(browser, OWN_PAGE, **given)
    if way == "confirmed":
        answer = said_yes(client, answer)
    assert answer.headers.get("Location") is None
    assert answer.status_code == (400 if way == "switch" else 200)
    leading_out = [each for each in re.findall(r'(?:href|action)="([^"]*)"', answer.text) if not _ours(each)]
    assert address not in [unescape(each) for each in leading_out]
    assert all(each.startswith(("https://www.", "tel:", "mailto:")) for each in leading_out), leading_out


def _ours(href: str) -> bool:
    """On this site, or the application's own start page as its policy gives it."""
    return href == AFTER or (href.startswith(("/", "#")) and not href.startswith(("//", "/\\")))


def test_the_address_of_another_client_is_not_this_ones(nele: Person, client: Client, relying: Make) -> None:
    """OA10: exact, and of *that* client."""
    tokens = relying(HERE).tokens()
    answer = logout(
        client, id_token_hint=tokens["id_token"], post_logout_redirect_uri="http://localhost:8001/cultuurmonitor"
    )
    assert answer.headers.get("Location") is None


# Logout by others


def test_without_a_hint_the_person_is_asked_and_a_no_leaves_everything(
    nele: Person, client: Client, relying: Make
) -> None:
    """OA10: logout CSRF."""
    app = relying(HERE)
    app.tokens()
    for given in (
        {},
        {"client_id": HERE},
        {"client_id": "unknown"},
        {"logout_hint": "nele"},
        {"state": "x"},
        {"client_id": HERE, "post_logout_redirect_uri": AFTER},
    ):
        page = logout(client, **given)
        assert (page.status_code, QUESTION in page.text) == (200, True)
    assert signed_in(app)


def test_the_hint_of_another_person_browser_or_sign_in_only_asks(
    nele: Person, world: World, client: Client, relying: Make, app: Flask
) -> None:
    """OA10: the attacker's own ID token, and one of the same person from another browser."""
    elsewhere = app.test_client()
    world.sign_in(elsewhere, nele)
    other_browser = relying(HERE, browser=elsewhere).tokens()["id_token"]
    mallory = world.person("Mallory Boef")
    world.grant(mallory, world.organisation("Hasselt"))
    world.sign_in(elsewhere, mallory)
    attackers = relying(HERE, browser=elsewhere).tokens()["id_token"]
    for hint in (other_browser, attackers, f"{attackers}x", "a.b.c", "", attackers.replace(".", "", 1)):
        page = logout(client, id_token_hint=hint, post_logout_redirect_uri=AFTER)
        assert QUESTION in page.text, hint
    assert signed_in(relying(HERE))


def test_the_answer_to_the_question_needs_our_own_form(nele: Person, client: Client, relying: Make) -> None:
    """OA10: neither a forged token nor a page of another site says yes."""
    page = logout(client)
    assert client.submit(page, {"csrf_token": "x"}, form="/op/v1/logout/bevestig").status_code in (400, 403)
    forged = client.submit(page, form="/op/v1/logout/bevestig", headers={"Sec-Fetch-Site": "cross-site"})
    assert forged.status_code == 403
    assert client.get("/op/v1/logout/bevestig").status_code == 405
    assert signed_in(relying(HERE))


def test_a_parameter_twice_is_no_request(nele: Person, client: Client, relying: Make) -> None:
    tokens = relying(HERE).tokens()
    answer = client.get(f"/op/v1/logout?id_token_hint={tokens['id_token']}&client_id={HERE}&client_id=test-public")
    assert answer.status_code == 400
    assert signed_in(relying(HERE))


def test_head_does_nothing(nele: Person, client: Client, relying: Make) -> None:
    """Rule 3: a scanner that opens links signs nobody out."""
    hint = relying(HERE).tokens()["id_token"]
    client.head(f"/op/v1/logout?{urlencode({'id_token_hint': hint})}")
    client.head(f"/op/v1/logout?switch&client_id={HERE}&post_logout_redirect_uri={AFTER}", headers=OWN_PAGE)
    assert living_sessions() == 1


# The way it should go


@pytest.mark.parametrize("state", ["een-staat", "a b&c=d", "ë"])
def test_with_its_own_hint_everything_ends_at_once_and_the_state_comes_back(
    nele: Person, client: Client, relying: Make, state: str
) -> None:
    """Sections 2 and 3: state is echoed as it was."""
    app = relying(HERE)
    tokens = app.tokens()
    answer = logout(client, id_token_hint=tokens["id_token"], post_logout_redirect_uri=AFTER, state=state)
    assert answer.headers["Location"] == f"{AFTER}?{urlencode({'state': state})}"
    assert not signed_in(app)
    assert app.userinfo(tokens["access_token"]).status_code == 401


def test_client_id_alone_asks_and_then_goes_back(nele: Person, client: Client, relying: Make) -> None:
    """ACM's form: client_id, post_logout_redirect_uri, state, no hint (domain-facts §1)."""
    app = relying(HERE)
    app.tokens()
    page = logout(client, client_id=HERE, post_logout_redirect_uri=AFTER, state="s")
    answer = said_yes(client, page)
    assert answer.headers["Location"] == f"{AFTER}?state=s"
    assert not signed_in(app)


def test_every_application_of_the_session_is_told_and_no_other(
    nele: Person, world: World, client: Client, relying: Make, receiver: Receiver, app: Flask, genk: Organisation
) -> None:
    """All of this browser, and none of another. What goes on offline hears of it too, and keeps its refresh tokens
    (Back-Channel Logout 1.0, 2.7)."""
    asking = relying(HERE).tokens()
    for client_id in ("test-public", "rs256", "test-other"):
        relying(client_id, redirect_uri=_address(client_id)).tokens()
    relying("active").tokens(scope="openid profile vo cjm_cultuurmonitor offline_access")
    elsewhere = app.test_client()
    world.sign_in(elsewhere, nele)
    relying(HERE, browser=elsewhere).tokens()
    logout(client, id_token_hint=asking["id_token"])
    assert receiver.heard == [], "nothing is sent while the person waits"
    deliver()
    told = sorted(each.path for each in receiver.heard if each.path.endswith("/logout"))
    assert told == ["/active/logout", "/rs256/logout", f"/{HERE}/logout", "/test-public/logout"]
    assert living_sessions() == 2


def _address(client_id: str) -> str:
    return "http://localhost:8002/terug" if client_id == "test-other" else "http://localhost:8001/terug"


def test_a_form_of_another_site_comes_in_without_our_cookie_and_still_signs_out(
    nele: Person, client: Client, relying: Make, app: Flask
) -> None:
    """Section 2: GET and POST. The ID token never stands in an address on the way."""
    one = relying(HERE)
    fields = {"id_token_hint": one.tokens()["id_token"], "post_logout_redirect_uri": AFTER, "state": "s"}
    cross_site = app.test_client()  # SameSite=Lax: no cookie comes with a form of another site
    page = cross_site.post("/op/v1/logout", data=fields, headers={"Sec-Fetch-Site": "cross-site"})
    assert (page.status_code, page.headers.get("Location")) == (200, None)
    assert signed_in(one)
    [form] = [each for each in forms_of(page.text) if each.action == "/op/v1/logout"]
    assert {name: form.fields[name] for name in fields} == fields
    answer = client.post("/op/v1/logout", data=form.fields)
    assert answer.headers["Location"] == f"{AFTER}?state=s"
    assert not signed_in(one)


def test_a_form_with_parameters_in_its_address_is_refused(nele: Person, client: Client, relying: Make) -> None:
    assert client.post("/op/v1/logout?client_id=x", data={}).status_code == 400


def test_nobody_is_signed_in_and_a_proof_leads_straight_back(
    nele: Person, world: World, client: Client, relying: Make
) -> None:
    hint = relying(HERE).tokens()["id_token"]
    world.sign_out(client)
    answer = logout(client, id_token_hint=hint, post_logout_redirect_uri=AFTER)
    assert answer.headers["Location"] == AFTER
    page = logout(client, client_id=HERE, post_logout_redirect_uri=AFTER)
    assert GONE in page.text
    assert f'href="{AFTER}"' in page.text


@pytest.mark.parametrize(("locales", "sentence"), [("en nl", "Do you want to sign out?"), ("fr nl", QUESTION)])
def test_ui_locales_choose_the_language_of_the_question(
    nele: Person, client: Client, locales: str, sentence: str
) -> None:
    page = logout(client, ui_locales=locales)
    assert sentence in page.text
    assert page.headers["X-Frame-Options"] == "DENY"


def test_the_cookie_goes_and_the_session_stays_ended(nele: Person, client: Client, relying: Make) -> None:
    hint = relying(HERE).tokens()["id_token"]
    answer = logout(client, id_token_hint=hint)
    assert any("poortwachter-sessie=;" in each for each in answer.headers.getlist("Set-Cookie"))
    db.session.rollback()
    row = db.session.scalars(select(BrowserSession)).one()
    assert (row.end_reason, row.number_sealed, row.given_name) == ("signed_out", None, None)


# ACM's switch


@pytest.fixture
def of_two(world: World, client: Client, genk: Organisation) -> Person:
    """Somebody who may enter for two organisations, signed in."""
    person = world.person()
    world.grant(person, genk)
    world.grant(person, world.organisation("Peer"))
    world.sign_in(client, person)
    return person


def entered(app: Relying, place: Organisation) -> dict[str, Any]:
    page = app.authorize()
    answer = app.browser.submit(page, {"organisatie": place.code}, form="/hoedanigheid")
    tokens: dict[str, Any] = app.redeem(answer_of(answer)["code"]).json
    return tokens


@pytest.mark.parametrize("proof", ["own page", "hint"])
def test_switch_leaves_one_application_and_the_choice_comes_again_without_a_sign_in(
    of_two: Person, genk: Organisation, client: Client, relying: Make, receiver: Receiver, proof: str
) -> None:
    """CC1-CC3: this ClientSession only, its refresh token dead, prompt=none picks nothing, and the choice is shown."""
    here, other = relying(HERE), relying("rs256")
    tokens, others = entered(here, genk), entered(other, genk)
    assert "code" in answer_of(here.authorize(prompt="none"))
    headers = OWN_PAGE if proof == "own page" else {}
    given = {"client_id": HERE, "post_logout_redirect_uri": AFTER, "state": "terug"}
    if proof == "hint":
        given["id_token_hint"] = tokens["id_token"]
    answer = client.get(f"/op/v1/logout?switch&{urlencode(given)}", headers=headers)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{AFTER}?state=terug")
    assert here.userinfo(tokens["access_token"]).status_code == 401
    assert _refreshed(here, tokens).status_code == 400
    assert other.userinfo(others["access_token"]).status_code == 200
    assert answer_of(here.authorize(prompt="none"))["error"] == "interaction_required"
    page = here.authorize()
    assert page.status_code == 200
    assert len([form for form in forms_of(page.text) if "organisatie" in form.fields]) == 2
    deliver()
    assert {each.path for each in receiver.heard if each.path.endswith("logout")} == {f"/{HERE}/logout"}


def _refreshed(app: Relying, tokens: dict[str, Any]) -> TestResponse:
    return Client(app.browser.application).post(
        "/op/v1/token",
        data={"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]},
        headers={"Authorization": basic(app.client_id, SECRET)},
    )


@pytest.mark.parametrize(
    "referrer",
    [None, "https://evil.example/", "http://localhost:8001.evil.example/", "http://localhost:8001@evil.example/", "x"],
)
def test_a_switch_from_elsewhere_is_asked_first(
    of_two: Person, genk: Organisation, client: Client, relying: Make, referrer: str | None
) -> None:
    """OA10: another site cannot throw somebody out of an application either."""
    entered(relying(HERE), genk)
    page = client.get(
        f"/op/v1/logout?switch&client_id={HERE}&post_logout_redirect_uri={AFTER}",
        headers={"Referer": referrer} if referrer else {},
    )
    assert SWITCH_QUESTION in page.text
    assert living_sessions() == 1
    answer = said_yes(client, page)
    assert answer.headers["Location"] == AFTER
    assert living_sessions() == 0
    assert relying(HERE).authorize().status_code == 200, "still signed in: the choice, not the sign-in page"


def test_a_switch_by_nobody_leads_to_the_entrance(client: Client, relying: Make, app: Flask) -> None:
    answer = client.get(f"/op/v1/logout?switch&client_id={HERE}&post_logout_redirect_uri={AFTER}")
    assert answer.headers["Location"] == AFTER


@pytest.mark.parametrize("client_id", [None, "unknown"])
def test_a_switch_of_no_application_is_refused(of_two: Person, client: Client, client_id: str | None) -> None:
    given = {"switch": "", "post_logout_redirect_uri": AFTER} | ({"client_id": client_id} if client_id else {})
    answer = logout(client, OWN_PAGE, **given)
    assert (answer.status_code, answer.headers.get("Location")) == (400, None)


def test_with_one_organisation_a_switch_comes_back_in_the_same(nele: Person, client: Client, relying: Make) -> None:
    app = relying(HERE)
    app.tokens()
    client.get(f"/op/v1/logout?switch&client_id={HERE}&post_logout_redirect_uri={AFTER}", headers=OWN_PAGE)
    assert "code" in answer_of(app.authorize())


def test_discovery_says_where_sessions_end(client: Client) -> None:
    told = client.get("/op/.well-known/openid-configuration").json
    assert told["end_session_endpoint"] == "http://localhost:8000/op/v1/logout"
