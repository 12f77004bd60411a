"""The attacks of RFC 9700 (OAuth 2.0 Security Best Current Practice) and of the threats, at the authorization endpoint."""

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broker.authentication.authorization_code import AuthorizationCode
from broker.authentication.browser_session import BrowserSession
from broker.authentication.consent import Consent
from broker.people.person import Person
from tests.oidc.conftest import BACK, ISSUER, Relying, answer_of
from tests.specifications.asking import brought, catalogue, push, pushed
from tests.worlds.client import Client, forms_of
from tests.worlds.world import World

__all__ = ["catalogue"]

Make = Callable[..., Relying]


@pytest.fixture
def joke(world: World, client: Client) -> Person:
    """Somebody signed in, with a right at two organisations."""
    person = world.person("Joke De Smedt")
    for name in ("Gemeente Genk", "Gemeente Hasselt"):
        world.grant(person, world.organisation(name), "raadpleger")
    world.sign_in(client, person)
    return person


# 2.1, 4.1: the redirect URI is one of the policy, sign for sign

TRICKS = [
    "http://localhost:8001/terug/",
    "http://localhost:8001/terug/..",
    "http://localhost:8001/terug/../terug",
    "http://localhost:8001/./terug",
    "http://localhost:8001//terug",
    "http://localhost:8001/terug;a=b",
    "http://localhost:8001/terug?",
    "http://localhost:8001/terug?a=b",
    "http://localhost:8001/terug#",
    "http://localhost:8001/terug#code",
    "http://localhost:8001/terug%20",
    "http://localhost:8001/%74erug",
    "http://localhost:8001/terug%2F..%2Fandere",
    "http://localhost:8001/TERUG",
    "http://localhost:8001/",
    "http://localhost:8001",
    "http://localhost:8001\\terug",
    "http://localhost:8001/terug\\",
    " http://localhost:8001/terug",
    "http://localhost:8001/terug ",
    "http://localhost:8001/terug\t",
    "http://localhost:8001/terug\r\nLocation: https://evil.example",
    "http://localhost:8001/terug\x00",
    "http://localhost:8002/terug",
    "http://localhost:80/terug",
    "http://localhost/terug",
    "http://localhost:08001/terug",
    "http://LOCALHOST:8001/terug",
    "HTTP://localhost:8001/terug",
    "https://localhost:8001/terug",
    "//localhost:8001/terug",
    "localhost:8001/terug",
    "/terug",
    "http://localhost.:8001/terug",
    "http://localhost:8001.evil.example/terug",
    "http://localhost:8001@evil.example/terug",
    "http://user@localhost:8001/terug",
    "http://user:pw@localhost:8001/terug",
    "http://evil.example#@localhost:8001/terug",
    "http://evil.example\\@localhost:8001/terug",
    "http://sub.localhost:8001/terug",
    "http://*.localhost:8001/terug",
    "http://*:8001/terug",
    "http://127.0.0.1:8001/terug",
    "http://[::1]:8001/terug",
    "http://[::ffff:127.0.0.1]:8001/terug",
    "http://2130706433:8001/terug",
    "http://loc\u0430lhost:8001/terug",
    "http://localhost:8001/terug\u2025",
    "https://evil.example/terug",
    "https://evil.example/?http://localhost:8001/terug",
    "javascript:alert(1)",
    "data:text/html,x",
    "urn:ietf:wg:oauth:2.0:oob",
    "",
]


@pytest.mark.parametrize("uri", TRICKS)
def test_an_address_that_is_almost_the_clients_own_is_not(
    nele: Person, client: Client, relying: Make, uri: str
) -> None:
    """Path, port, user, encoding, case, wildcard, fragment, trailing dot, IPv6, homograph: nobody is sent anywhere."""
    app = relying()
    for response in (
        app.authorize(redirect_uri=uri),
        app.authorize(redirect_uri=uri, response_mode="form_post"),
        app.authorize(redirect_uri=uri, prompt="none"),
        app.authorize(redirect_uri=uri, scope="openid onbekend"),
    ):
        assert (response.status_code, response.headers.get("Location")) == (400, None)
        assert not [form for form in forms_of(response.text) if form.action.startswith("http")]
        assert "evil" not in response.text
    assert push(app, redirect_uri=uri).json["error"] == "invalid_request"


