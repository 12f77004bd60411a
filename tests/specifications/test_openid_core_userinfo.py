"""OpenID Connect Core 1.0, section 5.3: userinfo, with the scopes of 5.4, and signed where the policy says so."""

import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import update

from broker.access.grant import Grant
from broker.authentication.client_session import ClientSession
from broker.database import changing_session, db
from broker.keys.jose import verify
from broker.oidc.provider import provider
from broker.people.person import Person
from tests.oidc.conftest import ISSUER, SECRET, Relying, basic
from tests.specifications.applications import catalogue
from tests.worlds.client import Client
from tests.worlds.statements import Statements
from tests.worlds.world import World

__all__ = ["catalogue"]

Make = Callable[..., Relying]


@pytest.fixture
def nele(world: World, client: Client) -> Person:
    """Somebody signed in, with a right, a proved address and a proved telephone."""
    person = world.person(phone="+32470123456", phone_source="proved")
    world.grant(person, world.organisation("Gemeente Genk"), "invoerder")
    world.sign_in(client, person)
    return person


def test_a_session_that_ended_says_nothing_any_more(nele: Person, relying: Make) -> None:
    app = relying()
    token = app.tokens()["access_token"]
    assert app.userinfo(token).status_code == 200
    with changing_session() as changing, changing.begin():
        changing.execute(update(ClientSession).values(revoked_at=ClientSession.created_at, revoke_reason="signed_out"))
    assert app.userinfo(token).status_code == 401


def test_a_right_that_ended_is_seen_at_once_though_the_token_was_verified_before(nele: Person, relying: Make) -> None:
    """OA1: what is remembered of a token is its signature, never what the database said."""
    app = relying()
    token = app.tokens()["access_token"]
    assert app.userinfo(token).status_code == 200
    with changing_session() as changing, changing.begin():
        changing.execute(update(Grant).values(ended_at=Grant.valid_from, end_reason="ended"))
    answer = app.userinfo(token)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')


@pytest.mark.parametrize("source", ["entered", "typed", "verified"])
def test_what_nobody_proved_is_absent_and_not_false(world: World, client: Client, relying: Make, source: str) -> None:
    """OA6: an address or telephone that is not proved would link accounts downstream."""
    person = world.person(email_source=source, phone="+32470123456", phone_source=source)
    world.grant(person, world.organisation())
    world.sign_in(client, person)
    app = relying("test-scopes")
    tokens = app.tokens(scope="openid email phone vo")
    for claims in (app.userinfo(tokens["access_token"]).json, app.id_claims(tokens)):
        assert not {"email", "email_verified", "phone_number", "phone_number_verified", "vo_email"} & set(claims)


def test_the_scopes_of_the_specification_say_what_they_say(nele: Person, relying: Make) -> None:
    """5.4: profile, email and phone."""
    app = relying("test-scopes")
    tokens = app.tokens(scope="openid profile email phone")
    expected = {
        "sub": nele.sub,
        "name": "Nele Vercauteren",
        "given_name": "Nele",
        "family_name": "Vercauteren",
        "email": nele.email,
        "email_verified": True,
        "phone_number": "+32470123456",
        "phone_number_verified": True,
    }
    assert app.userinfo(tokens["access_token"]).json == expected | {"acr": "urn:be:vlaanderen:authmech:itsme"}
    assert expected.items() <= app.id_claims(tokens).items()


def test_address_and_telephone_never_travel_in_the_access_token(nele: Person, relying: Make) -> None:
    """It is read by every service that it is shown to; these are for the client."""
    app = relying("test-scopes")
    claims = app.access_claims(app.tokens(scope="openid profile email phone rrn"))
    assert not {"email", "phone_number", "rrn"} & set(claims)


def test_a_scope_that_was_not_asked_says_nothing(nele: Person, relying: Make) -> None:
    app = relying("test-scopes")
    tokens = app.tokens(scope="openid")
    assert set(app.userinfo(tokens["access_token"]).json) == {"sub", "acr"}


def test_a_refreshed_token_with_fewer_scopes_says_less_than_its_session(
    nele: Person, relying: Make, app: Flask
) -> None:
    """RFC 6749, 6: the access token is what is narrower, not the session."""
    application = relying("test-refresh")
    tokens = application.tokens(scope="openid profile email")
    narrower = app.test_client().post(
        "/op/v1/token",
        data={"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "scope": "openid email"},
        headers={"Authorization": basic("test-refresh", SECRET)},
    )
    assert narrower.status_code == 200, narrower.text
    told = application.userinfo(narrower.json["access_token"]).json
    assert told["email"] == nele.email
    assert "given_name" not in told
    assert "given_name" in application.userinfo(tokens["access_token"]).json


def test_the_number_is_told_only_where_the_sign_in_proved_it_and_the_scope_was_granted(
    world: World, client: Client, relying: Make
) -> None:
    """Decisions 3."""
    person = world.person()
    world.grant(person, world.organisation())
    session_id = uuid.uuid4()
    sealed = world.installation.keys.seal("85073003328", f"browser_sessions.number_sealed:{session_id}")
    world.sign_in(client, person, id=session_id, number_sealed=sealed)
    app = relying("test-scopes")
    assert app.userinfo(app.tokens(scope="openid rrn")["access_token"]).json["rrn"] == "85073003328"
    assert "rrn" not in app.userinfo(app.tokens(scope="openid")["access_token"]).json


def test_it_is_signed_where_the_policy_says_so(nele: Person, relying: Make) -> None:
    """5.3.2: application/jwt with iss and aud; without exp, so that nobody takes it for an ID token."""
    app = relying("test-signed")
    tokens = app.tokens()
    response = app.userinfo(tokens["access_token"])
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/jwt")
    claims = verify(
        response.text,
        keys=provider().ring.jwks(),
        algorithm="ES256",
        issuer=ISSUER,
        audience="test-signed",
        timeless=True,
    )
    assert (claims["sub"], claims["given_name"]) == (nele.sub, "Nele")
    assert not {"exp", "iat", "nonce"} & set(claims)
    refused = app.userinfo(tokens["id_token"])
    assert (refused.status_code, refused.headers["Content-Type"]) == (401, "application/json")


def test_get_and_post_say_the_same_and_other_methods_nothing(nele: Person, relying: Make, app: Flask) -> None:
    token = relying().tokens()["access_token"]
    header = {"Authorization": f"Bearer {token}"}
    browser = app.test_client()
    assert browser.get("/op/v1/userinfo", headers=header).json == browser.post("/op/v1/userinfo", headers=header).json
    assert browser.put("/op/v1/userinfo", headers=header).status_code == 405


def test_it_asks_the_database_once(nele: Person, relying: Make, app: Flask, statements: Statements) -> None:
    token = relying().tokens()["access_token"]
    browser = app.test_client()
    provider().ring.signing("ES256")
    for _ in range(2):
        with statements() as seen:
            assert browser.get("/op/v1/userinfo", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        assert len(seen) == 1, seen
    db.session.rollback()


def test_what_cannot_be_verified_never_reaches_the_database(app: Flask, statements: Statements) -> None:
    provider().ring.signing("ES256")
    with statements() as seen:
        assert app.test_client().get("/op/v1/userinfo", headers={"Authorization": "Bearer a.b.c"}).status_code == 401
    assert seen == []
