"""What must not come through: the attacks on a code, on a client, and on the request itself."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broker.access.grant import Grant
from broker.audit import AuditEvent
from broker.authentication.client_session import ClientSession
from broker.authentication.redeem_code import RedeemedCode, redeem_code
from broker.authentication.session_facts import session_facts
from broker.database import changing_session, db, perform
from broker.installation import installation
from broker.keys.jose import SigningKey, new_private_key, signing_key
from broker.people.person import Person
from tests.oidc.conftest import ALL, BACK, ISSUER, SECRET, Relying, answer_of, basic
from tests.worlds.client import Client

Make = Callable[..., Relying]


# The request


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "openid onbekend"}, "invalid_scope"),
        ({"scope": "openid rrn"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "create"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "morgen"}, "invalid_request"),
        ({"acr_values": "urn:unknown"}, "unmet_authentication_requirements"),
        ({"request": "eyJ"}, "invalid_request_object"),
        ({"request_uri": "https://evil.example/r"}, "request_uri_not_supported"),
        ({"state": "x" * 4000}, "invalid_request"),
    ],
)
def test_a_bad_request_is_told_to_the_client_before_anybody_signs_in(
    client: Client, relying: Make, changes: dict[str, str | None], error: str
) -> None:
    """OA3: PKCE with S256 for all; a scope that is not this client's is refused at once."""
    answer = answer_of(relying("test-public").authorize(**changes))
    assert (answer["error"], answer["iss"]) == (error, ISSUER)


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "unknown"},
        {"client_id": None},
        {"redirect_uri": None},
        {"redirect_uri": "http://localhost:8001/terug/"},
        {"redirect_uri": "http://localhost:8001/terug?a=b"},
        {"redirect_uri": "http://localhost:8001/TERUG"},
        {"redirect_uri": "http://LOCALHOST:8001/terug"},
        {"redirect_uri": "http://localhost:8001/terug/../terug"},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "javascript:alert(1)"},
    ],
)
def test_where_the_address_cannot_be_trusted_the_person_is_told_and_sent_nowhere(
    client: Client, relying: Make, changes: dict[str, str | None]
) -> None:
    response = relying().authorize(**changes)
    assert (response.status_code, response.headers.get("Location")) == (400, None)
    assert "Deze toepassing stuurde u verkeerd door" in response.text
    assert 'href="https://evil' not in response.text


def test_a_parameter_that_stands_there_twice_is_refused(client: Client, relying: Make) -> None:
    query = urlencode([*relying().request().items(), ("nonce", "andere")])
    assert answer_of(client.get(f"/op/v1/auth?{query}"))["error"] == "invalid_request"
    query = urlencode([*relying().request().items(), ("redirect_uri", "https://evil.example/")])
    assert client.get(f"/op/v1/auth?{query}").status_code == 400


# The code


def test_a_code_works_once_and_its_second_use_revokes_what_came_of_it(
    nele: Person, relying: Make, session: Session
) -> None:
    """OA3: one atomic UPDATE; the second use revokes that ClientSession and is audited."""
    app = relying()
    code = app.code()
    tokens = app.redeem(code).json
    assert app.userinfo(tokens["access_token"]).status_code == 200
    second = app.redeem(code)
    assert (second.status_code, second.json["error"]) == (400, "invalid_grant")
    assert app.userinfo(tokens["access_token"]).status_code == 401
    assert session.scalars(select(ClientSession)).one().revoke_reason == "code_reused"
    refusals = session.scalars(select(AuditEvent).where(AuditEvent.name == "oidc:token:refuse")).all()
    assert [event.details["reason"] for event in refusals] == ["used"]
    assert {event.actor_kind for event in refusals} == {"application"}