def test_two_addresses_are_none(nele: Person, client: Client, relying: Make) -> None:
    for pairs in (
        [*relying().request().items(), ("redirect_uri", "https://evil.example/")],
        [("redirect_uri", "https://evil.example/"), *relying().request().items()],
        [*relying().request().items(), ("redirect_uri", BACK)],
        [*relying().request().items(), ("client_id", "test-post")],
    ):
        response = client.get(f"/op/v1/auth?{urlencode(pairs)}")
        assert (response.status_code, response.headers.get("Location")) == (400, None)


def test_the_address_of_one_client_is_not_that_of_another(nele: Person, relying: Make) -> None:
    assert relying("test-other").authorize(redirect_uri=BACK).status_code == 400
    assert relying().authorize(redirect_uri="http://localhost:8002/terug").status_code == 400


def test_the_redirect_never_repeats_a_form_that_was_posted(joke: Person, client: Client, relying: Make) -> None:
    """4.12: 303, never 307 or 308, which would send what the person typed along."""
    page = relying().authorize()
    assert client.submit(page, form="/hoedanigheid").status_code == 303
    assert client.post("/op/v1/auth", data=relying().request()).status_code == 303
    assert relying().authorize(scope="openid onbekend").status_code == 303


def test_nothing_of_the_request_becomes_a_header(nele: Person, relying: Make) -> None:
    response = relying().authorize(state="x é & ? #")
    assert "\n" not in response.headers["Location"]
    assert answer_of(response)["state"] == "x é & ? #"


# 4.4: mix-up


def test_every_answer_says_whose_it_is_and_a_code_only_works_where_it_was_made(nele: Person, relying: Make) -> None:
    """RFC 9207 beside the client's own state: a client that asked somebody else refuses this answer."""
    app = relying()
    answer = answer_of(app.authorize())
    assert answer["iss"] == ISSUER
    assert relying("test-post").redeem(answer["code"]).json["error"] == "invalid_grant"
    assert app.redeem(answer["code"]).status_code == 200


# 4.2: what leaks by the referrer, by history, by a cache


def test_no_answer_and_no_page_of_the_way_leaks_by_the_referrer_or_is_kept(
    joke: Person, world: World, client: Client, relying: Make
) -> None:
    app = relying()
    choice = app.authorize()
    answers = [
        choice,
        client.submit(choice, form="/hoedanigheid"),
        app.authorize(response_mode="form_post"),
        app.authorize(prompt="select_account"),
        app.authorize(prompt="none"),
        app.authorize(redirect_uri="https://evil.example/"),
        relying("test-consent").authorize(),
        brought(app, pushed(app)),
    ]
    for response in answers:
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Robots-Tag"] == "noindex"


def test_a_code_stands_in_the_address_only_and_in_no_page(nele: Person, relying: Make) -> None:
    response = relying().authorize()
    assert answer_of(response)["code"] not in response.text


# 4.16: clickjacking; CSRF


def pages_of_the_way(joke: Person, client: Client, relying: Make) -> dict[str, object]:
    """One page of each kind."""
    app = relying()
    return {
        "account": app.authorize(prompt="select_account"),
        "capacity": app.authorize(),
        "consent": client.submit(relying("test-consent").authorize(), form="/hoedanigheid"),
        "form_post": client.submit(app.authorize(response_mode="form_post"), form="/hoedanigheid"),
        "refused": app.authorize(redirect_uri=None),
    }


def test_no_page_of_the_way_can_be_framed_or_run_foreign_script(joke: Person, client: Client, relying: Make) -> None:
    for name, page in pages_of_the_way(joke, client, relying).items():
        headers = page.headers  # type: ignore[attr-defined]
        policy = headers["Content-Security-Policy"]
        assert headers["X-Frame-Options"] == "DENY", name
        assert "frame-ancestors 'none'" in policy, name
        assert policy.startswith("default-src 'self'"), name
        assert "unsafe" not in policy, name
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", name
        assert not re.search(r"\son\w+=|<script(?![^>]*\bsrc=)", page.text), name  # type: ignore[attr-defined]


def test_no_choice_counts_that_another_site_sent(joke: Person, client: Client, relying: Make, session: Session) -> None:
    """CSRF on account, capacity and consent: the form token, and the browser's word that it was another site."""
    pages = pages_of_the_way(joke, client, relying)
    for name, form, more in (
        ("account", "/wie", {}),
        ("capacity", "/hoedanigheid", {}),
        ("consent", "/toestemming", {"antwoord": "ja"}),
    ):
        page = pages[name]
        before = session.scalar(select(func.count()).select_from(AuthorizationCode))
        refused = client.submit(page, {"csrf_token": None} | more, form=form)  # type: ignore[arg-type]
        assert refused.status_code == 400, name
        foreign = client.submit(page, more, form=form, headers={"Sec-Fetch-Site": "cross-site"})  # type: ignore[arg-type]
        assert foreign.status_code == 403, name
        session.rollback()
        assert session.scalar(select(func.count()).select_from(AuthorizationCode)) == before, name
    assert session.scalar(select(func.count()).select_from(Consent)) == 0


