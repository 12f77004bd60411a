"""JWT-Secured Authorization Request (RFC 9101): the whole request in an object that the client signed; what is refused
first."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask

from broker import clock as broker_clock
from broker.keys.jose import SigningKey, new_private_key, signing_key
from broker.people.person import Person
from tests.oidc.conftest import ISSUER, Relying, answer_of
from tests.specifications.asking import (
    PS256,
    URN,
    brought,
    catalogue,
    object_claims,
    push,
    request_object,
    signed,
    signed_by_hand,
    way_in,
)
from tests.specifications.holder import compact
from tests.worlds.client import Client
from tests.worlds.world import World

__all__ = ["catalogue"]

Make = Callable[..., Relying]
HEADER = {"alg": "ES256", "kid": "client-1", "typ": "oauth-authz-req+jwt"}


def told(app: Relying, text: str) -> dict[str, str]:
    """What the client hears of an object that comes with its own redirect URI and a state."""
    return answer_of(signed(app, text, redirect_uri=app.redirect_uri, state="buiten"))


# What proves nothing


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "test-other"},
        {"iss": None},
        {"aud": "https://elsewhere.example"},
        {"aud": None},
        {"aud": [ISSUER, "https://elsewhere.example"]},
        {"aud": [ISSUER, "https://elsewhere.example"], "azp": ISSUER},
        {"client_id": "test-other-jwt"},
        {"client_id": None},
        {"exp": None},
        {"exp": 1},
        {"exp": 2**62},
        {"exp": 4102444800},
        {"exp": "morgen"},
        {"iat": 4102444800},
        {"nbf": 4102444800},
        {"jti": None},
        {"jti": "x" * 300},
        {"jti": ""},
        {"request": "eyJ"},
        {"request_uri": f"{URN}iets"},
        {"scope": ["openid"]},
        {"state": None, "max_age": 1.5},
        {"prompt": True},
    ],
)
def test_an_object_that_says_too_little_or_too_much_is_refused(
    nele: Person, relying: Make, changes: dict[str, Any]
) -> None:
    """4, 5: iss and client_id are the client, aud is the issuer, exp is near, jti is there, and no object is nested."""
    app = relying("test-jwt")
    answer = told(app, request_object(app, **changes))
    assert (answer["error"], answer["state"], answer["iss"]) == ("invalid_request_object", "buiten", ISSUER)


@pytest.mark.parametrize("typ", ["JWT", "at+jwt", "logout+jwt", "dpop+jwt"])
def test_a_token_of_another_kind_is_no_request(nele: Person, relying: Make, typ: str) -> None:
    """10.8: nothing that the client signs for another purpose, a client assertion above all, passes for a request."""
    app = relying("test-jwt")
    assert told(app, request_object(app, typ=typ))["error"] == "invalid_request_object"
    assertion = app.assertion()["client_assertion"]
    assert assertion is not None
    assert told(app, assertion)["error"] == "invalid_request_object"


def test_an_object_signed_by_nobody_by_a_secret_or_by_another_is_refused(
    nele: Person, relying: Make, client_key: SigningKey
) -> None:
    """alg none, HS256 with what is public, an embedded jwk, jku, crit, kid injection."""
    app = relying("test-jwt")
    stranger = ec.generate_private_key(ec.SECP256R1())
    jwk = client_key.public_jwk()
    forged = [
        signed_by_hand(app, None, HEADER | {"alg": "none"}),
        signed_by_hand(app, json.dumps(jwk).encode(), HEADER | {"alg": "HS256"}),
        signed_by_hand(app, jwk["x"].encode(), HEADER | {"alg": "HS256"}),
        signed_by_hand(app, stranger, HEADER),
        signed_by_hand(app, stranger, HEADER | {"jwk": jwk}),
        signed_by_hand(app, stranger, HEADER | {"jku": "https://evil.example/keys"}),
        signed_by_hand(app, stranger, HEADER | {"kid": "../../dev/null"}),
        signed_by_hand(app, stranger, {"alg": "ES256", "typ": "oauth-authz-req+jwt"}),
        signed_by_hand(app, stranger, HEADER | {"crit": ["b64"], "b64": False}),
        request_object(app, signing_key("client-1", "ES256", new_private_key("ES256"))),
        request_object(app)[:-4] + "AAAA",
        f"{request_object(app)}.",
        "eyJ",
        "x" * 2_000,
    ]
    assert {told(app, text)["error"] for text in forged} == {"invalid_request_object"}


def test_an_object_of_another_client_is_refused(nele: Person, relying: Make) -> None:
    """The two clients here have the very same key."""
    app, other = relying("test-jwt"), relying("test-other-jwt")
    assert told(app, request_object(other))["error"] == "invalid_request_object"
    assert told(app, request_object(other, client_id="test-jwt"))["error"] == "invalid_request_object"


def test_a_client_that_has_no_keys_signs_nothing(nele: Person, relying: Make, client_key: SigningKey) -> None:
    app = relying("test-confidential")
    assert told(app, request_object(app, client_key))["error"] == "invalid_request_object"


def test_where_nothing_in_it_can_be_trusted_the_person_is_told_and_sent_nowhere(nele: Person, relying: Make) -> None:
    """Neither the address within an unproved object nor a foreign one beside it is followed."""
    app = relying("test-jwt")
    unproved = request_object(app, redirect_uri=app.redirect_uri)[:-4] + "AAAA"
    for response in (
        signed(app, unproved),
        signed(app, unproved, redirect_uri="https://evil.example/"),
        signed(app, request_object(app, redirect_uri="https://evil.example/")),
        signed(app, request_object(app, redirect_uri="https://evil.example/"), redirect_uri=app.redirect_uri),
    ):
        assert (response.status_code, response.headers.get("Location")) == (400, None)
        assert "evil" not in response.text


def test_an_object_is_good_for_one_answer(nele: Person, relying: Make) -> None:
    """10.2, OA9: jti once, in the database, whichever node it comes to."""
    app = relying("test-jwt")
    text = request_object(app)
    assert "code" in answer_of(signed(app, text))
    assert answer_of(signed(app, text))["error"] == "invalid_request_object"


def test_its_second_answer_is_refused_at_another_node_too(
    make_app: Callable[..., Flask], world: World, client: Client, relying: Make
) -> None:
    person = world.person()
    world.grant(person, world.organisation())
    app = relying("test-jwt")
    text = request_object(app)
    elsewhere = make_app().test_client()
    with elsewhere.application.app_context():
        world.sign_in(elsewhere, person)
    assert "code" in answer_of(signed(relying("test-jwt", browser=elsewhere), text))
    world.sign_in(client, person)
    assert answer_of(signed(app, text))["error"] == "invalid_request_object"


def test_a_request_and_a_reference_together_are_refused(nele: Person, relying: Make) -> None:
    """5: one or the other."""
    app = relying("test-jwt")
    answer = answer_of(signed(app, request_object(app), request_uri=f"{URN}{'a' * 43}", redirect_uri=app.redirect_uri))
    assert answer["error"] == "invalid_request"


@pytest.mark.parametrize("client_id", ["test-signing", "test-signing-and-pushing"])
def test_where_the_policy_requires_a_signature_no_other_request_is_read(
    nele: Person, relying: Make, client_id: str
) -> None:
    """10.5: nobody takes the signature off."""
    app = relying(client_id)
    assert answer_of(app.authorize())["error"] == "invalid_request"
    assert push(app).json["error"] == "invalid_request"
    pushed = push(app, **dict.fromkeys(app.request()) | {"request": request_object(app)})
    assert "code" in answer_of(brought(app, pushed.json["request_uri"]))
    if client_id == "test-signing":
        assert "code" in answer_of(signed(app, request_object(app)))
    else:
        refused = answer_of(signed(app, request_object(app), redirect_uri=app.redirect_uri))
        assert refused["error"] == "invalid_request"


# What is read


def test_what_stands_beside_the_object_counts_for_nothing(nele: Person, relying: Make) -> None:
    """6.3: only what was signed; what is outside is there for older servers."""
    app = relying("test-jwt")
    text = request_object(app, state="binnen", scope="openid profile")
    beside = {"state": "buiten", "scope": "openid rrn", "redirect_uri": "https://evil.example/", "prompt": "login"}
    answer = answer_of(signed(app, text, **beside, response_type="token"))
    assert answer["state"] == "binnen"
    tokens = app.redeem(answer["code"]).json
    assert tokens["scope"] == "openid profile"


def test_what_is_left_out_of_the_object_is_not_taken_from_beside_it(nele: Person, relying: Make) -> None:
    app = relying("test-jwt")
    text = request_object(app, code_challenge=None, code_challenge_method=None)
    challenge = {name: app.request()[name] for name in ("code_challenge", "code_challenge_method")}
    assert answer_of(signed(app, text, **challenge))["error"] == "invalid_request"


def test_an_error_in_a_signed_request_goes_where_the_signed_request_says(nele: Person, relying: Make) -> None:
    app = relying("test-jwt")
    answer = answer_of(signed(app, request_object(app, scope="openid onbekend", state="binnen"), state="buiten"))
    assert (answer["error"], answer["state"]) == ("invalid_scope", "binnen")


def test_numbers_and_objects_are_read_as_such(
    world: World, client: Client, relying: Make, clock: time_machine.Traveller
) -> None:
    """4: max_age is a number, claims an object."""
    nele = world.person()
    world.grant(nele, world.organisation())
    world.sign_in(client, nele)
    clock.shift(timedelta(minutes=5))
    app = relying("test-jwt")
    assert way_in(signed(app, request_object(app, max_age=60)))["vers"] == "1"
    claims = {"userinfo": {"vo_id": None}, "id_token": {"family_name": {"essential": True}}}
    answer = answer_of(signed(app, request_object(app, max_age=600, scope="openid", claims=claims)))
    assert app.id_claims(app.redeem(answer["code"]).json)["family_name"] == nele.family_name


def test_the_algorithm_ps256_is_as_good(nele: Person, relying: Make) -> None:
    app = relying("test-ps256")
    header = {"alg": "PS256", "kid": "ps-1", "typ": "oauth-authz-req+jwt"}
    assert "code" in answer_of(signed(app, compact(header, object_claims(app), PS256.key)))
    as_rs256 = compact(header | {"alg": "RS256"}, object_claims(app), PS256.key)
    assert told(app, as_rs256)["error"] == "invalid_request_object", "one algorithm a key"


def test_who_came_in_time_may_take_the_time_to_sign_in(
    world: World, client: Client, relying: Make, clock: time_machine.Traveller
) -> None:
    app = relying("test-jwt")
    text = request_object(app)
    back = way_in(signed(app, text))["verder"]
    clock.shift(timedelta(minutes=9))
    nele = world.person()
    world.grant(nele, world.organisation())
    world.sign_in(client, nele)
    assert told(app, text)["error"] == "invalid_request_object", "without our mark it has run out"
    assert app.redeem(answer_of(client.get(back))["code"]).status_code == 200
    assert answer_of(client.get(back))["error"] == "invalid_request_object", "and one answer was all"


def test_an_object_may_live_ten_minutes(nele: Person, relying: Make) -> None:
    now = int(broker_clock.now().timestamp())
    app = relying("test-jwt")
    assert told(app, request_object(app, exp=now + 700))["error"] == "invalid_request_object"
    assert "code" in answer_of(signed(app, request_object(app, exp=now + 600)))


def test_an_object_may_come_by_post(nele: Person, client: Client, relying: Make) -> None:
    app = relying("test-jwt")
    response = client.post("/op/v1/auth", data={"client_id": "test-jwt", "request": request_object(app)})
    assert "code" in answer_of(client.get(response.headers["Location"]))


def test_the_metadata_say_so(client: Client) -> None:
    told = client.get("/op/.well-known/openid-configuration").json
    assert told["request_parameter_supported"] is True
    assert told["require_signed_request_object"] is False
    assert told["request_object_signing_alg_values_supported"] == ["RS256", "ES256", "PS256"]
    assert told["request_uri_parameter_supported"] is False, "by reference only what was pushed"
