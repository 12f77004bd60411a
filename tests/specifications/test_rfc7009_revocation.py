"""RFC 7009: a client takes back a refresh token, and everything of its session with it, or a single access token."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broker.audit import AuditEvent
from broker.authentication.revoked_token import RevokedToken
from broker.authentication.sweep_spent import sweep_spent
from broker.database import perform
from broker.people.person import Person
from tests.oidc.conftest import SECRET, Relying, basic
from tests.specifications.applications import asked_of
from tests.specifications.refreshing import (
    ALL,
    ALL_OFFLINE,
    catalogue,
    posted,
    refreshed,
    refuses,
    revoked,
    the_session,
)
from tests.worlds.client import Client
from tests.worlds.statements import Statements

__all__ = ["catalogue"]

Make = Callable[..., Relying]


@pytest.fixture
def tool(nele: Person, relying: Make) -> Relying:
    """A confidential client of hers."""
    return relying("refreshes")


def is_empty(answer: object) -> bool:
    """200 and nothing in it (section 2.2)."""
    return (answer.status_code, answer.data) == (200, b"")  # type: ignore[attr-defined]


# What is refused, and what changes nothing


def test_a_client_that_does_not_prove_itself_takes_nothing_back(tool: Relying, client: Client) -> None:
    """Section 2.1."""
    tokens = tool.tokens(scope=ALL)
    body = {"token": tokens["refresh_token"]}
    for headers in ({}, {"Authorization": basic("refreshes", "wrong")}, {"Authorization": basic("unknown", SECRET)}):
        answer = client.post("/op/v1/revoke", data=body, headers=headers)
        assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
    answer = client.post("/op/v1/revoke", data=body | {"client_id": "refreshes"})
    assert answer.json["error"] == "invalid_client", "a confidential client by its name alone"
    assert refreshed(tool, tokens["refresh_token"]).status_code == 200


def test_the_tokens_of_another_client_stay_as_they_are(tool: Relying, relying: Make, session: Session) -> None:
    """OA7, section 2.1: 200 as for any, so that nobody learns whether it exists; and nothing happens."""
    tokens = tool.tokens(scope=ALL)
    for stranger in (relying("stranger"), relying("public")):
        for name in ("refresh_token", "access_token", "id_token"):
            assert is_empty(revoked(stranger, tokens[name]))
    assert tool.userinfo(tokens["access_token"]).status_code == 200
    assert refreshed(tool, tokens["refresh_token"]).status_code == 200
    assert session.scalar(select(func.count()).select_from(RevokedToken)) == 0


@pytest.mark.parametrize("token", ["unknown", "a.b.c", "é", "x" * 20_000, f"{'0' * 32}.1.{'A' * 43}"])
def test_what_nobody_knows_is_gone_already(tool: Relying, token: str) -> None:
    """Section 2.2: an invalid token is no error."""
    assert is_empty(revoked(tool, token))


def test_a_token_that_is_over_is_gone_already(tool: Relying, session: Session, clock: time_machine.Traveller) -> None:
    tokens = tool.tokens(scope=ALL)
    clock.shift(timedelta(minutes=6))
    assert is_empty(revoked(tool, tokens["access_token"]))
    assert session.scalar(select(func.count()).select_from(RevokedToken)) == 0


def test_an_id_token_cannot_be_taken_back(tool: Relying, clock: time_machine.Traveller) -> None:
    """Section 2.2.1: unsupported_token_type, also when it is over."""
    token = tool.tokens(scope=ALL)["id_token"]
    for _ in range(2):
        assert refuses(revoked(tool, token), "unsupported_token_type")
        clock.shift(timedelta(minutes=10))


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "id_token", "onzin", ""])
def test_a_hint_is_only_a_hint(tool: Relying, hint: str) -> None:
    """Section 2.1: a wrong one does not change the answer."""
    tokens = tool.tokens(scope=ALL)
    assert is_empty(revoked(tool, tokens["access_token"], token_type_hint=hint))
    assert tool.userinfo(tokens["access_token"]).status_code == 401
    assert is_empty(revoked(tool, tokens["refresh_token"], token_type_hint=hint))
    assert refuses(refreshed(tool, tokens["refresh_token"]))


def test_without_a_token_or_by_another_way_the_request_is_wrong(tool: Relying, client: Client) -> None:
    token = tool.tokens(scope=ALL)["refresh_token"]
    for given in (None, ""):
        assert refuses(revoked(tool, given), "invalid_request")
    header = {"Authorization": basic("refreshes", SECRET)}
    twice = client.post("/op/v1/revoke", data={"token": [token, token]}, headers=header)
    in_address = client.post(f"/op/v1/revoke?token={token}", headers=header)
    for answer in (twice, in_address):
        assert refuses(answer, "invalid_request")
    by_get = client.get(f"/op/v1/revoke?token={token}", headers=header)
    assert (by_get.status_code, by_get.headers["Allow"]) == (405, "POST, OPTIONS")
    assert refreshed(tool, token).status_code == 200


# What is taken back


@pytest.mark.parametrize("scope", [ALL, ALL_OFFLINE], ids=["online", "offline"])
@pytest.mark.parametrize("client_id", ["refreshes", "public"])
def test_a_refresh_token_takes_its_whole_session_along(
    nele: Person, relying: Make, client_id: str, scope: str, session: Session
) -> None:
    """Section 2.1: the access tokens of the same grant too."""
    tool = relying(client_id)
    first = tool.tokens(scope=scope)
    second = refreshed(tool, first["refresh_token"]).json
    assert is_empty(revoked(tool, second["refresh_token"]))
    for tokens in (first, second):
        assert tool.userinfo(tokens["access_token"]).status_code == 401
        assert refuses(refreshed(tool, tokens["refresh_token"]))
    assert the_session().revoke_reason == "revoked_by_client"
    event = session.scalars(select(AuditEvent).where(AuditEvent.name == "authentication:client_session:revoke")).one()
    assert (event.actor_kind, event.details["reason"]) == ("application", "revoked_by_client")


def test_an_old_refresh_token_of_its_own_does_so_as_well_and_alarms_nobody(tool: Relying, session: Session) -> None:
    """Who hands a token in has no use for the others of its family."""
    first = tool.tokens(scope=ALL)["refresh_token"]
    second = refreshed(tool, first).json["refresh_token"]
    assert is_empty(revoked(tool, first))
    assert refuses(refreshed(tool, second))
    assert (
        session.scalar(select(AuditEvent.id).where(AuditEvent.name == "authentication:refresh_family:revoke")) is None
    )


def test_other_sessions_of_the_same_person_go_on(tool: Relying) -> None:
    one, other = tool.tokens(scope=ALL), tool.tokens(scope=ALL)
    revoked(tool, one["refresh_token"])
    assert tool.userinfo(other["access_token"]).status_code == 200
    assert refreshed(tool, other["refresh_token"]).status_code == 200


@pytest.mark.parametrize("client_id", ["refreshes", "public", "rs256"])
def test_an_access_token_goes_alone(nele: Person, relying: Make, client_id: str) -> None:
    """Decisions 12: userinfo and introspection refuse it at once, the session and its other tokens go on."""
    tool = relying(client_id)
    first = tool.tokens(scope=ALL)
    second = refreshed(tool, first["refresh_token"]).json
    for _ in range(2):
        assert is_empty(revoked(tool, first["access_token"]))
    assert tool.userinfo(first["access_token"]).status_code == 401
    assert asked_of(tool.browser.application, "refreshes", first["access_token"]).json == {"active": False}
    assert tool.userinfo(second["access_token"]).status_code == 200
    assert refreshed(tool, second["refresh_token"]).status_code == 200


def test_taking_back_twice_is_written_down_once(tool: Relying, session: Session) -> None:
    tokens = tool.tokens(scope=ALL)
    for _ in range(2):
        revoked(tool, tokens["access_token"])
    (event,) = session.scalars(select(AuditEvent).where(AuditEvent.name == "oidc:access_token:revoke")).all()
    assert event.details == {"client": "refreshes", "jti": tool.access_claims(tokens)["jti"]}
    for _ in range(2):
        revoked(tool, tokens["refresh_token"])
    name = "authentication:client_session:revoke"
    assert session.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.name == name)) == 1


def test_a_token_taken_back_is_remembered_until_it_would_have_ended(
    tool: Relying, session: Session, clock: time_machine.Traveller
) -> None:
    """Decisions 12: (jti, exp), then swept."""
    tokens = tool.tokens(scope=ALL)
    revoked(tool, tokens["access_token"])
    row = session.scalars(select(RevokedToken)).one()
    assert row.expires_at.timestamp() == tool.access_claims(tokens)["exp"]
    session.rollback()
    clock.shift(timedelta(minutes=4))
    perform(sweep_spent)
    assert session.scalar(select(func.count()).select_from(RevokedToken)) == 1
    session.rollback()
    clock.shift(timedelta(minutes=2))
    perform(sweep_spent)
    assert session.scalar(select(func.count()).select_from(RevokedToken)) == 0


def test_what_is_not_ours_costs_the_database_nothing(tool: Relying, statements: Statements) -> None:
    tokens = tool.tokens(scope=ALL)
    with statements() as seen:
        revoked(tool, "unknown")
        revoked(tool, tokens["refresh_token"][:-1] + "x")
    assert seen == []


def test_the_metadata_say_so(client: Client) -> None:
    """RFC 8414, section 2."""
    told = client.get("/op/.well-known/openid-configuration").json
    assert told["revocation_endpoint"] == "http://localhost:8000/op/v1/revoke"
    assert told["revocation_endpoint_auth_methods_supported"] == told["token_endpoint_auth_methods_supported"]


def test_a_page_of_a_public_client_may_call_it(nele: Person, relying: Make) -> None:
    """CORS: section 2, and only from where the client lives."""
    tool = relying("public")
    token = tool.tokens(scope=ALL)["refresh_token"]
    answer = posted(tool, "revoke", {"Origin": "http://localhost:8001"}, token=token)
    assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:8001"
    answer = posted(tool, "revoke", {"Origin": "https://elsewhere.example"}, token=token)
    assert "Access-Control-Allow-Origin" not in answer.headers