def test_a_code_tried_by_another_client_says_nothing_and_still_works_for_its_own(nele: Person, relying: Make) -> None:
    """OA3: a stranger can neither use nor end it."""
    app = relying()
    code = app.code()
    stranger = relying("test-other")
    assert stranger.redeem(code, code_verifier=app.verifier).json["error"] == "invalid_grant"
    assert app.redeem(code).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": None},
        {"code_verifier": "a" * 43},
        {"code_verifier": "a"},
        {"redirect_uri": "http://localhost:8001/ander"},
        {"redirect_uri": None},
    ],
)
def test_a_code_tried_wrongly_is_used_up(nele: Person, relying: Make, changes: dict[str, str | None]) -> None:
    """OA3: PKCE stripped or guessed, the wrong address."""
    app = relying()
    code = app.code()
    assert app.redeem(code, **changes).json["error"] == "invalid_grant"
    assert app.redeem(code).json["error"] == "invalid_grant"


def test_a_code_lives_thirty_seconds(nele: Person, relying: Make, clock: time_machine.Traveller) -> None:
    app = relying()
    code = app.code()
    clock.shift(timedelta(seconds=31))
    assert app.redeem(code).json["error"] == "invalid_grant"


def test_fifty_at_once_redeem_one_code_once(nele: Person, relying: Make, app: Flask) -> None:
    """OA3: on both databases, one gets tokens; the session of a code used twice is revoked."""
    relying_app = relying()
    code = relying_app.code()
    policy = installation().catalogue.clients["test-confidential"]
    outcomes: list[Any] = []
    start = threading.Barrier(50)

    def redeem() -> None:
        with app.app_context():
            start.wait()
            outcomes.append(perform(redeem_code, installation(), policy, code, BACK, relying_app.verifier))
            db.session.remove()

    threads = [threading.Thread(target=redeem) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(each, RedeemedCode) for each in outcomes) == 1
    assert {each.reason for each in outcomes if not isinstance(each, RedeemedCode)} == {"used"}


# A right that ends meanwhile


def test_a_right_that_ends_before_the_code_is_redeemed_gives_no_token(
    nele: Person, relying: Make, session: Session
) -> None:
    """OA1: the rights are read after the ClientSession was taken, at redemption."""
    app = relying()
    code = app.code()
    _end_rights(nele)
    assert app.redeem(code).json["error"] == "invalid_grant"


def test_a_right_that_ends_is_gone_from_userinfo_at_once(nele: Person, relying: Make) -> None:
    """OA1, decisions 1: at once needs no worker."""
    app = relying()
    tokens = app.tokens()
    _end_rights(nele)
    answer = app.userinfo(tokens["access_token"])
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_ends_a_right_while_somebody_authorizes_is_never_overtaken(
    nele: Person, relying: Make, app: Flask, client: Client, session: Session
) -> None:
    """OA1: authorize waits for the Person that the ender has locked, and then sees that the right is gone."""
    locked, answers = threading.Event(), []
    parameters = relying().request()

    def authorize() -> None:
        locked.wait()
        answers.append(client.get(f"/op/v1/auth?{urlencode(parameters)}"))

    thread = threading.Thread(target=authorize)
    thread.start()
    with changing_session() as ender, ender.begin():
        ender.execute(select(Person.id).where(Person.id == nele.id).with_for_update(key_share=True))
        locked.set()
        thread.join(timeout=1.0)
        assert thread.is_alive(), "authorize did not wait for the lock"
        ender.execute(_ending(nele))
    thread.join()
    assert answer_of(answers[0]) == {}
    assert "nog geen recht" in answers[0].text
    assert session.scalar(select(ClientSession)) is None


def _ending(person: Person) -> Any:
    return (
        update(Grant)
        .where(Grant.person_id == person.id, Grant.ended_at.is_(None))
        .values(ended_at=Grant.valid_from, end_reason="ended")
    )


def _end_rights(person: Person) -> None:
    with changing_session() as changing, changing.begin():
        changing.execute(_ending(person))
    db.session.rollback()


# The client


