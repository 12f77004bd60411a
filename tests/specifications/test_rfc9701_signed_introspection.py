"""RFC 9701: introspection answered by a signed token, so that whoever keeps the answer can show whose word it is."""

from collections.abc import Callable

import pytest
from flask import Flask

from broker import clock as broker_clock
from broker.keys.jose import Algorithm, JoseError, sign, verify
from broker.oidc.introspect import SIGNED_TYPE
from broker.oidc.provider import provider
from broker.people.person import Person
from tests.oidc.conftest import ISSUER, SECRET, Relying
from tests.specifications.applications import asked_of, catalogue
from tests.specifications.holder import decoded

__all__ = ["catalogue"]

Make = Callable[..., Relying]
MEDIA_TYPE = "application/token-introspection+jwt"


@pytest.mark.parametrize("accept", ["application/json", "*/*", "", "application/jwt", f"text/{MEDIA_TYPE}"])
def test_who_does_not_ask_for_it_gets_json(nele: Person, relying: Make, app: Flask, accept: str) -> None:
    answer = asked_of(app, "test-confidential", relying().tokens()["access_token"], Accept=accept)
    assert (answer.headers["Content-Type"], answer.json["active"]) == ("application/json", True)


@pytest.mark.parametrize(
    ("asker", "accept", "algorithm"),
    [
        ("test-confidential", MEDIA_TYPE, "ES256"),
        ("test-confidential", f"application/json;q=0.5, {MEDIA_TYPE}; q=1", "ES256"),
        ("test-confidential", MEDIA_TYPE.upper(), "ES256"),
        ("test-post", MEDIA_TYPE, "RS256"),
        ("test-signed", "application/json", "ES256"),  # its policy says so
    ],
)
def test_who_asks_for_it_or_whose_policy_does_gets_it_signed(
    nele: Person, relying: Make, app: Flask, asker: str, accept: str, algorithm: Algorithm
) -> None:
    """Sections 4 and 5: type, issuer, the asker as audience, and nothing of the token itself at the top."""
    tokens = relying().tokens()
    if asker == "test-post":
        answer = app.test_client().post(
            "/op/v1/introspect",
            data={"token": tokens["access_token"], "client_id": asker, "client_secret": SECRET},
            headers={"Accept": accept},
        )
    else:
        answer = asked_of(app, asker, tokens["access_token"], Accept=accept)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, MEDIA_TYPE)
    claims = verify(
        answer.text,
        keys=provider().ring.jwks(),
        algorithm=algorithm,
        issuer=ISSUER,
        audience=asker,
        typ=SIGNED_TYPE,
        timeless=True,
    )
    assert set(claims) == {"iss", "aud", "iat", "token_introspection"}, "no sub and no exp: it is no token"
    assert abs(claims["iat"] - broker_clock.now().timestamp()) < 5
    told = claims["token_introspection"]
    assert (told["active"], told["sub"], told["jti"]) == (True, nele.sub, decoded(tokens["access_token"])["jti"])


def test_a_token_that_is_worth_nothing_is_told_so_in_the_same_form(app: Flask) -> None:
    answer = asked_of(app, "test-confidential", "x", Accept=MEDIA_TYPE)
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    assert decoded(answer.text)["token_introspection"] == {"active": False}


def test_the_answer_for_one_is_no_answer_for_another_and_opens_nothing(nele: Person, relying: Make, app: Flask) -> None:
    """Section 8.1: it is not to be taken for an access token or an ID token."""
    tokens = relying().tokens()
    answer = asked_of(app, "test-confidential", tokens["access_token"], Accept=MEDIA_TYPE).text
    for audience, typ in (("jaarboek", SIGNED_TYPE), ("test-confidential", None), ("test-confidential", "at+jwt")):
        with pytest.raises(JoseError):
            verify(
                answer,
                keys=provider().ring.jwks(),
                algorithm="ES256",
                issuer=ISSUER,
                audience=audience,
                typ=typ,
                timeless=True,
            )
    assert relying().userinfo(answer).status_code == 401
    assert asked_of(app, "test-confidential", answer).json == {"active": False}
    dressed = sign(decoded(answer), provider().ring.signing("ES256"), "at+jwt")
    assert asked_of(app, "test-confidential", dressed).json == {"active": False}


def test_a_refusal_is_json_whatever_was_asked(app: Flask) -> None:
    response = app.test_client().post("/op/v1/introspect", data={"token": "x"}, headers={"Accept": MEDIA_TYPE})
    assert (response.status_code, response.headers["Content-Type"]) == (401, "application/json")


def test_discovery_says_so(app: Flask) -> None:
    found = app.test_client().get("/op/.well-known/openid-configuration").json
    assert found["introspection_endpoint"] == f"{ISSUER}/v1/introspect"
    assert set(found["introspection_signing_alg_values_supported"]) == {"RS256", "ES256"}
    assert "none" not in found["introspection_endpoint_auth_methods_supported"]
