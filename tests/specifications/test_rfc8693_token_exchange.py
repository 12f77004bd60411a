"""RFC 8693: an application calls another on behalf of its user. Scope, audience and time only narrow."""

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
from broker.catalogue import Catalogue
from broker.database import changing_session
from broker.keys.jose import sign, verify
from broker.oidc.provider import provider
from broker.oidc.token_exchange_grant import TokenExchangeGrant
from broker.people.person import Person
from tests.oidc.conftest import ISSUER, SECRET, Relying, basic
from tests.specifications.applications import asked_of, catalogue, exchanged
from tests.specifications.holder import Holder, decoded
from tests.specifications.test_rfc6750_bearer import ATTACKS, forged

__all__ = ["catalogue"]

Make = Callable[..., Relying]
EVERYTHING = "openid profile vo cjm_cultuurmonitor rrn email"


@pytest.fixture
def own(nele: Person, relying: Make) -> str:
    """An access token of Nele for the Cultuurmonitor, with every scope."""
    token: str = relying("test-caller").tokens(scope=EVERYTHING)["access_token"]
    return token


def _claims(token: str, audience: str = "jaarboek") -> dict[str, Any]:
    return verify(
        token,
        keys=provider().ring.jwks(),
        algorithm="ES256",
        issuer=ISSUER,
        audience=audience,
        typ="at+jwt",
    )


# Who may


def test_only_a_client_whose_policy_names_the_grant_may(own: str, app: Flask) -> None:
    answer = exchanged(app, "test-confidential", own)
    assert (answer.status_code, answer.json["error"]) == (400, "unauthorized_client")


def test_a_public_client_may_not_whatever_its_policy_says(nele: Person, relying: Make, app: Flask) -> None:
    """Its token would be anybody's who took it: what it may call, its server calls."""
    token = relying("test-public-caller").tokens()["access_token"]
    body = {
        "grant_type": TokenExchangeGrant.GRANT_TYPE,
        "client_id": "test-public-caller",
        "subject_token": token,
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "audience": "jaarboek",
    }
    answer = app.test_client().post("/op/v1/token", data=body)
    assert (answer.status_code, answer.json["error"]) == (400, "unauthorized_client")


def test_a_client_that_does_not_prove_itself_gets_nothing(own: str, app: Flask) -> None:
    answer = exchanged(app, "test-caller", own, {"Authorization": basic("test-caller", "wrong")})
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")


# What may be called


@pytest.mark.parametrize(
    "named",
    [
        {"audience": "archief"},  # exists, and may not be called
        {"audience": "onbestaand"},
        {"audience": "cultuurmonitor"},  # its own is not asked for anew
        {"audience": ""},
        {"audience": ["jaarboek", "archief"]},
        {"audience": "jaarboek", "resource": "https://archief.example/"},
        {"audience": None, "resource": "https://archief.example/"},
        {"audience": None, "resource": "https://jaarboek.example/anders"},
        {"audience": None, "resource": "https://jaarboek.example/#x"},
    ],
)
def test_only_what_the_policy_lets_it_call_may_be_called(own: str, app: Flask, named: dict[str, Any]) -> None:
    """OA7: an allow-list; the same answer for what exists and what does not."""
    answer = exchanged(app, "test-caller", own, **named)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_target")


def test_it_says_what_it_calls(own: str, app: Flask) -> None:
    assert exchanged(app, "test-caller", own, audience=None).json["error"] == "invalid_request"


@pytest.mark.parametrize(
    "named",
    [
        {"audience": "jaarboek"},
        {"audience": None, "resource": "https://jaarboek.example/"},
        {"audience": None, "resource": "https://jaarboek.example/over"},
        {"audience": "jaarboek", "resource": "https://jaarboek.example/"},
    ],
)
def test_it_is_named_by_its_code_or_by_an_address_of_its_policy(
    own: str, app: Flask, named: dict[str, str | None]
) -> None:
    assert _claims(exchanged(app, "test-caller", own, **named).json["access_token"])["aud"] == "jaarboek"