def test_a_wrong_secret_is_refused(nele: Person, relying: Make, client: Client) -> None:
    app = relying()
    body = {"grant_type": "authorization_code", "code": app.code(), "redirect_uri": BACK, "code_verifier": app.verifier}
    for header in (basic("test-confidential", "wrong"), basic("unknown", SECRET), basic("test-jwt", SECRET), "Basic !"):
        response = client.post("/op/v1/token", data=body, headers={"Authorization": header})
        assert (response.status_code, response.json["error"]) == (401, "invalid_client")
        assert response.headers["WWW-Authenticate"].startswith("Basic")
    assert client.post("/op/v1/token", data=body | {"client_id": "test-confidential"}).json["error"] == "invalid_client"
    body |= {"client_id": "test-confidential", "client_secret": SECRET}
    assert client.post("/op/v1/token", data=body).json["error"] == "invalid_client", "basic is its only way"


def test_a_client_proves_itself_in_one_way_and_sends_nothing_in_the_address(
    nele: Person, relying: Make, client: Client
) -> None:
    app = relying()
    code = app.code()
    assert app.redeem(code, client_secret=SECRET).json["error"] == "invalid_request"
    body = {"grant_type": "authorization_code", "redirect_uri": BACK, "code_verifier": app.verifier}
    header = {"Authorization": basic("test-confidential", SECRET)}
    response = client.post(f"/op/v1/token?code={code}", data=body, headers=header)
    assert response.json["error"] == "invalid_request"
    assert app.redeem(code, grant_type="password").json["error"] == "unsupported_grant_type"
    assert app.redeem(code).status_code == 200


def test_an_assertion_works_once(nele: Person, relying: Make) -> None:
    """OA9: jti once, in the database, whichever node it comes to."""
    app = relying("test-jwt")
    assertion = app.assertion()
    assert app.redeem(app.code(), **assertion).status_code == 200
    again = app.redeem(app.code(), **assertion)
    assert (again.status_code, again.json["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://elsewhere.example"},
        {"aud": [f"{ISSUER}/v1/token", "https://elsewhere.example"]},
        {"aud": None},
        {"iss": "test-other"},
        {"sub": "test-confidential"},
        {"sub": None},
        {"jti": None},
        {"jti": "x" * 300},
        {"exp": None},
        {"exp": 4102444800},
        {"iat": 4102444800},
    ],
)
def test_an_assertion_that_proves_too_little_is_refused(nele: Person, relying: Make, changes: dict[str, Any]) -> None:
    app = relying("test-jwt")
    assert app.redeem(app.code(), **app.assertion(**changes)).json["error"] == "invalid_client"


def test_an_assertion_signed_by_another_key_is_refused(nele: Person, relying: Make) -> None:
    app = relying("test-jwt")
    for kid in ("client-1", "client-2"):
        forger: SigningKey = signing_key(kid, "ES256", new_private_key("ES256"))
        assert app.redeem(app.code(), **app.assertion(forger)).json["error"] == "invalid_client"


# The tokens


def test_an_id_token_opens_no_userinfo_and_a_spoiled_access_token_neither(nele: Person, relying: Make) -> None:
    app = relying()
    tokens = app.tokens()
    assert app.userinfo(tokens["id_token"]).status_code == 401
    assert app.userinfo(tokens["access_token"][:-4] + "AAAA").status_code == 401
    assert "error" not in app.userinfo("").headers["WWW-Authenticate"]


def test_an_access_token_ends_after_five_minutes(
    nele: Person, relying: Make, still_clock: time_machine.Traveller
) -> None:
    app = relying()
    tokens = app.tokens()
    still_clock.shift(timedelta(seconds=299))
    assert app.userinfo(tokens["access_token"]).status_code == 200
    still_clock.shift(timedelta(seconds=2))
    assert app.userinfo(tokens["access_token"]).status_code == 401


def test_a_session_whose_code_was_never_redeemed_counts_for_nothing(
    nele: Person, relying: Make, session: Session
) -> None:
    relying().code()
    row = session.scalars(select(ClientSession)).one()
    assert session_facts(session, installation().catalogue, row.id) is None


def test_somebody_whose_identity_is_in_doubt_gets_no_code(nele: Person, relying: Make) -> None:
    with changing_session() as changing, changing.begin():
        changing.execute(update(Person).where(Person.id == nele.id).values(state="doubted"))
    assert answer_of(relying().authorize(prompt="none", scope=ALL))["error"] == "login_required"
