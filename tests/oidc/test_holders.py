"""An application asks, for itself, who of its people still has a right in it (decisions 2): /op/v1/holders."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from broker import clock as broker_clock
from broker.audit import AuditEvent
from broker.catalogue import Catalogue
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.oidc.conftest import SECRET, basic
from tests.worlds.statements import Statements
from tests.worlds.world import World

ADDRESS = "/op/v1/holders"


@pytest.fixture(scope="session")
def catalogue(catalogue: Catalogue) -> Catalogue:
    """The catalogue of the door, with clients that may ask: one of the Cultuurmonitor, one of the Jeugdmonitor."""
    machine = replace(
        catalogue.clients["test-confidential"],
        client_id="asker",
        grant_types=("client_credentials",),
        redirect_uris=(),
        post_logout_redirect_uris=(),
        start_uri="",
        scopes=(),
        may_call=("jeugdmonitor",),
        asks_holders=True,
    )
    own = {
        each.client_id: each
        for each in (
            machine,
            replace(machine, client_id="asker-elsewhere", application_code="jeugdmonitor"),
            replace(machine, client_id="asker-public", authentication="none", secret_sha256=()),
        )
    }
    return replace(catalogue, clients={**catalogue.clients, **own})


@pytest.fixture
def genk(world: World) -> Organisation:
    """Where they work."""
    return world.organisation("Gemeente Genk")


@pytest.fixture
def ask(app: Flask) -> Callable[..., TestResponse]:
    """An application asks about these."""

    def ask(*people: Person | str, client_id: str = "asker", secret: str = SECRET, **form: str) -> TestResponse:
        subs = " ".join(each if isinstance(each, str) else each.sub for each in people)
        return app.test_client().post(
            ADDRESS, data={"subs": subs} | form, headers={"Authorization": basic(client_id, secret)}
        )

    return ask


def told(response: TestResponse) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    assert response.headers["Cache-Control"] == "no-store"
    assert response.json is not None
    assert set(response.json) == {"holders", "resting"}
    found: list[dict[str, Any]] = response.json["holders"]
    return found


def resting(response: TestResponse) -> list[dict[str, Any]]:
    assert response.json is not None
    found: list[dict[str, Any]] = response.json["resting"]
    return found


def test_who_has_the_right_now_is_told_with_right_and_organisation_and_nothing_else(
    world: World, ask: Any, genk: Organisation, catalogue: Catalogue
) -> None:
    kaai = world.organisation("De Kaai")
    nele, ilse = world.person("Nele Vercauteren"), world.person("Ilse Maes")
    world.grant(nele, genk, "invoerder")
    world.grant(nele, kaai, "raadpleger")
    world.grant(ilse, genk, "invoerder")
    claims = {code: right.claim for code, right in catalogue.applications["cultuurmonitor"].rights.items()}
    expected = [
        {"sub": nele.sub, "right": claims["invoerder"], "organisation": genk.code},
        {"sub": nele.sub, "right": claims["raadpleger"], "organisation": kaai.code},
    ]
    found = told(ask(nele))
    assert sorted(found, key=lambda each: each["organisation"]) == sorted(
        expected, key=lambda each: each["organisation"]
    )
    assert {each["sub"] for each in told(ask(nele, ilse))} == {nele.sub, ilse.sub}


def test_whoever_has_none_and_whoever_is_not_known_are_the_same_answer(
    world: World, ask: Any, genk: Organisation
) -> None:
    now = broker_clock.now()
    yesterday = {"valid_from": now - timedelta(days=1)}
    for how in (
        {**yesterday, "ended_at": now - timedelta(hours=1), "end_reason": "left"},
        {**yesterday, "valid_until": now - timedelta(hours=1)},
        {**yesterday, "suspended_from": now - timedelta(hours=1), "suspended_by": world.person().id},
        {"valid_from": now + timedelta(hours=1)},
    ):
        person = world.person()
        world.grant(person, genk, "invoerder", **how)
        answer = ask(person)
        assert told(answer) == [], how
        assert bool(resting(answer)) == ("suspended_from" in how)
    assert told(ask(world.person(), "a" * 40)) == []
    unmatched = world.person(state="unlinked")
    world.grant(unmatched, genk, "invoerder")
    assert told(ask(unmatched)) == []


def test_a_right_that_is_suspended_stands_apart_as_it_comes_back_by_itself(
    world: World, ask: Any, genk: Organisation
) -> None:
    now = broker_clock.now()
    suspended = {
        "valid_from": now - timedelta(days=1),
        "suspended_from": now - timedelta(hours=1),
        "suspended_by": world.person().id,
    }
    nele, ilse, jan = world.person(), world.person(), world.person()
    world.grant(nele, genk, "invoerder", **suspended)
    world.grant(ilse, genk, "invoerder", **suspended, valid_until=now - timedelta(minutes=1))
    world.grant(jan, genk, "invoerder", **suspended, ended_at=now, end_reason="left")
    answer = ask(nele, ilse, jan)
    assert told(answer) == []
    assert [(each["sub"], each["organisation"]) for each in resting(answer)] == [(nele.sub, genk.code)]


def test_only_of_its_own_application(world: World, ask: Any, genk: Organisation) -> None:
    nele = world.person()
    world.grant(nele, genk, "invoerder")
    assert len(told(ask(nele))) == 1
    assert told(ask(nele, client_id="asker-elsewhere")) == []


@pytest.mark.parametrize(
    ("asking", "status", "error"),
    [
        ({"client_id": "test-confidential"}, 400, "unauthorized_client"),
        ({"secret": "not the secret"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_id": "asker-public"}, 401, "invalid_client"),
    ],
    ids=["not in its policy", "wrong secret", "unknown", "public"],
)
def test_nobody_else_hears_anything(
    world: World, ask: Any, genk: Organisation, asking: dict[str, str], status: int, error: str
) -> None:
    nele = world.person()
    world.grant(nele, genk, "invoerder")
    answer = ask(nele, **asking)
    assert (answer.status_code, answer.json["error"]) == (status, error)
    assert nele.sub not in answer.text


@pytest.mark.parametrize(
    "subs",
    ["", "a" * 39, "A" * 40, "client-id", " ".join(f"{n:040x}" for n in range(101))],
    ids=["nobody", "short", "capitals", "a client", "a hundred and one"],
)
def test_who_is_asked_about_is_named_well(ask: Any, subs: str) -> None:
    answer = ask(subs)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


def test_without_proof_and_by_get_there_is_nothing(app: Flask) -> None:
    assert app.test_client().post(ADDRESS, data={"subs": "a" * 40}).status_code == 401
    assert app.test_client().get(ADDRESS).status_code == 405


def test_a_hundred_cost_as_many_statements_as_one(
    world: World, ask: Any, genk: Organisation, statements: Statements
) -> None:
    people = [world.person(f"Nele{n} V") for n in range(5)]
    for each in people:
        world.grant(each, genk, "invoerder")
    ask(people[0])
    with statements() as one:
        ask(people[0])
    with statements() as many:
        assert len(told(ask(*people, *(f"{n:040x}" for n in range(95))))) == 5
    assert len(many) == len(one) <= 4


def test_how_many_were_asked_stands_in_the_audit_and_who_does_not(
    world: World, ask: Any, genk: Organisation, session: Session
) -> None:
    nele = world.person()
    world.grant(nele, genk, "invoerder")
    ask(nele, "b" * 40)
    session.rollback()
    (event,) = session.scalars(select(AuditEvent).where(AuditEvent.name == "access:holders:ask"))
    assert event.details == {"application": "cultuurmonitor", "asked": 2, "found": 1}
    assert event.subject_id is None
    assert nele.sub not in str(event.details)


def test_asking_without_end_is_stopped(make_app: Callable[..., Flask], world: World) -> None:
    app = make_app(BROKER_RATE_LIMITS="on")
    answers = [
        app.test_client()
        .post(ADDRESS, data={"subs": "a" * 40}, headers={"Authorization": basic("asker", SECRET)})
        .status_code
        for _ in range(302)
    ]
    assert answers[0] == 200
    assert answers[-1] == 429


def test_discovery_names_it(app: Flask) -> None:
    document = app.test_client().get("/op/.well-known/openid-configuration").json
    assert document is not None
    assert document["holders_endpoint"] == "http://localhost:8000/op/v1/holders"
