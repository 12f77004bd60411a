"""RFC 7662: what a token is worth at this moment, and who may know."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broker import clock as broker_clock
from broker.access.grant import Grant
from broker.audit import AuditEvent
from broker.authentication.client_session import ClientSession
from broker.authentication.revoked_token import RevokedToken
from broker.database import changing_session, perform
from broker.keys.jose import sign
from broker.keys.rotate_signing_key import revoke_signing_key
from broker.oidc.provider import provider
from broker.people.affiliation import Affiliation
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.oidc.conftest import ISSUER, SECRET, Relying, basic
from tests.specifications.applications import asked_of, catalogue, exchanged
from tests.specifications.holder import decoded
from tests.specifications.test_rfc6750_bearer import ATTACKS, forged
from tests.worlds.client import Client
from tests.worlds.statements import Statements
from tests.worlds.world import World

__all__ = ["catalogue"]

Make = Callable[..., Relying]
NOT = {"active": False}


@pytest.fixture
def genk(world: World) -> Organisation:
    """Where Nele works."""
    return world.organisation("Gemeente Genk")


@pytest.fixture
def nele(world: World, client: Client, genk: Organisation) -> Person:
    """Somebody signed in, with a right."""
    person = world.person()
    world.grant(person, genk, "invoerder")
    world.sign_in(client, person)
    return person


def _of_a_machine(app: Flask, **body: str) -> dict[str, Any]:
    response = app.test_client().post(
        "/op/v1/token",
        data={"grant_type": "client_credentials", "audience": "jaarboek"} | body,
        headers={"Authorization": basic("test-machine", SECRET)},
    )
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json
    return found


# Who may ask


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, {}),
        ({"Authorization": basic("test-confidential", "wrong")}, {}),
        ({"Authorization": basic("nobody", SECRET)}, {}),
        ({"Authorization": "Bearer x"}, {}),
        ({}, {"client_id": "test-public"}),
        ({}, {"client_id": "test-confidential"}),
        ({}, {"client_id": "test-confidential", "client_secret": SECRET}),
    ],
)
def test_only_a_client_that_proves_itself_may_ask(
    nele: Person, relying: Make, app: Flask, headers: dict[str, str], body: dict[str, str]
) -> None:
    """OA7; RFC 7662, 2.1: tokens are not to be guessed at here."""
    token = relying().tokens()["access_token"]
    response = app.test_client().post("/op/v1/introspect", data={"token": token} | body, headers=headers)
    assert (response.status_code, response.json["error"]) == (401, "invalid_client")


def test_the_token_stands_in_the_body_once(nele: Person, relying: Make, app: Flask) -> None:
    token = relying().tokens()["access_token"]
    header = {"Authorization": basic("test-confidential", SECRET)}
    browser = app.test_client()
    for response in (
        browser.post("/op/v1/introspect", headers=header),
        browser.post("/op/v1/introspect", data={"token": ""}, headers=header),
        browser.post("/op/v1/introspect", data={"token": [token, token]}, headers=header),
        browser.post(f"/op/v1/introspect?token={token}", headers=header),
    ):
        assert (response.status_code, response.json["error"]) == (400, "invalid_request")
    assert browser.get(f"/op/v1/introspect?token={token}", headers=header).status_code == 405


# Whose token it is


@pytest.mark.parametrize(
    ("token_of", "asker", "told"),
    [
        ("test-confidential", "test-confidential", True),  # its own
        ("test-public", "test-confidential", True),  # another client of the application that it is for
        ("test-confidential", "jaarboek", False),
        ("test-confidential", "archief", False),
    ],
)
def test_only_those_in_the_audience_and_its_own_client_see_an_access_token(
    nele: Person, relying: Make, app: Flask, token_of: str, asker: str, told: bool
) -> None:
    """OA7: to a stranger every token is as one that never was."""
    token = relying(token_of).tokens()["access_token"]
    answer = asked_of(app, asker, token)
    assert (answer.status_code, answer.json["active"]) == (200, told)
    assert told or answer.json == NOT


@pytest.mark.parametrize(("asker", "told"), [("jaarboek", True), ("test-caller", True), ("archief", False)])
def test_an_exchanged_token_is_seen_where_it_is_for_and_by_who_calls(
    nele: Person, relying: Make, app: Flask, asker: str, told: bool
) -> None:
    """OA7."""
    token = exchanged(app, "test-caller", relying("test-caller").tokens()["access_token"]).json["access_token"]
    answer = asked_of(app, asker, token).json
    assert answer["active"] is told
    assert told or answer == NOT
    if told:
        assert (answer["aud"], answer["client_id"], answer["act"]) == (
            "jaarboek",
            "test-caller",
            {"sub": "test-caller"},
        )


@pytest.mark.parametrize(("asker", "told"), [("test-refresh", True), ("test-confidential", False), ("jaarboek", False)])
def test_a_refresh_token_is_seen_by_its_own_client_alone(
    nele: Person, relying: Make, app: Flask, asker: str, told: bool
) -> None:
    """OA7."""
    tokens = relying("test-refresh").tokens(scope="openid profile")
    answer = asked_of(app, asker, tokens["refresh_token"]).json
    assert answer["active"] is told
    assert told or answer == NOT
    if told:
        claims = decoded(tokens["access_token"])
        assert (answer["sub"], answer["client_id"], answer["sid"]) == (nele.sub, "test-refresh", claims["sid"])
        assert answer["scope"] == "openid profile"
        assert answer["exp"] > claims["exp"]
        assert "token_type" not in answer


@pytest.mark.parametrize(("asker", "told"), [("jaarboek", True), ("test-machine", True), ("test-confidential", False)])
def test_the_token_of_a_machine_is_seen_where_it_is_for_and_by_itself(app: Flask, asker: str, told: bool) -> None:
    """OA7, OA8: it says whose it is, and nothing of a person."""
    answer = asked_of(app, asker, _of_a_machine(app)["access_token"]).json
    assert answer["active"] is told
    assert told or answer == NOT
    if told:
        assert (answer["sub"], answer["client_id"], answer["aud"]) == ("test-machine", "test-machine", "jaarboek")
        assert not {"sid", "acr", "given_name", "vo_id", "scope"} & set(answer)


# What is worth nothing


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_token_that_is_not_what_it_says_is_not_active(nele: Person, relying: Make, app: Flask, attack: str) -> None:
    assert asked_of(app, "test-confidential", forged(relying().tokens(), attack)).json == NOT


@pytest.mark.parametrize("token", ["x", "a.b.c", "é", "x" * 20_000, f"{'0' * 32}.1.{'A' * 43}", f"{'0' * 32}.1.x"])
def test_what_is_no_token_is_not_active(app: Flask, token: str) -> None:
    assert asked_of(app, "test-confidential", token).json == NOT


def test_a_wrong_hint_changes_nothing(nele: Person, relying: Make, app: Flask) -> None:
    """RFC 7662, 2.1: a token shows itself of what kind it is."""
    tokens = relying("test-refresh").tokens(scope="openid")
    header = {"Authorization": basic("test-refresh", SECRET)}
    for token, hint in (
        (tokens["access_token"], "refresh_token"),
        (tokens["refresh_token"], "access_token"),
        (tokens["access_token"], "nonsense"),
    ):
        body = {"token": token, "token_type_hint": hint}
        assert app.test_client().post("/op/v1/introspect", data=body, headers=header).json["active"] is True


def _ended(column: Any, **values: Any) -> None:
    with changing_session() as changing, changing.begin():
        changing.execute(update(column).values(**values))


@pytest.mark.parametrize("what", ["right", "job", "organisation", "person", "session"])
def test_what_ended_is_seen_at_once_in_every_token_of_the_session(
    nele: Person, relying: Make, app: Flask, what: str
) -> None:
    """OA1, decisions 1: at once needs no worker, whatever was verified before."""
    caller, refreshing = relying("test-caller"), relying("test-refresh")
    own = caller.tokens()["access_token"]
    seen = [
        ("test-caller", own),
        ("jaarboek", exchanged(app, "test-caller", own).json["access_token"]),
        ("test-refresh", refreshing.tokens(scope="openid")["refresh_token"]),
    ]
    assert [asked_of(app, asker, token).json["active"] for asker, token in seen] == [True] * 3
    match what:
        case "right":
            _ended(Grant, ended_at=Grant.valid_from, end_reason="ended")
        case "job":
            _ended(Affiliation, ended_at=Affiliation.valid_from, end_reason="ended")
        case "organisation":
            _ended(Organisation, ended_at=Organisation.created_at, end_reason="merged")
        case "person":
            _ended(Person, state="doubted")
        case "session":
            _ended(ClientSession, revoked_at=ClientSession.created_at, revoke_reason="signed_out")
    assert [asked_of(app, asker, token).json for asker, token in seen] == [NOT] * 3


def test_a_token_that_was_taken_back_is_seen_at_once(nele: Person, relying: Make, app: Flask) -> None:
    """RFC 7009, by whatever was verified before; another token of the same session lives on."""
    application = relying("test-refresh")
    first, second = application.tokens(), application.tokens()
    machine = _of_a_machine(app)["access_token"]
    for client, token in (("test-refresh", first["access_token"]), ("test-machine", machine)):
        assert asked_of(app, client, token).json["active"] is True
        header = {"Authorization": basic(client, SECRET)}
        assert app.test_client().post("/op/v1/revoke", data={"token": token}, headers=header).status_code == 200
        assert asked_of(app, client, token).json == NOT
    assert asked_of(app, "test-refresh", second["access_token"]).json["active"] is True


def test_a_key_that_was_revoked_takes_its_tokens_along_at_once(nele: Person, relying: Make, app: Flask) -> None:
    """OA11: as soon as this node knows of it, a token that was verified a moment ago is verified no more."""
    token = relying().tokens()["access_token"]
    machine = _of_a_machine(app)["access_token"]
    assert asked_of(app, "test-confidential", token).json["active"] is True
    assert asked_of(app, "jaarboek", machine).json["active"] is True
    perform(revoke_signing_key, provider().installed.keys, decoded(token, 0)["kid"])
    provider().ring.forget()
    assert asked_of(app, "test-confidential", token).json == NOT
    assert asked_of(app, "jaarboek", machine).json == NOT


def test_a_token_is_over_when_its_time_is(
    nele: Person, relying: Make, app: Flask, clock: time_machine.Traveller
) -> None:
    token = relying().tokens()["access_token"]
    assert asked_of(app, "test-confidential", token).json["active"] is True
    clock.shift(timedelta(seconds=301))
    assert asked_of(app, "test-confidential", token).json == NOT


def test_a_used_refresh_token_is_worth_nothing(nele: Person, relying: Make, app: Flask) -> None:
    tokens = relying("test-refresh").tokens(scope="openid")
    header = {"Authorization": basic("test-refresh", SECRET)}
    body = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    newer = app.test_client().post("/op/v1/token", data=body, headers=header).json
    assert asked_of(app, "test-refresh", tokens["refresh_token"]).json == NOT
    assert asked_of(app, "test-refresh", newer["refresh_token"]).json["active"] is True
    assert asked_of(app, "test-refresh", newer["access_token"]).json["active"] is True


def test_asking_changes_nothing_and_is_written_nowhere(
    nele: Person, relying: Make, app: Flask, session: Session
) -> None:
    token = relying().tokens()["access_token"]
    before = len(session.scalars(select(AuditEvent)).all())
    asked_of(app, "test-confidential", token)
    asked_of(app, "jaarboek", token)
    session.rollback()
    assert len(session.scalars(select(AuditEvent)).all()) == before
    assert session.scalar(select(RevokedToken)) is None


# What is told


def test_what_is_told_is_what_acm_tells_with_the_rights_as_they_are_now(
    nele: Person, genk: Organisation, relying: Make, app: Flask, world: World
) -> None:
    application = relying()
    tokens = application.tokens(scope="openid profile vo cjm_cultuurmonitor rrn")
    claims = application.access_claims(tokens)
    _ended(Grant, ended_at=Grant.valid_from, end_reason="changed_role")
    world.grant(nele, genk, "raadpleger")
    answer = asked_of(app, "test-confidential", tokens["access_token"]).json
    assert answer == {
        "active": True,
        "iss": ISSUER,
        "sub": nele.sub,
        "aud": "cultuurmonitor",
        "client_id": "test-confidential",
        "token_type": "Bearer",
        "scope": "cjm_cultuurmonitor openid profile rrn vo",
        "jti": claims["jti"],
        "sid": claims["sid"],
        "iat": claims["iat"],
        "exp": claims["exp"],
        "acr": "urn:be:vlaanderen:authmech:itsme",
        "amr": ["pop", "sc"],
        "auth_time": claims["auth_time"],
        "name": "Nele Vercauteren",
        "given_name": "Nele",
        "family_name": "Vercauteren",
        "vo_id": str(nele.id),
        "vo_email": nele.email,
        "vo_doelgroepcode": "LB",
        "vo_doelgroepnaam": "Lokale besturen",
        "vo_orgcode": genk.code,
        "vo_orgnaam": "Gemeente Genk",
        "cjm_cultuurmonitor_rol_3d": [f"CultuurmonitorRaadpleger-cultuurcentra:{genk.code}"],
    }
    assert claims["cjm_cultuurmonitor_rol_3d"] == [f"CultuurmonitorInvoerder-cultuurcentra:{genk.code}"]


def test_what_the_token_has_no_scope_for_is_not_told(nele: Person, relying: Make, app: Flask) -> None:
    answer = asked_of(app, "test-confidential", relying().tokens(scope="openid")["access_token"]).json
    assert answer["active"] is True
    assert not {"given_name", "vo_id", "cjm_cultuurmonitor_rol_3d", "email", "rrn"} & set(answer)


def test_a_right_that_will_end_sooner_brings_the_end_nearer(
    nele: Person, relying: Make, app: Flask, clock: time_machine.Traveller
) -> None:
    """OA2."""
    token = relying().tokens()["access_token"]
    sooner = broker_clock.now() + timedelta(seconds=60)
    _ended(Grant, valid_until=sooner)
    assert asked_of(app, "test-confidential", token).json["exp"] <= sooner.timestamp()
    clock.shift(timedelta(seconds=61))
    assert asked_of(app, "test-confidential", token).json == NOT


def test_a_session_that_lost_a_scope_in_the_meantime_is_told_without_it(
    nele: Person, relying: Make, app: Flask
) -> None:
    token = relying().tokens(scope="openid profile")["access_token"]
    _ended(ClientSession, scopes="openid")
    answer = asked_of(app, "test-confidential", token).json
    assert (answer["scope"], "given_name" in answer) == ("openid", False)


# At what cost


def test_every_kind_of_token_asks_the_database_once(
    nele: Person, relying: Make, app: Flask, statements: Statements
) -> None:
    tokens = relying("test-refresh").tokens()
    own = relying("test-caller").tokens()["access_token"]
    for asker, token in (
        ("test-refresh", tokens["access_token"]),
        ("test-refresh", tokens["access_token"]),
        ("test-refresh", tokens["refresh_token"]),
        ("jaarboek", exchanged(app, "test-caller", own).json["access_token"]),
        ("jaarboek", _of_a_machine(app)["access_token"]),
    ):
        with statements() as seen:
            assert asked_of(app, asker, token).json["active"] is True
        assert len(seen) == 1, seen


def test_strangers_and_forgeries_cost_no_statement(
    nele: Person, relying: Make, app: Flask, statements: Statements
) -> None:
    token = relying().tokens()["access_token"]
    false = sign(decoded(token) | {"iss": "https://elsewhere.example"}, provider().ring.signing("ES256"), "at+jwt")
    with statements() as seen:
        assert asked_of(app, "jaarboek", token).json == NOT
        assert asked_of(app, "test-confidential", false).json == NOT
        assert asked_of(app, "test-confidential", "x").json == NOT
    assert seen == []


def test_what_is_remembered_is_bounded(
    nele: Person, relying: Make, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("broker.oidc.access_token._MOST_REMEMBERED", 3)
    for _ in range(6):
        asked_of(app, "test-confidential", relying().tokens()["access_token"])
    assert len(provider().verified_tokens) == 3
