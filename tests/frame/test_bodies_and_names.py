"""What arrives is never too long, and never says who we are."""

import io
import re
from collections.abc import Callable

import pytest
from flask import Flask, request

from tests.worlds.client import Client
from tests.worlds.inbox import Inbox
from tests.worlds.world import World

FIVE_MEGABYTES = 5 * 1024 * 1024


def test_a_form_of_five_megabytes_gets_a_page_that_says_so(client: Client, world: World) -> None:
    """SR8: refused before anything parses it."""
    world.sign_in(client, world.person())
    token = client.csrf_token("/afmelden")
    response = client.post("/afmelden", data={"csrf_token": token, "reason": "x" * FIVE_MEGABYTES})
    assert response.status_code == 413
    assert "te groot" in response.text
    assert "Er is niets bewaard" in response.text


def test_a_long_body_without_its_length_is_refused_too(client: Client) -> None:
    """SR8: chunked, as a slow or lying sender does."""
    response = client.post(
        "/afmelden",
        input_stream=io.BytesIO(b"x=" + b"y" * FIVE_MEGABYTES),
        content_type="application/x-www-form-urlencoded",
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert response.status_code == 413


def test_a_body_of_a_kilobyte_is_read(client: Client, world: World) -> None:
    world.sign_in(client, world.person())
    token = client.csrf_token("/afmelden")
    response = client.post("/afmelden", data={"csrf_token": token, "reason": "x" * 1024})
    assert response.status_code < 400


@pytest.mark.parametrize("path", ["/mensen?zoek=%00", "/taken?zoek=a%00b", "/aanvraag/a%00b"])
def test_no_address_holds_a_nul(client: Client, world: World, path: str) -> None:
    """PostgreSQL has no such text: it would be an error of ours."""
    world.sign_in(client, world.administrator_of(world.organisation("Genk")))
    assert client.get(path).status_code == 400


def test_no_form_holds_a_nul(client: Client, world: World) -> None:
    """A typed name goes on to the worker, which would try for ever."""
    page = client.get("/aanmelden/account/vergeten")
    assert client.submit(page, {"gebruikersnaam": "sanne\0bakker"}, form="/vergeten").status_code == 400
    world.sign_in(client, world.administrator_of(world.organisation("Genk")))
    answer = client.submit(client.get("/rechten/nieuw"), {"naam": "a\0b", "doe": "naam"}, form="op-naam")
    assert answer.status_code == 400


def test_no_address_we_write_comes_from_the_host_header(client: Client, world: World, inbox: Inbox) -> None:
    """OA12: pages, redirects, metadata and mails name the issuer's origin, whatever Host or X-Forwarded-Host say."""
    lies = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    for path in (
        "/",
        "/aanmelden",
        "/taken",
        "/nergens",
        "/op/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server/op",
        "/toepassingen/cultuurmonitor",
    ):
        response = client.get(path, headers=lies)
        assert "evil.example" not in response.text, path
        assert "evil.example" not in str(response.headers), path
    world.request(organisation=world.organisation())
    for mail in inbox.mails:
        assert all(re.match(r"http://localhost:8000/|https?://[^/]*\.be", link) for link in mail.links), mail.links


def test_the_source_address_is_believed_only_as_far_as_proxies_are_trusted(make_app: Callable[..., Flask]) -> None:
    """OA12: X-Forwarded-For counts from the right, as many as there are proxies of ours."""

    def source(app: Flask) -> str:
        @app.get("/-/source")
        def tell() -> str:
            return request.remote_addr or ""

        return app.test_client().get("/-/source", headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.9"}).text

    assert source(make_app(BROKER_TRUSTED_PROXIES="0")) == "127.0.0.1"
    assert source(make_app(BROKER_TRUSTED_PROXIES="1")) == "203.0.113.9"
