"""The straight way into an application (`straight_way`) and Flask's are one: same rules, same answer, same traces."""

import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from broker.audit import AuditEvent, AuditSource
from broker.authentication.authorization_code import AuthorizationCode
from broker.authentication.browser_session import BrowserSession
from broker.authentication.client_session import ClientSession
from broker.authentication.end_session import end_session
from broker.clock import now
from broker.database import db, perform
from broker.installation import installation
from broker.oidc.authorize.straight_way import StraightWay
from broker.people.person import Person
from broker.web.limits import LIMITS
from broker.web.metrics import REQUESTS
from tests.conftest import START
from tests.oidc.conftest import BACK, Relying, login_hint
from tests.specifications.asking import catalogue, pushed
from tests.worlds.client import Client
from tests.worlds.world import World

__all__ = ["catalogue"]

straight_way = sys.modules[StraightWay.__module__]
Make = Callable[..., Relying]
Changes = dict[str, str | None]

EID = "urn:be:vlaanderen:authmech:eid"
REQUEST_ID = "abcd1234-straight"

# Requests that one person with one right makes, and whether they are answered before Flask.
TABLE: tuple[tuple[str, Changes, bool], ...] = (
    ("test-confidential", {}, True),
    ("test-confidential", {"state": None}, True),
    ("test-confidential", {"state": "é & ? / 🗝"}, True),
    ("test-confidential", {"prompt": "none"}, True),
    ("test-confidential", {"max_age": "3600"}, True),
    ("test-confidential", {"response_mode": "query"}, True),
    ("test-confidential", {"claims": '{"userinfo": {"given_name": null}}'}, True),
    ("test-confidential", {"unknown": "x", "ui_locales": "en"}, True),
    ("test-public", {}, True),
    ("test-anybody", {}, True),
    ("test-query", {}, True),
    ("test-offline", {"scope": "openid offline_access"}, True),
    ("test-confidential", {"response_mode": "form_post"}, False),
    ("test-confidential", {"prompt": "login"}, False),
    ("test-confidential", {"prompt": "select_account"}, False),
    ("test-confidential", {"prompt": "consent"}, False),
    ("test-confidential", {"prompt": "create"}, False),
    ("test-confidential", {"max_age": "0"}, False),
    ("test-confidential", {"acr_values": EID}, False),
    ("test-confidential", {"acr_values": EID, "prompt": "none"}, False),
    ("test-confidential", {"scope": "profile"}, False),
    ("test-confidential", {"code_challenge": None}, False),
    ("test-confidential", {"redirect_uri": "http://localhost:8001/elders"}, False),
    ("test-confidential", {"response_type": "token"}, False),
    ("test-confidential", {"state": "een\nregel"}, False),
    ("test-confidential", {"request_uri": "urn:ietf:params:oauth:request_uri:niets"}, False),
    ("test-confidential", {"request": "geen.object"}, False),
    ("test-confidential", {"taal": "en"}, False),
    ("test-consent", {}, False),
    ("test-par", {}, False),
    ("test-signing", {}, False),
    ("niemand", {}, False),
)


