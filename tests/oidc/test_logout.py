"""Signing out at the wish of an application: at once only with a proof of this very session, else the person is
asked."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from flask import Flask

from broker.people.person import Person
from tests.oidc.conftest import AFTER, Relying, answer_of
from tests.worlds.client import Client
from tests.worlds.world import World

Make = Callable[..., Relying]
QUESTION = "Wilt u zich afmelden?"


@pytest.fixture
def nele(world: World, client: Client) -> Person:
    """Somebody signed in, with a right."""
    person = world.person()
    world.grant(person, world.organisation())
    world.sign_in(client, person)
    return person


def logout(browser: Client, **parameters: str) -> Any:
    return browser.get(f"/op/v1/logout?{urlencode(parameters)}")


def signed_in(app: Relying) -> bool:
    return "code" in answer_of(app.authorize(prompt="none"))


def test_with_its_own_id_token_an_application_signs_out_at_once(nele: Person, client: Client, relying: Make) -> None:
    app = relying()
    tokens = app.tokens()
    response = logout(
        client,
        id_token_hint=tokens["id_token"],
        client_id="test-confidential",
        post_logout_redirect_uri=AFTER,
        state="a b",
    )
    assert response.headers["Location"] == f"{AFTER}?state=a+b"
    assert not signed_in(app)
    assert app.userinfo(tokens["access_token"]).status_code == 401


def test_an_id_token_that_ran_out_still_proves_whose_session_it_is(
    nele: Person, client: Client, relying: Make, clock: time_machine.Traveller
) -> None:
    """OpenID RP-Initiated Logout 1.0, 4."""
    app = relying()
    tokens = app.tokens()
    clock.shift(timedelta(minutes=10))
    logout(client, id_token_hint=tokens["id_token"])
    assert not signed_in(app)


def test_without_a_hint_the_person_is_asked_and_then_sent_back(nele: Person, client: Client, relying: Make) -> None:
    """OA10, and ACM's form: client_id, post_logout_redirect_uri and state only."""
    app = relying()
    page = logout(client, client_id="test-confidential", post_logout_redirect_uri=AFTER, state="s")
    assert QUESTION in page.text
    assert signed_in(app), "a GET without proof signs nobody out"
    answer = client.submit(page, form="/op/v1/logout/bevestig")
    assert answer.headers["Location"] == f"{AFTER}?state=s"
    assert not signed_in(app)


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "http://localhost:8001", "http://localhost:8001/?x=1", "http://localhost:8001/terug"],
)
def test_nobody_is_sent_to_an_address_that_is_not_that_clients(
    nele: Person, client: Client, relying: Make, address: str
) -> None:
    """OA10: exact post-logout address of that client."""
    tokens = relying().tokens()
    response = logout(client, id_token_hint=tokens["id_token"], post_logout_redirect_uri=address)
    assert (response.status_code, response.headers.get("Location")) == (200, None)
    assert "U bent afgemeld" in response.text
    assert 'href="https://evil' not in response.text


def test_the_hint_of_another_person_or_browser_only_asks(
    nele: Person, world: World, client: Client, relying: Make, app: Flask
) -> None:
    """OA10: logout CSRF with the attacker's own ID token."""
    attacker, elsewhere = world.person("Mallory Boef"), app.test_client()
    world.grant(attacker, world.organisation("Gemeente Hasselt"))
    world.sign_in(elsewhere, attacker)
    stolen = relying(browser=elsewhere).tokens()["id_token"]
    assert QUESTION in logout(client, id_token_hint=stolen, post_logout_redirect_uri=AFTER).text
    assert signed_in(relying())


@pytest.mark.parametrize("spoil", ["none", "access", "other_client", "rubbish"])
def test_a_hint_that_proves_nothing_only_asks(nele: Person, client: Client, relying: Make, spoil: str) -> None:
    """OA10: forged, of another type, or contradicted by client_id."""
    tokens = relying().tokens()
    hint = {
        "none": tokens["id_token"].rsplit(".", 1)[0] + ".AAAA",
        "access": tokens["access_token"],
        "other_client": tokens["id_token"],
        "rubbish": "a.b.c",
    }[spoil]
    client_id = "test-public" if spoil == "other_client" else "test-confidential"
    page = logout(client, id_token_hint=hint, client_id=client_id, post_logout_redirect_uri=AFTER)
    assert QUESTION in page.text
    assert signed_in(relying())


def test_the_question_cannot_be_answered_by_another_site(nele: Person, client: Client, relying: Make) -> None:
    page = logout(client)
    answer = client.submit(page, {"csrf_token": "forged"}, form="/op/v1/logout/bevestig")
    assert answer.status_code in (400, 403)
    assert signed_in(relying())


def test_who_is_signed_out_already_is_shown_the_way_back(client: Client, relying: Make) -> None:
    page = logout(client, client_id="test-confidential", post_logout_redirect_uri=AFTER)
    assert "U bent afgemeld" in page.text
    assert f'href="{AFTER}"' in page.text
    assert (
        logout(client, client_id="test-confidential", post_logout_redirect_uri="https://evil.example/").status_code
        == 200
    )


def test_head_signs_nobody_out(nele: Person, client: Client, relying: Make) -> None:
    app = relying()
    tokens = app.tokens()
    client.head(f"/op/v1/logout?{urlencode({'id_token_hint': tokens['id_token']})}")
    assert signed_in(app)
