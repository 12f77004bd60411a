"""OpenID Connect Core 1.0, section 5.5: asking for single claims with the parameter `claims`."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import Flask

from broker.catalogue import Catalogue
from broker.oidc.claims_parameter import ClaimsParameter, read_claims_parameter
from broker.people.person import Person
from tests.oidc.conftest import Relying, answer_of
from tests.specifications.applications import catalogue as with_more
from tests.worlds.client import Client
from tests.worlds.world import World

catalogue = with_more

Make = Callable[..., Relying]
ITSME = "urn:be:vlaanderen:authmech:itsme"
EID = "urn:be:vlaanderen:authmech:eid"


@pytest.fixture
def nele(world: World, client: Client) -> Person:
    """Somebody signed in with a number, a proved address and a right."""
    person = world.person()
    world.grant(person, world.organisation("Gemeente Genk"), "invoerder")
    session_id = uuid.uuid4()
    sealed = world.installation.keys.seal("85073003328", f"browser_sessions.number_sealed:{session_id}")
    world.sign_in(client, person, id=session_id, number_sealed=sealed)
    return person


def _read(catalogue: Catalogue, asked: Any, client_id: str = "test-scopes") -> ClaimsParameter:
    text = asked if isinstance(asked, str) else json.dumps(asked)
    return read_claims_parameter(text, catalogue.clients[client_id], catalogue)


# The parameter


@pytest.mark.parametrize(
    "asked",
    [
        "geen json",
        "[]",
        '"userinfo"',
        "1",
        "null",
        {"userinfo": []},
        {"userinfo": "email"},
        {"id_token": {"email": "ja"}},
        {"id_token": {"email": ["ja"]}},
        {"id_token": {"email": {"essential": "true"}}},
        {"id_token": {"acr": {"values": ITSME}}},
        {"id_token": {"sub": {"value": "a"}}, "userinfo": {"sub": {"value": "b"}}},
        {"id_token": {"sub": {"value": 1}}},
        "[" * 5_000,
    ],
)
def test_what_is_no_request_for_claims_is_refused(catalogue: Catalogue, asked: Any) -> None:
    with pytest.raises(InvalidRequestError):
        _read(catalogue, asked)


def test_what_is_unknown_is_left_out_and_no_error(catalogue: Catalogue) -> None:
    """5.5: members that are not understood are ignored; 5.5.1: so are claims."""
    asked = {
        "userinfo": {"favourite_colour": {"essential": True}, "email": None, "cjm_jaarboek_rol_3d": None},
        "id_token": None,
        "verified_claims": {"trust_framework": None},
    }
    assert _read(catalogue, asked).stored == {"userinfo": ["email"]}


@pytest.mark.parametrize("asked", [None, "", "{}", {"userinfo": {}}, {"userinfo": {"favourite_colour": None}}])
def test_where_nothing_is_asked_nothing_is_kept(catalogue: Catalogue, asked: Any) -> None:
    if asked is None:
        assert read_claims_parameter(None, catalogue.clients["test-scopes"], catalogue).stored is None
    else:
        assert _read(catalogue, asked).stored is None


def test_a_client_asks_no_more_than_the_scopes_of_its_policy(catalogue: Catalogue) -> None:
    asked = {"userinfo": {"rrn": {"essential": True}, "email": None}, "id_token": {"rrn": None, "vo_orgcode": None}}
    assert _read(catalogue, asked).stored == {"id_token": ["rrn", "vo_orgcode"], "userinfo": ["email", "rrn"]}
    assert _read(catalogue, asked, "test-public").stored == {"id_token": ["vo_orgcode"]}


def test_the_subject_and_the_level_asked_for_are_told_apart_from_the_claims(catalogue: Catalogue) -> None:
    asked = {
        "id_token": {"sub": {"value": "a" * 40}, "acr": {"essential": True, "values": [ITSME, EID, 5]}},
        "userinfo": {"sub": {"values": ["a" * 40, "b" * 40]}},
    }
    read = _read(catalogue, asked)
    assert (read.subjects, read.acr_values, read.acr_essential) == (("a" * 40,), (ITSME, EID), True)
    voluntary = _read(catalogue, {"id_token": {"acr": {"value": EID}}})
    assert (voluntary.acr_values, voluntary.acr_essential) == ((EID,), False)
    assert not _read(catalogue, {"id_token": {"acr": {"essential": True}}}).acr_essential, "any level will do"


# Where it leads


def test_a_claim_comes_in_the_place_where_it_was_asked_and_nowhere_else(nele: Person, relying: Make) -> None:
    app = relying("test-scopes")
    asked = {"id_token": {"email": {"essential": True}}, "userinfo": {"given_name": None, "auth_time": None}}
    tokens = app.tokens(scope="openid", claims=json.dumps(asked))
    id_claims, told = app.id_claims(tokens), app.userinfo(tokens["access_token"]).json
    assert id_claims["email"] == nele.email
    assert "given_name" not in id_claims
    assert (told["given_name"], told["auth_time"]) == ("Nele", id_claims["auth_time"])
    assert "email" not in told
    assert not {"email", "given_name"} & set(app.access_claims(tokens))


def test_a_claim_that_is_not_so_is_absent_however_essential(world: World, client: Client, relying: Make) -> None:
    """5.5.1: essential asks, it does not promise."""
    person = world.person(email_source="entered")
    world.grant(person, world.organisation())
    world.sign_in(client, person)
    app = relying("test-scopes")
    asked = {"userinfo": {name: {"essential": True} for name in ("email", "phone_number", "rrn")}}
    tokens = app.tokens(scope="openid", claims=json.dumps(asked))
    assert set(app.userinfo(tokens["access_token"]).json) == {"sub", "acr"}


def test_the_number_is_told_to_a_client_whose_policy_holds_it_and_to_no_other(nele: Person, relying: Make) -> None:
    asked = json.dumps({"userinfo": {"rrn": None}, "id_token": {"rrn": None}})
    allowed, other = relying("test-scopes"), relying("test-public")
    tokens = allowed.tokens(scope="openid", claims=asked)
    assert allowed.userinfo(tokens["access_token"]).json["rrn"] == "85073003328"
    assert allowed.id_claims(tokens)["rrn"] == "85073003328"
    assert "rrn" not in allowed.access_claims(tokens)
    tokens = other.tokens(scope="openid", claims=asked)
    assert "rrn" not in other.userinfo(tokens["access_token"]).json
    assert "rrn" not in other.id_claims(tokens)


def test_a_value_that_was_asked_changes_no_fact(nele: Person, relying: Make) -> None:
    app = relying("test-scopes")
    asked = {"userinfo": {"given_name": {"value": "Karim"}, "vo_orgcode": {"values": ["0000000000"]}}}
    told = app.userinfo(app.tokens(scope="openid", claims=json.dumps(asked))["access_token"]).json
    assert told["given_name"] == "Nele"
    assert told["vo_orgcode"] != "0000000000"


def test_a_parameter_that_cannot_be_read_is_told_to_the_client(nele: Person, relying: Make, app: Flask) -> None:
    answer = answer_of(relying("test-scopes").authorize(claims="geen json"))
    assert answer["error"] == "invalid_request"


def test_somebody_else_than_was_asked_for_gets_no_code(nele: Person, relying: Make) -> None:
    """5.5.1: only a positive answer about that subject."""
    other = json.dumps({"id_token": {"sub": {"value": "0" * 40}}})
    assert "code" not in answer_of(relying("test-scopes").authorize(claims=other))
    own = json.dumps({"id_token": {"sub": {"value": nele.sub}}})
    assert "code" in answer_of(relying("test-scopes").authorize(claims=own))


def test_a_level_that_is_essential_and_not_reached_steps_up_or_says_so(nele: Person, relying: Make) -> None:
    """5.5.1.1: an essential acr that cannot be met is an error, never a lower one."""
    asked = json.dumps({"id_token": {"acr": {"essential": True, "values": [EID]}}})
    assert relying("test-scopes").authorize(claims=asked).headers["Location"].startswith("/aanmelden?")
    quiet = answer_of(relying("test-scopes").authorize(claims=asked, prompt="none"))
    assert quiet["error"] in ("login_required", "unmet_authentication_requirements")
