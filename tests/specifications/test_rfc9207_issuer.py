"""The issuer in the answer (RFC 9207): a client that knows several providers can tell whose answer it has (mix-up)."""

from collections.abc import Callable

import pytest

from broker.people.person import Person
from tests.oidc.conftest import BACK, ISSUER, Relying, answer_of
from tests.specifications.asking import brought, catalogue, pushed, request_object, signed
from tests.worlds.client import Client, forms_of
from tests.worlds.world import World

__all__ = ["catalogue"]

Make = Callable[..., Relying]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"scope": "openid onbekend"},
        {"response_type": "token"},
        {"code_challenge": None},
        {"prompt": "none", "max_age": "0"},
        {"acr_values": "urn:unknown"},
        {"request_uri": "https://evil.example/"},
        {"state": None},
    ],
)
def test_every_answer_names_the_issuer_a_code_and_an_error_alike(
    nele: Person, relying: Make, changes: dict[str, str | None]
) -> None:
    """2: iss is in each of them, once, exactly as the metadata write it."""
    response = relying().authorize(**changes)
    assert answer_of(response)["iss"] == ISSUER
    assert response.headers["Location"].count("iss=") == 1
    assert ("code" in answer_of(response)) == (changes in ({}, {"state": None}))


def test_so_does_an_answer_by_form(nele: Person, relying: Make) -> None:
    for changes in ({}, {"scope": "openid onbekend"}):
        page = relying().authorize(response_mode="form_post", **changes)
        (form,) = [each for each in forms_of(page.text) if each.action == BACK]
        assert form.fields["iss"] == ISSUER


def test_so_does_an_answer_to_what_was_pushed_or_signed(nele: Person, relying: Make) -> None:
    app = relying("test-jwt")
    assert answer_of(brought(app, pushed(app)))["iss"] == ISSUER
    assert answer_of(signed(app, request_object(app)))["iss"] == ISSUER


def test_so_does_a_refusal_by_the_person(world: World, client: Client, relying: Make) -> None:
    person = world.person()
    world.grant(person, world.organisation())
    world.sign_in(client, person)
    page = relying("test-consent").authorize()
    answer = answer_of(client.submit(page, form="/toestemming", press=("antwoord", "nee")))
    assert (answer["error"], answer["iss"]) == ("access_denied", ISSUER)


def test_nobody_makes_it_another_issuer(nele: Person, client: Client, relying: Make) -> None:
    """OA12, mix-up: neither the Host header nor a parameter of that name changes it."""
    response = client.get(
        "/op/v1/auth",
        query_string=relying().request(iss="https://evil.example", prompt="none"),
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
    )
    assert answer_of(response)["iss"] == ISSUER
    assert "evil.example" not in response.headers["Location"]


def test_metadata_and_id_token_name_the_same(nele: Person, client: Client, relying: Make) -> None:
    """3, 4: one string, compared sign for sign."""
    told = client.get("/op/.well-known/openid-configuration").json
    assert told["authorization_response_iss_parameter_supported"] is True
    app = relying()
    answer = answer_of(app.authorize())
    assert told["issuer"] == answer["iss"] == app.id_claims(app.redeem(answer["code"]).json)["iss"]
