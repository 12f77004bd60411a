"""What holds for every address of the broker, found by walking the map of addresses: a new page cannot forget it."""

import re
import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import Rule

from broker.database import db
from broker.oidc.machine_endpoints import ENDPOINTS
from broker.tables import metadata
from broker.web.security import WITHOUT_FORM_TOKEN
from tests.worlds.client import Client
from tests.worlds.statements import Statements
from tests.worlds.world import World

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def machine_addresses(method: str) -> list[str]:
    """Every address at the door for machines that takes `method`: answered before Flask, so not in its map."""
    return sorted(path for path, endpoint in ENDPOINTS.items() if endpoint.takes(method))


def addresses(app: Flask, method: str) -> list[str]:
    """Every address of a page that takes `method`, with something plausible in its places."""

    def filled(rule: Rule) -> str:
        return re.sub(
            r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>",
            lambda place: str(uuid.uuid4()) if place[1] == "uuid" else "iets",
            rule.rule,
        )

    return sorted({filled(rule) for rule in app.url_map.iter_rules() if method in (rule.methods or ())})


def count_rows() -> dict[str, int]:
    """How many rows each table holds."""
    db.session.rollback()
    counts = {t.name: db.session.scalar(select(func.count()).select_from(t)) or 0 for t in metadata.sorted_tables}
    db.session.rollback()
    return counts


def test_every_address_answers_with_the_headers_that_guard_a_page(app: Flask, client: Client) -> None:
    for address in addresses(app, "GET"):
        response = client.get(address)
        headers = response.headers
        assert response.status_code < 500 or address == "/health/ready", address
        for name, value in HEADERS.items():
            assert headers[name] == value, (address, name)
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'self'"), address
        assert "frame-ancestors 'none'" in policy, address
        assert "unsafe" not in policy, address
        assert headers["Referrer-Policy"] in ("same-origin", "no-referrer"), address
        assert "Cache-Control" in headers, address
        assert headers["X-Request-ID"], address


def test_every_door_for_machines_answers_with_the_headers_that_guard_an_answer(app: Flask, client: Client) -> None:
    """No page, no cookie, nothing kept unless it is public, and its own words for what is wrong."""
    assert not set(ENDPOINTS) & {rule.rule for rule in app.url_map.iter_rules()}, "each address is answered once"
    for method in ("GET", "HEAD", "POST"):
        for address in machine_addresses(method):
            response = client.open(address, method=method, data={"anything": "at all"} if method == "POST" else None)
            assert response.status_code < 500, address
            assert response.headers["X-Content-Type-Options"] == "nosniff", address
            assert response.headers["Cache-Control"] in ("no-store", "public, max-age=300"), address
            assert response.headers["X-Request-ID"], address
            assert "json" in response.headers["Content-Type"], address
            assert "Set-Cookie" not in response.headers, address


def test_what_a_person_may_do_no_machine_may_do_for_it(client: Client, world: World, statements: Statements) -> None:
    """The cookie of a person opens nothing at the door for machines, and a form of another site changes nothing there."""
    world.sign_in(client, world.administrator_of(world.organisation()))
    before = count_rows()
    for address in machine_addresses("POST"):
        with statements() as seen:
            response = client.post(address, data={"anything": "at all"}, headers={"Sec-Fetch-Site": "cross-site"})
        assert response.status_code in (400, 401), address
        assert [each for each in seen.writing if "audit" not in each] == [], address
    after = count_rows()
    assert {name for name in before if before[name] != after[name]} <= {"audit_events", "audit_sources"}


def test_no_page_holds_a_script_or_style_in_its_text(app: Flask, client: Client) -> None:
    for address in addresses(app, "GET"):
        response = client.get(address, headers={"Accept": "text/html"})
        if not response.content_type.startswith("text/html"):
            continue
        assert not re.search(r"<script(?![^>]*\bsrc=)", response.text), address
        assert not re.search(r"<style\b|\sstyle=|\son\w+=\"", response.text), address
        assert not re.search(
            r"(?:src|href)=\"(?:https?:)?//(?!localhost:8000)[^\"]*\.(?:js|css|woff2?)", response.text
        ), address


def test_every_form_without_its_token_is_refused_and_changes_nothing(
    app: Flask, client: Client, world: World, statements: Statements
) -> None:
    world.sign_in(client, world.administrator_of(world.organisation()))
    for address in addresses(app, "POST"):
        if address in WITHOUT_FORM_TOKEN:
            continue
        before = count_rows()
        with statements() as seen:
            response = client.post(address, data={"anything": "at all"})
        assert response.status_code == 400, (address, response.status_code)
        assert seen.writing == [], address
        assert count_rows() == before, address


def test_only_what_programs_call_needs_no_form_token(app: Flask) -> None:
    assert {path for path in WITHOUT_FORM_TOKEN if not path.startswith("/op/v1/")} == set()


def test_a_form_sent_by_another_site_is_refused_even_with_a_token(client: Client) -> None:
    response = client.post("/afmelden", headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("signed_in", [False, True], ids=["anonymous", "signed in"])
def test_reading_a_page_writes_nothing(
    app: Flask, client: Client, world: World, statements: Statements, method: str, signed_in: bool
) -> None:
    """Rule 3 of the threats: GET and HEAD change nothing. An applicant's link, an inbox and a sign-in page included."""
    organisation = world.organisation()
    administrator = world.administrator_of(organisation)
    request = world.request(organisation=organisation)
    task = world.task(request)
    unproved = world.typed_request(organisation, prove=False)
    if signed_in:
        world.sign_in(client, administrator)
    more = [
        f"/link/{world.tracking_token(request)}",
        f"/link/{world.link_token(unproved.id)}",
        f"/taken/{task.id}",
        f"/user/aanvraag?ec={request.entitlement_code}&dg=LB",
    ]
    before = count_rows()
    for address in [*addresses(app, "GET"), *machine_addresses("GET"), *more]:
        with statements() as seen:
            response = client.open(address, method=method, follow_redirects=address.startswith("/link/"))
        assert seen.writing == [], (address, seen.writing)
        assert response.status_code < 500 or address == "/health/ready", (address, response.status_code)
    assert count_rows() == before


def test_pages_over_tls_insist_on_tls_and_on_host_bound_cookies(make_app: Callable[..., Flask]) -> None:
    app = make_app(
        BROKER_ENV="production",
        BROKER_ISSUER="https://poort.example.be/op",
        BROKER_INBOX_DIR="",
        BROKER_SMTP_URL="smtps://mail.example.be:465",
        BROKER_MAIL_FROM="poort@example.be",
        BROKER_OPERATOR_EMAIL="operator@example.be",
        BROKER_RATE_LIMITS="on",
    )
    response = app.test_client().get("/aanmelden", base_url="https://poort.example.be")
    assert "max-age=31536000" in response.headers["Strict-Transport-Security"]
    for address in machine_addresses("GET"):
        assert "max-age=31536000" in app.test_client().get(address).headers["Strict-Transport-Security"]
    assert app.config["SESSION_COOKIE_SECURE"]
    assert app.config["SESSION_COOKIE_NAME"].startswith("__Host-")
    for cookie in response.headers.getlist("Set-Cookie"):
        assert "Secure" in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