def test_a_consent_given_for_one_client_is_not_one_for_another(
    nele: Person, client: Client, relying: Make, session: Session
) -> None:
    """What is posted is judged again: a yes for other scopes, or of another person, is not this yes."""
    app = relying("test-consent")
    page = app.authorize(scope="openid")
    assert "code" in answer_of(client.submit(page, form="/toestemming", press=("antwoord", "ja")))
    assert answer_of(app.authorize(scope="openid rrn", prompt="none"))["error"] == "consent_required"
    assert session.scalars(select(Consent)).one().person_id == nele.id


def test_another_organisation_slipped_into_a_consent_is_the_plain_choice(
    joke: Person, world: World, client: Client, relying: Make
) -> None:
    """CC1: recomputed from live rights at every step."""
    lommel = world.organisation("Gemeente Lommel")
    consent = client.submit(relying("test-consent").authorize(), form="/hoedanigheid")
    slipped = client.submit(consent, {"organisatie": lommel.code}, form="/toestemming", press=("antwoord", "ja"))
    assert answer_of(slipped) == {}
    assert "Voor wie werkt u vandaag?" in slipped.text
    assert "Lommel" not in slipped.text


def test_two_tabs_keep_their_own_organisation(joke: Person, client: Client, relying: Make) -> None:
    """CC2: opened one after the other, answered in the other order; neither changes the other."""
    first, second = relying("test-confidential"), relying("test-post")
    pages = first.authorize(), second.authorize()
    codes = {}
    for app, page, name in ((second, pages[1], "Gemeente Hasselt"), (first, pages[0], "Gemeente Genk")):
        after = page.text.partition(f"<h2>{name}</h2>")[2]
        code = next(form.fields["organisatie"] for form in forms_of(after) if "organisatie" in form.fields)
        codes[name] = app, answer_of(client.submit(page, {"organisatie": code}, form="/hoedanigheid"))["code"]
    for name, (app, code) in codes.items():
        tokens = app.redeem(code).json
        assert app.id_claims(tokens)["vo_orgnaam"] == name
        assert app.userinfo(tokens["access_token"]).json["vo_orgnaam"] == name


# Session fixation; the host header


def test_a_cookie_that_somebody_planted_is_nobodys_session(
    world: World, client: Client, relying: Make, session: Session
) -> None:
    """Fixation: a value that we did not make is never adopted, neither before nor after a sign-in."""
    client.set_cookie("poortwachter-sessie", "geplant" * 6)
    assert relying().authorize().headers["Location"].startswith("/aanmelden?")
    assert answer_of(relying().authorize(prompt="none"))["error"] == "login_required"
    assert session.scalar(select(BrowserSession)) is None


@pytest.mark.parametrize("host", ["evil.example", "localhost:8000@evil.example", "localhost:8000.evil.example", ""])
def test_whatever_host_is_claimed_the_addresses_are_ours(
    nele: Person, client: Client, relying: Make, host: str
) -> None:
    """OA12."""
    app = relying()
    forwarded = {"Host": host, "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    way = client.get(f"/op/v1/auth?{urlencode(app.request())}", headers=forwarded)
    assert "evil" not in way.headers.get("Location", "")
    quiet = client.get(f"/op/v1/auth?{urlencode(app.request(prompt='none'))}", headers=forwarded)
    assert answer_of(quiet)["iss"] == ISSUER
    told = client.post("/op/v1/par", data=app.request(client_id="test-public"), headers=forwarded).json
    assert "evil" not in str(told)


def test_nothing_of_a_refused_request_reaches_the_log(
    make_app: Callable[..., Flask], capsys: pytest.CaptureFixture[str]
) -> None:
    """No state, no hint and no address of a stranger."""
    app = make_app(BROKER_LOG_LEVEL="debug")
    with app.app_context():
        browser = app.test_client()
        relied = Relying(browser)
        relied.authorize(redirect_uri="https://evil.example/geheim", login_hint="85073003328", state="staat-geheim")
        relied.authorize(client_id="onbekend-geheim")
        relied.authorize(scope="openid geheim")
        push(relied, scope="openid geheim")
    written = capsys.readouterr().err
    assert "authorization_refused" in written
    for part in ("geheim", "85073003328", "evil.example"):
        assert part not in written
