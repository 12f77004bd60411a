"""OAuth 2.0 Form Post Response Mode: the answer in a form of a page, so that no code stands in an address."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Route

from broker.people.person import Person
from tests.oidc.conftest import BACK, ISSUER, Relying, answer_of
from tests.specifications.asking import brought, catalogue, pushed
from tests.worlds.client import Client, forms_of
from tests.worlds.world import World

__all__ = ["catalogue"]

Make = Callable[..., Relying]


def test_a_mode_that_we_do_not_have_is_told_by_query(nele: Person, relying: Make) -> None:
    for mode in ("fragment", "query.jwt", "form_post.jwt", "FORM_POST", "web_message", "x" * 500):
        assert answer_of(relying().authorize(response_mode=mode))["error"] == "invalid_request"


def test_the_answer_is_a_form_with_exactly_what_a_query_would_hold(nele: Person, relying: Make) -> None:
    """1: every parameter a hidden field, the action the redirect URI."""
    app = relying()
    page = app.authorize(response_mode="form_post", state='<a> "b" & c=é')
    assert (page.status_code, page.headers.get("Location")) == (200, None)
    (form,) = [each for each in forms_of(page.text) if each.action == BACK]
    assert form.method == "post"
    assert set(form.fields) == {"code", "iss", "state"}
    assert (form.fields["iss"], form.fields["state"]) == (ISSUER, '<a> "b" & c=é')
    assert app.redeem(form.fields["code"]).status_code == 200


def test_an_error_comes_the_same_way(world: World, client: Client, relying: Make) -> None:
    page = relying().authorize(response_mode="form_post", prompt="none")
    (form,) = [each for each in forms_of(page.text) if each.action == BACK]
    assert (form.fields["error"], form.fields["iss"], form.fields["state"]) == ("login_required", ISSUER, "een-staat")
    assert "error_description" not in form.fields or form.fields["error_description"].isascii()


def test_its_form_leads_to_that_client_only_and_it_is_not_kept_nor_framed(nele: Person, relying: Make) -> None:
    """Clickjacking, referrer leakage: the page holds a code."""
    page = relying().authorize(response_mode="form_post")
    policy = page.headers["Content-Security-Policy"]
    assert re.search(r"form-action ([^;]+)", policy).group(1) == "http://localhost:8001"  # type: ignore[union-attr]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert not re.search(r"<script(?![^>]*\bsrc=)", page.text), "no script in the page"


def test_it_works_by_a_button_where_there_is_no_javascript(nele: Person, relying: Make) -> None:
    page = relying().authorize(response_mode="form_post")
    assert re.search(r'<button type="submit"[^>]*>', page.text)
    assert "Gebeurt er niets? Gebruik dan de knop." in page.text


def test_what_was_pushed_says_how_the_answer_comes(nele: Person, relying: Make) -> None:
    app = relying()
    page = brought(app, pushed(app, response_mode="form_post"), response_mode="query")
    (form,) = [each for each in forms_of(page.text) if each.action == BACK]
    assert "code" in form.fields


def test_the_pages_in_between_lead_to_that_client_only(world: World, client: Client, relying: Make) -> None:
    person = world.person()
    for name in ("Gemeente Genk", "Gemeente Hasselt"):
        world.grant(person, world.organisation(name))
    world.sign_in(client, person)
    page = relying("test-other").authorize(redirect_uri="http://localhost:8002/terug")
    assert "form-action 'self' http://localhost:8002" in page.headers["Content-Security-Policy"]
    assert "8001" not in page.headers["Content-Security-Policy"]


def test_a_redirect_uri_with_a_query_keeps_it(nele: Person, relying: Make) -> None:
    """RFC 6749, 3.1.2: by query the answer is added, by form the query stays in the action."""
    app = relying("test-query", redirect_uri=f"{BACK}?soort=a%26b")
    location = app.authorize().headers["Location"]
    assert location.startswith(f"{BACK}?soort=a%26b&code=")
    page = app.authorize(response_mode="form_post")
    assert any(each.action == f"{BACK}?soort=a%26b" for each in forms_of(page.text))


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_a_browser_brings_the_answer_by_itself_or_at_the_press_of_the_button(
    nele: Person, client: Client, relying: Make, new_context: Callable[..., BrowserContext], scripts: bool
) -> None:
    """In Chromium, under the page's own Content-Security-Policy; what reaches the client carries no referrer."""
    received: list[tuple[str, dict[str, list[str]], dict[str, str]]] = []

    def broker(route: Route) -> None:
        parts = urlsplit(route.request.url)
        response = client.get(f"{parts.path}?{parts.query}")
        route.fulfill(status=response.status_code, headers=dict(response.headers), body=response.data)

    def application(route: Route) -> None:
        received.append((route.request.method, parse_qs(route.request.post_data or ""), route.request.headers))
        route.fulfill(status=200, content_type="text/html", body="<title>Aangekomen</title>")

    context = new_context(java_script_enabled=scripts)
    context.route("http://localhost:8000/**", broker)
    context.route("http://localhost:8001/**", application)
    page = context.new_page()
    app = relying()
    page.goto(f"http://localhost:8000/op/v1/auth?{urlencode(app.request(response_mode='form_post'))}")
    if not scripts:
        page.get_by_role("button", name="Ga verder").click()
    page.wait_for_url(BACK)
    ((method, fields, headers),) = received
    assert (method, fields["iss"], fields["state"]) == ("POST", [ISSUER], ["een-staat"])
    assert "referer" not in headers
    assert app.redeem(fields["code"][0]).status_code == 200
