"""RFC 6750: how an access token is sent to userinfo, and how it is said that it will not do."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from werkzeug.test import TestResponse

from broker.keys.jose import new_private_key, sign, signing_key
from broker.oidc.provider import provider
from broker.people.person import Person
from tests.oidc.conftest import SECRET, Relying, basic
from tests.specifications.applications import catalogue
from tests.specifications.holder import compact, decoded
from tests.worlds.statements import Statements

__all__ = ["catalogue"]

Make = Callable[..., Relying]
USERINFO = "/op/v1/userinfo"


def _with(app: Flask, token: str, scheme: str = "Bearer") -> TestResponse:
    return app.test_client().get(USERINFO, headers={"Authorization": f"{scheme} {token}"})


# What is no token


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic dGVzdDp0ZXN0", "token"])
def test_without_a_token_the_schemes_are_told_and_no_error(app: Flask, header: str | None) -> None:
    """RFC 6750, 3 and 3.1; RFC 9449, 7.1."""
    response = app.test_client().get(USERINFO, headers={"Authorization": header} if header is not None else {})
    assert (response.status_code, response.json) == (401, {})
    assert response.headers["WWW-Authenticate"].startswith('Bearer realm="http://localhost:8000/op", DPoP algs="')
    assert "error" not in response.headers["WWW-Authenticate"]


@pytest.mark.parametrize("token", ["x", "a.b.c", "é", "x" * 20_000, "." * 3, "eyJhbGciOiJub25lIn0..", " "])
def test_what_is_no_token_is_an_invalid_one(app: Flask, token: str) -> None:
    response = app.test_client().post(USERINFO, data={"access_token": token})
    assert (response.status_code, response.json["error"]) == (401, "invalid_token")
    assert response.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_token_in_the_address_is_refused_however_sound_it_is(nele: Person, relying: Make, app: Flask) -> None:
    """RFC 6750, 2.3, which RFC 9700, 4.3.2 takes back: addresses are written down."""
    token = relying().tokens()["access_token"]
    for headers in ({}, {"Authorization": f"Bearer {token}"}):
        response = app.test_client().get(f"{USERINFO}?access_token={token}", headers=headers)
        assert (response.status_code, response.json["error"]) == (400, "invalid_request")
        assert response.headers["WWW-Authenticate"] == 'Bearer error="invalid_request"', "RFC 6750, 3"


def test_a_token_comes_once(nele: Person, relying: Make, app: Flask) -> None:
    """RFC 6750, 2: one way a request."""
    token = relying().tokens()["access_token"]
    header = {"Authorization": f"Bearer {token}"}
    browser = app.test_client()
    assert browser.post(USERINFO, data={"access_token": token}, headers=header).json["error"] == "invalid_request"
    assert browser.post(USERINFO, data={"access_token": [token, token]}).json["error"] == "invalid_request"


def test_a_body_that_is_no_form_carries_no_token(nele: Person, relying: Make, app: Flask) -> None:
    """RFC 6750, 2.2: only application/x-www-form-urlencoded."""
    token = relying().tokens()["access_token"]
    response = app.test_client().post(USERINFO, json={"access_token": token})
    assert (response.status_code, response.json["error"]) == (400, "invalid_request")


# What is not one of ours


def forged(tokens: dict[str, Any], attack: str) -> str:
    """The person's own access token, made anew by somebody with another key, or by us for another purpose."""
    claims = decoded(tokens["access_token"])
    header = decoded(tokens["access_token"], 0)
    ours = provider().ring.signing("ES256")
    own_private = ours.key.prepared_key  # type: ignore[union-attr]
    thief = ec.generate_private_key(ec.SECP256R1())
    public = provider().ring.jwks()["keys"]
    match attack:
        case "id token":
            return str(tokens["id_token"])
        case "id token as access token":
            return sign(decoded(tokens["id_token"]), ours, "at+jwt")
        case "access token as id token":
            return sign(claims, ours, "JWT")
        case "other issuer":
            return sign(claims | {"iss": "https://elsewhere.example/op"}, ours, "at+jwt")
        case "foreign audience":
            return sign(claims | {"aud": "jaarboek"}, ours, "at+jwt")
        case "audience that its client may call":
            return sign(claims | {"aud": "jaarboek", "client_id": "test-caller"}, ours, "at+jwt")
        case "several audiences":
            return sign(claims | {"aud": ["cultuurmonitor", "jaarboek"]}, ours, "at+jwt")
        case "unknown client":
            return sign(claims | {"client_id": "nobody"}, ours, "at+jwt")
        case "another client":
            return sign(claims | {"client_id": "test-scopes"}, ours, "at+jwt")
        case "another person":
            return sign(claims | {"sub": "0" * 40}, ours, "at+jwt")
        case "another session":
            return sign(claims | {"sid": str(uuid.uuid4())}, ours, "at+jwt")
        case "no session id":
            return sign(claims | {"sid": "geen"}, ours, "at+jwt")
        case "expired":
            return sign(claims | {"exp": claims["iat"] - 1}, ours, "at+jwt")
        case "expiry in text":
            return sign(claims | {"exp": str(claims["exp"])}, ours, "at+jwt")
        case "alg none":
            return compact(header | {"alg": "none"}, claims, None)
        case "hs256 with our public key":
            jwk = next(each for each in public if each["kty"] == "EC")
            return compact(header | {"alg": "HS256"}, claims, jwk["x"].encode())
        case "hs256 with our public key as pem":
            pem = ours.key.public_key().to_pem()  # type: ignore[union-attr]
            return compact(header | {"alg": "HS256"}, claims, pem)
        case "another algorithm of ours":
            return sign(claims, provider().ring.signing("RS256"), "at+jwt")
        case "another key under our kid":
            return sign(claims, signing_key(header["kid"], "ES256", new_private_key("ES256")), "at+jwt")
        case "embedded jwk":
            point = thief.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            jwk = {"kty": "EC", "crv": "P-256", "x": point[1:33].hex(), "y": point[33:].hex()}
            return compact(header | {"jwk": jwk}, claims, thief)
        case "jku":
            return compact(header | {"jku": "https://evil.example/keys"}, claims, thief)
        case "kid with a path":
            return compact(header | {"kid": "../../../dev/null"}, claims, thief)
        case "kid with sql":
            return compact(header | {"kid": "' OR 1=1 --"}, claims, thief)
        case "kid as list":
            return compact(header | {"kid": [header["kid"]]}, claims, own_private)
        case "crit":
            return compact(header | {"crit": ["exp"]}, claims, own_private)
        case "b64":
            return compact(header | {"b64": True}, claims, own_private)
        case "other signature":
            return str(tokens["access_token"])[:-8] + "AAAAAAAA"
        case "padding":
            return str(tokens["access_token"]) + "="
    raise AssertionError(attack)