class Ways:
    """Both ways. `took`: whether the straight one answered."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, session: Session) -> None:
        self._monkeypatch = monkeypatch
        self._session = session
        self._straight = StraightWay._address
        self.took = False

    def both(self, client: Client, query: Callable[[], str], method: str = "GET") -> dict[str, Any]:
        """The one outcome of both, seen from outside and in the database."""

        def noting(*args: Any) -> str | None:
            address = self._straight(*args)
            self.took = address is not None
            return address

        self._monkeypatch.setattr(StraightWay, "_address", noting)
        self.took = False
        straight = self._outcome(client, query(), method)
        self._monkeypatch.setattr(StraightWay, "_address", lambda *_: None)
        assert straight == self._outcome(client, query(), method)
        return straight

    def _outcome(self, client: Client, query: str, method: str) -> dict[str, Any]:
        counted = self._counted()
        events = set(self._session.scalars(select(AuditEvent.id)))
        sessions = set(self._session.scalars(select(ClientSession.id)))
        client.delete_cookie("poortwachter_form")
        response = client.open(f"/op/v1/auth?{query}", method=method, headers={"X-Request-ID": REQUEST_ID})
        self._session.expire_all()
        new = [each for each in self._session.scalars(select(AuditEvent)) if each.id not in events]
        begun = [each for each in self._session.scalars(select(ClientSession)) if each.id not in sessions]
        codes = [
            each
            for each in self._session.scalars(select(AuthorizationCode))
            if each.client_session_id in {row.id for row in begun}
        ]
        return {
            "answer": (response.status, _without_form_token(response)),
            "headers": sorted((name, _without_code(value)) for name, value in response.headers if name != "Set-Cookie"),
            "cookies": sorted(each.partition("=")[0] for each in response.headers.getlist("Set-Cookie")),
            "events": [_columns(each, "id", "happened_at", "source_digest", "details") for each in new],
            "details": [{k: v for k, v in each.details.items() if k not in ("sid", "code")} for each in new],
            "sources": [self._session.get_one(AuditSource, each.id).address for each in new],
            "sessions": [_columns(each, "id") for each in begun],
            "codes": [_columns(each, "code_hash", "client_session_id") for each in codes],
            "seen": self._session.scalars(select(BrowserSession.last_seen)).all(),
            "counted": self._counted() - counted,
        }

    @staticmethod
    def _counted() -> float:
        return sum(
            sample.value
            for metric in REQUESTS.collect()
            for sample in metric.samples
            if sample.name.endswith("_total") and sample.labels["endpoint"].startswith("oidc.authorize")
        )


def _columns(row: Any, *but: str) -> dict[str, Any]:
    return {each.key: getattr(row, each.key) for each in row.__table__.columns if each.key not in but}


def _without_code(value: str) -> str:
    parts = urlsplit(value)
    if "code=" not in parts.query:
        return value
    told = [(name, "…" if name == "code" else given) for name, given in parse_qsl(parts.query)]
    return parts._replace(query=urlencode(told)).geturl()


def _without_form_token(response: TestResponse) -> str:
    return "" if response.text.count("csrf_token") or 'name="code"' in response.text else response.text


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch, session: Session, clock: time_machine.Traveller) -> Ways:
    """With the clock standing still, so that both ways find the same moment."""
    clock.move_to(START, tick=False)
    return Ways(monkeypatch, session)


@pytest.fixture
def nele(ways: Ways, world: World, client: Client, clock: time_machine.Traveller) -> Person:
    """Somebody signed in, with one right."""
    person = world.person("Nele Vercauteren")
    world.grant(person, world.organisation("Gemeente Genk"), "invoerder")
    world.sign_in(client, person)
    clock.shift(timedelta(seconds=1))
    return person


@pytest.mark.parametrize(("client_id", "changes", "straight"), TABLE)
def test_both_ways_judge_and_answer_alike(
    nele: Person, ways: Ways, client: Client, relying: Make, client_id: str, changes: Changes, straight: bool
) -> None:
    """UP7, OA1: every header, and every row that is left behind."""
    app = relying(client_id, redirect_uri=f"{BACK}?soort=a%26b") if client_id == "test-query" else relying(client_id)
    query = urlencode(app.request(**changes))
    outcome = ways.both(client, lambda: query)
    assert ways.took is straight
    if straight:
        assert outcome["answer"] == ("303 SEE OTHER", "")
        assert [each["name"] for each in outcome["events"]] == ["oidc:code:issue"]
        assert outcome["events"][0]["actor_kind"] == "person"
        assert outcome["events"][0]["actor_id"] == nele.id
        assert outcome["events"][0]["request_id"] == REQUEST_ID
        assert outcome["counted"] == 1


def nobody(world: World, client: Client, nele: Person) -> None:
    """Signed out here."""
    world.sign_out(client)


def somebody_elses_cookie(world: World, client: Client, nele: Person) -> None:
    """A cookie that opens nothing."""
    client.set_cookie("poortwachter-sessie", "x" * 43)


def signed_out_elsewhere(world: World, client: Client, nele: Person) -> None:
    """In another tab."""
    perform(end_session, installation(), db.session.scalars(select(BrowserSession.id)).one(), "signed_out")


def doubted(world: World, client: Client, nele: Person) -> None:
    """It is no longer sure who this is."""
    db.session.get_one(Person, nele.id).state = "doubted"
    db.session.commit()


def without_a_right(world: World, client: Client, nele: Person) -> None:
    """Somebody with no right anywhere."""
    world.sign_in(client, world.person("Piet Nergens"))


def with_two_rights(world: World, client: Client, nele: Person) -> None:
    """CC1: there is a choice."""
    world.grant(nele, world.organisation("Gemeente Hasselt"), "invoerder")


def weakly_signed_in(world: World, client: Client, nele: Person) -> None:
    """UP7: at the lowest level."""
    world.sign_in(client, nele, level=5)


def by_another_key(world: World, client: Client, nele: Person) -> None:
    """Not one of this application's."""
    world.sign_in(client, nele, provider_code="another")