# What may be exchanged


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_token_that_is_not_what_it_says_is_exchanged_for_nothing(
    nele: Person, relying: Make, app: Flask, attack: str
) -> None:
    answer = exchanged(app, "test-caller", forged(relying("test-confidential").tokens(), attack))
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")
    assert "access_token" not in answer.json


@pytest.mark.parametrize(
    "changes",
    [
        {"subject_token": None},
        {"subject_token_type": None},
        {"subject_token_type": "urn:ietf:params:oauth:token-type:id_token"},
        {"subject_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
        {"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
        {"requested_token_type": "urn:ietf:params:oauth:token-type:id_token"},
        {"actor_token": "x", "actor_token_type": "urn:ietf:params:oauth:token-type:access_token"},
        {"actor_token_type": "urn:ietf:params:oauth:token-type:access_token"},
        {"subject_token": ["x", "y"]},
    ],
)
def test_access_tokens_only_in_and_out_and_no_actor_but_the_client(
    own: str, app: Flask, changes: dict[str, Any]
) -> None:
    answer = exchanged(app, "test-caller", own, **changes)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


def test_the_token_of_another_application_is_not_its_to_use(own: str, app: Flask, relying: Make) -> None:
    """OA7: the Jaarboek calls on behalf of those who called it, not of whoever's token it found."""
    assert exchanged(app, "jaarboek", own, audience="archief").json["error"] == "invalid_request"


def test_the_token_of_a_colleague_client_of_the_same_application_will_do(
    nele: Person, relying: Make, app: Flask
) -> None:
    """A page in the browser asks its own server, which calls."""
    token = relying("test-public").tokens()["access_token"]
    claims = _claims(exchanged(app, "test-caller", token).json["access_token"])
    assert (claims["client_id"], claims["act"]) == ("test-caller", {"sub": "test-caller"})


def test_the_token_of_a_machine_has_no_user_to_call_for(app: Flask) -> None:
    body = {"grant_type": "client_credentials", "audience": "cultuurmonitor"}
    header = {"Authorization": basic("test-machine", SECRET)}
    machine = app.test_client().post("/op/v1/token", data=body, headers=header).json["access_token"]
    assert exchanged(app, "test-caller", machine).json["error"] == "invalid_request"


def _ended(table: Any, **values: Any) -> None:
    with changing_session() as changing, changing.begin():
        changing.execute(update(table).values(**values))


@pytest.mark.parametrize("what", ["right", "session", "token"])
def test_the_right_the_session_and_the_token_still_count(own: str, app: Flask, session: Session, what: str) -> None:
    """OA7: the live grant is read again."""
    match what:
        case "right":
            _ended(Grant, ended_at=Grant.valid_from, end_reason="ended")
        case "session":
            _ended(ClientSession, revoked_at=ClientSession.created_at, revoke_reason="signed_out")
        case "token":
            header = {"Authorization": basic("test-caller", SECRET)}
            app.test_client().post("/op/v1/revoke", data={"token": own}, headers=header)
    answer = exchanged(app, "test-caller", own)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")
    refused = session.scalars(select(AuditEvent).where(AuditEvent.name == "oidc:token:refuse")).one()
    assert refused.details == {"client": "test-caller", "reason": "exchange_over"}


# Only narrower


@pytest.mark.parametrize(
    "scope",
    ["cjm_jaarboek", "openid profile cjm_jaarboek", "offline_access", "phone", "openid profile vo phone"],
)
def test_a_scope_that_the_token_does_not_hold_is_not_given(own: str, app: Flask, scope: str) -> None:
    """OA7."""
    answer = exchanged(app, "test-caller", own, scope=scope)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_scope")


def test_fewer_scopes_say_less(own: str, nele: Person, app: Flask) -> None:
    answer = exchanged(app, "test-caller", own, scope="vo").json
    claims = _claims(answer["access_token"])
    assert (answer["scope"], claims["scope"]) == ("vo", "vo")
    assert claims["vo_id"] == str(nele.id)
    assert not {"given_name", "cjm_cultuurmonitor_rol_3d"} & set(claims)


def test_what_is_for_the_client_alone_is_left_behind(own: str, app: Flask) -> None:
    """openid and rrn open something here only, and that is not for another to open."""
    answer = exchanged(app, "test-caller", own).json
    claims = _claims(answer["access_token"])
    assert claims["scope"] == answer["scope"] == "cjm_cultuurmonitor email profile vo"
    assert not {"rrn", "email", "cjm_jaarboek_rol_3d"} & set(claims)


def test_what_was_narrowed_once_stays_so(own: str, app: Flask) -> None:
    """OA7."""
    first = exchanged(app, "test-caller", own, scope="vo").json["access_token"]
    assert exchanged(app, "jaarboek", first, audience="archief", scope="profile").json["error"] == "invalid_scope"
    assert exchanged(app, "jaarboek", first, audience="archief").json["scope"] == "vo"


def test_it_never_outlives_the_token_that_it_came_of(own: str, app: Flask, clock: time_machine.Traveller) -> None:
    """OA7: exchanging is no refreshing."""
    clock.shift(timedelta(seconds=200))
    answer = exchanged(app, "test-caller", own).json
    assert answer["expires_in"] <= 100
    assert _claims(answer["access_token"])["exp"] <= decoded(own)["exp"]
    clock.shift(timedelta(seconds=101))
    assert exchanged(app, "test-caller", own).json["error"] == "invalid_request"
    assert asked_of(app, "jaarboek", answer["access_token"]).json == {"active": False}


def test_it_never_outlives_the_right_that_it_speaks_of(own: str, app: Flask) -> None:
    """OA2."""
    ends = broker_clock.now() + timedelta(seconds=60)
    _ended(Grant, valid_until=ends)
    assert _claims(exchanged(app, "test-caller", own).json["access_token"])["exp"] <= ends.timestamp()


def test_a_chain_has_two_links_at_most(own: str, app: Flask) -> None:
    """OA7: the Cultuurmonitor calls the Jaarboek, that calls the Archief, and there it ends."""
    first = exchanged(app, "test-caller", own).json["access_token"]
    second = exchanged(app, "jaarboek", first, audience="archief").json["access_token"]
    claims = _claims(second, "archief")
    assert claims["act"] == {"sub": "jaarboek", "act": {"sub": "test-caller"}}
    assert claims["client_id"] == "jaarboek"
    assert asked_of(app, "archief", second).json["act"] == claims["act"]
    third = exchanged(app, "archief", second)
    assert (third.status_code, third.json["error"]) == (400, "invalid_request")


# What comes of it


def test_it_says_who_it_is_about_who_calls_and_for_how_long(
    own: str, nele: Person, app: Flask, session: Session
) -> None:
    """RFC 8693, 2.2.1 and 4.1."""
    response = exchanged(app, "test-caller", own)
    answer = response.json
    assert set(answer) == {"access_token", "issued_token_type", "token_type", "expires_in", "scope"}
    assert answer["issued_token_type"] == "urn:ietf:params:oauth:token-type:access_token"
    assert (answer["token_type"], response.headers["Cache-Control"]) == ("Bearer", "no-store")
    claims, before = _claims(answer["access_token"]), decoded(own)
    for same in ("sub", "sid", "acr", "auth_time", "vo_orgcode", "cjm_cultuurmonitor_rol_3d"):
        assert claims[same] == before[same]
    assert (claims["aud"], claims["client_id"], claims["act"]) == ("jaarboek", "test-caller", {"sub": "test-caller"})
    assert claims["jti"] != before["jti"]
    event = session.scalars(select(AuditEvent).where(AuditEvent.name == "oidc:token:exchange")).one()
    assert event.subject_id == nele.id
    assert event.details == {"client": "test-caller", "sid": before["sid"], "audience": "jaarboek"}


def test_ending_the_session_ends_what_came_of_it_at_once(own: str, app: Flask) -> None:
    """OA7: the sid is that of the session it began with, however long the chain."""
    first = exchanged(app, "test-caller", own).json["access_token"]
    second = exchanged(app, "jaarboek", first, audience="archief").json["access_token"]
    assert asked_of(app, "jaarboek", first).json["active"] is True
    assert asked_of(app, "archief", second).json["active"] is True
    _ended(ClientSession, revoked_at=ClientSession.created_at, revoke_reason="signed_out")
    assert asked_of(app, "jaarboek", first).json == {"active": False}
    assert asked_of(app, "archief", second).json == {"active": False}
    assert exchanged(app, "jaarboek", first, audience="archief").json["error"] == "invalid_request"


def test_it_opens_no_userinfo(own: str, app: Flask, relying: Make) -> None:
    """What a client alone may learn does not travel, even where the token was given openid by mistake."""
    token = exchanged(app, "test-caller", own).json["access_token"]
    assert relying("test-caller").userinfo(token).status_code == 401
    widened = sign(decoded(token) | {"scope": "openid rrn"}, provider().ring.signing("ES256"), "at+jwt")
    assert relying("test-caller").userinfo(widened).status_code == 401


def test_one_that_was_taken_back_is_gone(own: str, app: Flask) -> None:
    """RFC 7009, by the client that calls."""
    token = exchanged(app, "test-caller", own).json["access_token"]
    header = {"Authorization": basic("test-caller", SECRET)}
    assert app.test_client().post("/op/v1/revoke", data={"token": token}, headers=header).status_code == 200
    assert asked_of(app, "jaarboek", token).json == {"active": False}
    assert asked_of(app, "test-caller", own).json["active"] is True


# Bound to a key (RFC 9449)


def test_what_was_bound_to_a_key_does_not_come_loose(nele: Person, relying: Make, app: Flask) -> None:
    """No way down from DPoP to Bearer, and no other key for one's own token."""
    holder, thief = Holder(), Holder()
    caller = relying("test-caller")
    bound = caller.redeem(caller.code(), holder.proof()).json["access_token"]
    assert exchanged(app, "test-caller", bound).json["error"] == "invalid_request"
    assert exchanged(app, "test-caller", bound, {"DPoP": thief.proof()}).json["error"] == "invalid_request"
    answer = exchanged(app, "test-caller", bound, {"DPoP": holder.proof()}).json
    assert (answer["token_type"], _claims(answer["access_token"])["cnf"]) == ("DPoP", {"jkt": holder.jkt})


def test_who_is_called_proves_its_own_key(nele: Person, relying: Make, app: Flask) -> None:
    first_key, second_key = Holder(), Holder()
    own = relying("test-caller").tokens()["access_token"]
    first = exchanged(app, "test-caller", own, {"DPoP": first_key.proof()}).json["access_token"]
    assert exchanged(app, "jaarboek", first, audience="archief").json["error"] == "invalid_request"
    second = exchanged(app, "jaarboek", first, {"DPoP": second_key.proof()}, audience="archief").json
    assert _claims(second["access_token"], "archief")["cnf"] == {"jkt": second_key.jkt}


def test_discovery_says_so(app: Flask) -> None:
    found = app.test_client().get("/op/.well-known/openid-configuration").json
    assert TokenExchangeGrant.GRANT_TYPE in found["grant_types_supported"]


def test_no_client_has_the_scope_of_another_application(catalogue: Catalogue) -> None:
    """Which is why a token never says more in the application that is called than it did before."""
    for client in catalogue.clients.values():
        others = {each.scope for code, each in catalogue.applications.items() if code != client.application_code}
        assert not others & set(client.scopes)
