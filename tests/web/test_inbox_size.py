"""100,000 open tasks over 300 organisations: the inbox costs what it costs with ten, and reads an index (issue 2)."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from broker import clock
from broker.database import db
from broker.people.organisation import Organisation
from tests.worlds.client import Client
from tests.worlds.statements import Statements
from tests.worlds.world import World

ORGANISATIONS, TASKS = 300, 100_000

# What differs between the two: an id made from a number, an instant some seconds after another, an empty JSON object.
_DIALECTS: dict[str, dict[str, Callable[[str], str]]] = {
    "sqlite": {
        "id": lambda n: f"printf('%032x', {n})",
        "after": lambda n: f"strftime('%Y-%m-%d %H:%M:%f000', :start, '+' || {n} || ' seconds')",
        "json": lambda _n: "'{}'",
    },
    "postgresql": {
        "id": lambda n: f"CAST(lpad(to_hex(CAST({n} AS integer)), 32, '0') AS uuid)",
        "after": lambda n: f"CAST(:start AS timestamp) AT TIME ZONE 'UTC' + ({n}) * interval '1 second'",
        "json": lambda _n: "CAST('{}' AS json)",
    },
}


def fill(count: int, organisations: int) -> None:
    """`count` open requests with their tasks, spread over `organisations`, in a few statements."""
    with db.engine.begin() as connection:
        sql = _DIALECTS[connection.dialect.name]
        organisation = sql["id"](f"9000000 + n % {organisations}")
        start = (clock.now().replace(tzinfo=None)).isoformat(" ", "seconds")
        numbers = f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count})"
        for statement in (
            f"""INSERT INTO organisations (id, code, target_group, organisation_type, name, name_fr, province, search_text,
                    created_at)
                {numbers} SELECT {organisation}, 'O' || n, 'LB', 'gemeente', 'Gemeente ' || n, '', '', 'gemeente',
                    {sql["after"]("0")} FROM s WHERE n <= {organisations}""",
            f"""INSERT INTO access_requests (id, number, status, identity_source, given_name, family_name, applicant_key, email,
                    email_limit_key, language, entitlement_code, application_code, right_code, context_code, target_group,
                    organisation_type, organisation_id, answers, submission_id, created_at, opened_at)
                {numbers} SELECT {sql["id"]("n")}, 'PW-' || n, 'open', 'typed', 'Aanvrager', 'Nummer' || n, 'a' || n,
                    'a@voorbeeld.test', 'k', 'nl', 'CJM_Cultuurmonitor_LB_CompEnt_Invoerder', 'cultuurmonitor', 'invoerder',
                    'cultuurcentra', 'LB', 'gemeente', {organisation}, {sql["json"]("")}, {sql["id"]("n")}, {sql["after"]("n")},
                    {sql["after"]("n")} FROM s""",
            f"""INSERT INTO tasks (id, kind, request_id, pool_key, organisation_id, target_group, organisation_type,
                    application_code, opened_at, in_place_of_administrator, version)
                {numbers} SELECT {sql["id"]("n")}, 'request', {sql["id"]("n")}, {_pool(connection, organisations)}, {organisation},
                    'LB', 'gemeente', 'cultuurmonitor', {sql["after"]("n")}, false, 1 FROM s""",
        ):
            connection.execute(text(statement), {"start": start} if ":start" in statement else {})
    with db.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    db.session.rollback()


def _pool(connection: Connection, organisations: int) -> str:
    """The pool of the organisation, written as `organisation_scope` writes it: an id with its dashes."""
    number = f"9000000 + n % {organisations}"
    if connection.dialect.name == "sqlite":
        return f"'org:00000000-0000-0000-0000-' || printf('%012x', {number})"
    return f"'org:' || {_DIALECTS['postgresql']['id'](number)}"


@pytest.fixture
def administrator(client: Client, world: World) -> Callable[[], None]:
    """Makes somebody administrator of one of the organisations and signs them in."""

    def make() -> None:
        organisation = db.session.query(Organisation).filter_by(code="O1").one()
        db.session.expunge(organisation)
        db.session.rollback()
        world.sign_in(client, world.administrator_of(organisation, "Ilse Maes"))

    return make


def test_the_inbox_costs_the_same_with_ten_tasks_as_with_a_hundred_thousand(
    client: Client, statements: Statements, administrator: Callable[[], None], world: World
) -> None:
    fill(10, 1)
    administrator()
    client.get("/taken")
    with statements() as few:
        assert "Tien mensen wachten" in client.get("/taken").text
    _empty()
    fill(TASKS, ORGANISATIONS)
    administrator()
    with statements() as many:
        page = client.get("/taken").text
    assert f"Taak 1 tot 25 van {TASKS // ORGANISATIONS + 1}" in page
    assert len(many) == len(few)


def test_a_page_of_a_hundred_thousand_reads_an_index_and_is_quick(
    client: Client, administrator: Callable[[], None]
) -> None:
    fill(TASKS, ORGANISATIONS)
    administrator()
    for address in (
        "/taken",
        "/taken?na=20261117T090000.000000Z~" + "0" * 32,
        "/taken?lijst=van-mij",
        "/taken?lijst=beslist",
    ):
        plans = _plans_of(partial(client.get, address))
        assert any(is_page for is_page, _plan in plans), address
        for is_page, plan in plans:
            index = "ix_tasks_inbox" if is_page and not address.endswith("beslist") else "ix_tasks_"
            assert index in plan, (address, plan)
            assert "Seq Scan on tasks" not in plan, (address, plan)
            assert "SCAN tasks" not in plan, (address, plan)
    took = []
    for _ in range(3):
        begin = time.perf_counter()
        assert client.get("/taken").status_code == 200
        took.append(time.perf_counter() - begin)
    assert min(took) < 0.5, took


def _plans_of(call: Callable[[], Any]) -> list[tuple[bool, str]]:
    """Of every statement about tasks that `call` causes: whether it is the one of the page (else it counts), and its plan."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if "FROM tasks" in statement:
            seen.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        call()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    with db.engine.connect() as connection:
        explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        return [
            (
                "ORDER BY" in statement,
                "\n".join(str(row) for row in connection.exec_driver_sql(f"{explain} {statement}", parameters)),
            )
            for statement, parameters in seen
        ]


def _empty() -> None:
    with db.engine.begin() as connection:
        for table in (
            "tasks",
            "access_requests",
            "browser_sessions",
            "mandates",
            "affiliations",
            "persons",
            "organisations",
        ):
            connection.execute(text(f"DELETE FROM {table}"))
    db.session.rollback()