@pytest.mark.parametrize(
    "change",
    [
        nobody,
        somebody_elses_cookie,
        signed_out_elsewhere,
        doubted,
        without_a_right,
        with_two_rights,
        weakly_signed_in,
        by_another_key,
    ],
)
@pytest.mark.parametrize("prompt", [None, "none"])
def test_whoever_must_be_asked_or_told_something_never_goes_straight(
    nele: Person,
    ways: Ways,
    world: World,
    client: Client,
    relying: Make,
    change: Callable[[World, Client, Person], None],
    prompt: str | None,
) -> None:
    change(world, client, nele)
    query = urlencode(relying().request(prompt=prompt))
    outcome = ways.both(client, lambda: query)
    assert not ways.took
    assert outcome["sessions"] == []


def test_a_choice_that_the_client_hints_at_goes_straight(
    nele: Person, ways: Ways, world: World, client: Client, relying: Make
) -> None:
    """CC1, CC3."""
    there = world.organisation("Gemeente Hasselt")
    world.grant(nele, there, "invoerder")
    query = urlencode(relying().request(login_hint=login_hint(code_hint=there.code)))
    outcome = ways.both(client, lambda: query)
    assert ways.took
    assert outcome["sessions"][0]["organisation_id"] == there.id


def test_what_was_pushed_goes_straight_and_once(nele: Person, ways: Ways, client: Client, relying: Make) -> None:
    """OA9."""
    app = relying("test-par")
    used: list[str] = []

    def fresh() -> str:
        used.append(urlencode({"client_id": app.client_id, "request_uri": pushed(app)}))
        return used[-1]

    ways.both(client, fresh)
    assert ways.took
    again = ways.both(client, lambda: used[0])
    assert not ways.took
    assert again["sessions"] == []


def test_who_was_last_seen_a_minute_ago_is_seen_again(
    nele: Person, ways: Ways, client: Client, relying: Make, session: Session, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(minutes=2))
    query = urlencode(relying().request())
    assert ways.both(client, lambda: query)["seen"] == [now()]
    assert ways.took


def test_only_a_get_without_a_body_goes_straight(nele: Person, ways: Ways, client: Client, relying: Make) -> None:
    for method in ("HEAD", "POST", "OPTIONS", "DELETE"):
        ways.both(client, lambda: urlencode(relying().request()), method)
        assert not ways.took
    client.get(f"/op/v1/auth?{urlencode(relying().request())}", data="x=1")
    assert not ways.took


def test_a_right_that_ended_while_the_steps_were_taken_gives_no_code(
    nele: Person, ways: Ways, client: Client, relying: Make, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OA1: the transaction that gives the code looks again; Flask's page then says what there is to say."""

    def ended(visit: Any) -> None:
        perform(end_session, installation(), visit.person.session_id, "signed_out")

    monkeypatch.setattr(straight_way, "note_visit", ended)
    answer = relying().authorize()
    assert answer.headers["Location"].startswith("/aanmelden?")
    assert session.scalar(select(ClientSession)) is None


def test_a_mistake_of_ours_there_is_written_down_and_flask_answers(
    nele: Person, client: Client, relying: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(StraightWay, "_straight", lambda *_: 1 / 0)
    assert relying().code()
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_no_limit_by_source_address_is_passed_by(app: Flask) -> None:
    """A limit on this address would have to stand before the straight way."""
    assert not [begin for begin, _methods, _limit in LIMITS if "/op/v1/auth".startswith(begin)]