ATTACKS = [
    "id token",
    "id token as access token",
    "access token as id token",
    "other issuer",
    "foreign audience",
    "audience that its client may call",
    "several audiences",
    "unknown client",
    "another client",
    "another person",
    "another session",
    "no session id",
    "expired",
    "expiry in text",
    "alg none",
    "hs256 with our public key",
    "hs256 with our public key as pem",
    "another algorithm of ours",
    "another key under our kid",
    "embedded jwk",
    "jku",
    "kid with a path",
    "kid with sql",
    "kid as list",
    "crit",
    "b64",
    "other signature",
    "padding",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_token_that_is_not_what_it_says_opens_nothing(nele: Person, relying: Make, app: Flask, attack: str) -> None:
    response = _with(app, forged(relying().tokens(), attack))
    assert (response.status_code, response.json) == (401, {"error": "invalid_token"})
    assert response.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_the_key_that_signs_those_forgeries_is_the_right_one(nele: Person, relying: Make, app: Flask) -> None:
    """Without what is wrong with it, the same token from the same key opens: it does not fall on its signature."""
    token = relying().tokens()["access_token"]
    key = provider().ring.signing("ES256").key.prepared_key  # type: ignore[union-attr]
    assert _with(app, compact(decoded(token, 0), decoded(token), key)).status_code == 200


def test_a_token_that_was_verified_before_lets_no_other_through(nele: Person, relying: Make, app: Flask) -> None:
    """What is remembered is remembered by every byte of it."""
    tokens = relying().tokens()
    assert _with(app, tokens["access_token"]).status_code == 200
    assert _with(app, forged(tokens, "other signature")).status_code == 401
    assert _with(app, forged(tokens, "padding")).status_code == 401
    assert _with(app, tokens["access_token"]).status_code == 200


def test_a_token_that_was_verified_before_still_ends(
    nele: Person, relying: Make, app: Flask, clock: time_machine.Traveller
) -> None:
    token = relying().tokens()["access_token"]
    assert _with(app, token).status_code == 200
    clock.shift(timedelta(seconds=301))
    assert _with(app, token).status_code == 401


# What is sound, and still opens nothing


def test_a_token_without_openid_has_too_little_scope(nele: Person, relying: Make, app: Flask) -> None:
    """RFC 6750, 3.1: insufficient_scope, and which scope it takes."""
    claims = decoded(relying().tokens()["access_token"]) | {"scope": "profile"}
    response = _with(app, sign(claims, provider().ring.signing("ES256"), "at+jwt"))
    assert (response.status_code, response.json["error"]) == (403, "insufficient_scope")
    assert response.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="openid"'


def test_the_token_of_a_machine_is_nobody(app: Flask, statements: Statements) -> None:
    """OA8: it is never taken for a person's, whatever application it is for; known without asking the database."""
    body = {"grant_type": "client_credentials", "audience": "cultuurmonitor"}
    header = {"Authorization": basic("test-machine", SECRET)}
    token = app.test_client().post("/op/v1/token", data=body, headers=header).json["access_token"]
    with statements() as seen:
        response = _with(app, token)
    assert (response.status_code, response.json["error"], seen) == (403, "insufficient_scope", [])
    posing = decoded(token) | {"sub": "0" * 40, "scope": "openid profile", "sid": str(uuid.uuid4())}
    assert _with(app, sign(posing, provider().ring.signing("ES256"), "at+jwt")).status_code == 401


# What is sound


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_header_opens_it_in_any_case(nele: Person, relying: Make, app: Flask, scheme: str) -> None:
    response = _with(app, relying().tokens()["access_token"], scheme)
    assert (response.status_code, response.json["sub"]) == (200, nele.sub)
    assert response.headers["Cache-Control"] == "no-store"


def test_the_form_opens_it_too(nele: Person, relying: Make, app: Flask) -> None:
    """RFC 6750, 2.2."""
    response = app.test_client().post(USERINFO, data={"access_token": relying().tokens()["access_token"]})
    assert (response.status_code, response.json["sub"]) == (200, nele.sub)
