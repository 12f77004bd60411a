"""The broker pushes what changed (RFC 8935, RFC 8417, CAEP): a session that is over, a right that is another."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from modules.cultuurmonitor import MIGRATIONS
from modules.cultuurmonitor.about import APPLICATION
from modules.kit import ModuleSettings, init_module, require_right, signed_in
from tests.modules.conftest import BASE, Browser
from tests.modules.fake_broker import ILSE, NELE, OTHER_ORG, FakeBroker, Key, person

SECRET = "tests only: the bearer of the event stream"
PATH = "/cultuurmonitor/meldingen"
PAGE = "/cultuurmonitor/pagina"
REVOKED, CHANGED = "session-revoked", "token-claims-change"
Told = tuple[str, str | None, frozenset[str] | None]


@pytest.fixture
def told() -> list[Told]:
    """What the application was told by its hook."""
    return []


@pytest.fixture
def application(monitor_settings: ModuleSettings, clock: time_machine.Traveller, told: list[Told]) -> Iterator[Flask]:
    """A small application that wants to hear of changes."""
    app = Flask("small")

    def tell(sub: str, organisation_code: str | None, rights: frozenset[str] | None) -> None:
        told.append((sub, organisation_code, rights))

    init_module(
        app,
        replace(APPLICATION, home="page", menu=lambda _person: (), on_rights_changed=tell),
        replace(monitor_settings, events_secret=SECRET),
        migrations=MIGRATIONS,
    )

    def page() -> str:
        person = signed_in()
        return f"{person.given_name}: {sorted(person.rights)}" if person else ""

    app.add_url_rule(PAGE, "page", require_right(*APPLICATION.right_names)(page))
    app.add_url_rule("/cultuurmonitor", "start", lambda: "")
    yield app
    app.extensions["kit_database"].engine.dispose()


@pytest.fixture
def push(application: Flask) -> Callable[..., TestResponse]:
    """The broker pushes an event."""

    def send(token: str, bearer: str = SECRET, media_type: str = "application/secevent+jwt") -> TestResponse:
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return application.test_client().post(PATH, data=token, content_type=media_type, headers=headers, base_url=BASE)

    return send


@pytest.fixture
def nele(application: Flask, fake_broker: FakeBroker) -> Browser:
    """A browser in which Nele is signed in."""
    fake_broker.grants_refresh = True
    browser = Browser(application, fake_broker)
    browser.sign_in(person(NELE))
    assert browser.get(PAGE, follow=False).status_code == 200
    return browser


def test_a_session_that_was_revoked_ends_at_once(
    nele: Browser, fake_broker: FakeBroker, push: Callable[..., TestResponse], told: list[Told]
) -> None:
    answer = push(fake_broker.event(REVOKED))
    assert (answer.status_code, answer.data) == (202, b"")
    assert nele.get(PAGE, follow=False).status_code == 303
    assert told == []  # it may be a plain sign-out: no right has changed


def test_changed_claims_count_from_the_next_page_on(
    nele: Browser, fake_broker: FakeBroker, push: Callable[..., TestResponse], told: list[Told]
) -> None:
    fake_broker.person = person(NELE, "CultuurmonitorRaadpleger")
    assert "CultuurmonitorInvoerder" in nele.get(PAGE, follow=False).text
    assert push(fake_broker.event(CHANGED)).status_code == 202
    assert nele.get(PAGE, follow=False).text == "Nele: ['CultuurmonitorRaadpleger']"
    assert told == [(NELE["sub"], "0999001218", None)]


@pytest.mark.parametrize(
    ("claims", "left"),
    [
        ([], frozenset()),
        (["CultuurmonitorInvoerder-cultuurcentra:0999001218"], frozenset({"CultuurmonitorInvoerder"})),
        (["CultuurmonitorInvoerder-bibliotheken:0999001218"], frozenset()),
    ],
)
def test_the_application_hears_which_rights_are_left_also_of_who_is_not_signed_in(
    fake_broker: FakeBroker,
    push: Callable[..., TestResponse],
    told: list[Told],
    claims: list[str],
    left: frozenset[str],
) -> None:
    """Decision 2: grants end for people who are not signed in."""
    change = {"event_timestamp": int(time.time()), "claims": {"cjm_cultuurmonitor_rol_3d": claims}}
    events = {"https://schemas.openid.net/secevent/caep/event-type/token-claims-change": change}
    assert push(fake_broker.event(CHANGED, events=events)).status_code == 202
    assert told == [(NELE["sub"], "0999001218", left)]


def test_without_a_refresh_token_changed_claims_are_fetched_by_the_browser(
    application: Flask, fake_broker: FakeBroker, push: Callable[..., TestResponse]
) -> None:
    browser = Browser(application, fake_broker)
    browser.sign_in(person(NELE))
    push(fake_broker.event(CHANGED))
    assert "prompt=none" in browser.get(PAGE, follow=False).location


def test_a_change_that_is_told_while_the_tokens_are_renewed_is_not_overlooked(
    nele: Browser, fake_broker: FakeBroker, push: Callable[..., TestResponse], clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(minutes=5, seconds=1))
    fake_broker.token_calls.clear()
    fake_broker.asked_for_tokens.clear()
    fake_broker.may_give_tokens.clear()
    seen: list[str] = []
    asking = threading.Thread(target=lambda: seen.append(nele.get(PAGE, follow=False).text))
    asking.start()
    assert fake_broker.asked_for_tokens.wait(5)
    assert push(fake_broker.event(CHANGED)).status_code == 202
    fake_broker.may_give_tokens.set()
    asking.join()
    assert seen == ["Nele: ['CultuurmonitorInvoerder']"]
    assert [call["grant_type"] for call in fake_broker.token_calls] == ["refresh_token"] * 2


def test_one_session_may_be_named_alone(
    application: Flask, fake_broker: FakeBroker, push: Callable[..., TestResponse]
) -> None:
    first, second = Browser(application, fake_broker), Browser(application, fake_broker)
    first.sign_in(person(NELE))
    fake_broker.sid = "session-2"
    second.sign_in(person(NELE))
    named = {"format": "complex", "session": {"format": "opaque", "id": "session-2"}}
    assert push(fake_broker.event(REVOKED, sub_id=named)).status_code == 202
    assert [browser.get(PAGE, follow=False).status_code for browser in (first, second)] == [200, 303]


def test_another_organisation_or_person_is_left_alone(
    nele: Browser, fake_broker: FakeBroker, push: Callable[..., TestResponse]
) -> None:
    for somebody in (person(NELE, organisation=OTHER_ORG), person(ILSE)):
        fake_broker.person = somebody
        assert push(fake_broker.event(REVOKED)).status_code == 202
    assert nele.get(PAGE, follow=False).status_code == 200


def test_an_event_that_arrives_late_does_not_end_what_began_after_it(
    nele: Browser, fake_broker: FakeBroker, push: Callable[..., TestResponse], clock: time_machine.Traveller
) -> None:
    late = fake_broker.event(REVOKED)
    clock.shift(timedelta(hours=20))
    nele.sign_in()
    assert push(late).status_code == 202
    assert nele.get(PAGE, follow=False).status_code == 200


def test_an_event_about_a_sign_in_under_way_ends_it(
    application: Flask, fake_broker: FakeBroker, push: Callable[..., TestResponse]
) -> None:
    """BC3."""
    browser = Browser(application, fake_broker)
    sent = browser.get("/cultuurmonitor/aanmelden", follow=False)
    back = fake_broker.authorize(sent.location).removeprefix(BASE)
    push(fake_broker.event(REVOKED))
    assert browser.get(back).status_code == 403


def test_an_event_counts_once(
    nele: Browser,
    fake_broker: FakeBroker,
    push: Callable[..., TestResponse],
    told: list[Told],
    clock: time_machine.Traveller,
) -> None:
    revoked, changed = fake_broker.event(REVOKED), fake_broker.event(CHANGED)
    assert [push(event).status_code for event in (revoked, changed)] == [202, 202]
    clock.shift(timedelta(seconds=3))
    nele.sign_in()
    fake_broker.token_calls.clear()
    # As RFC 8935 wants of one that was received before:
    assert [push(event).status_code for event in (revoked, changed)] == [202, 202]
    assert nele.get(PAGE, follow=False).status_code == 200
    assert fake_broker.token_calls == []
    assert len(told) == 1


def test_an_event_on_which_the_application_stumbles_comes_again(
    application: Flask, fake_broker: FakeBroker, push: Callable[..., TestResponse], monkeypatch: pytest.MonkeyPatch
) -> None:
    application.config["PROPAGATE_EXCEPTIONS"] = False
    heard: list[str] = []

    def stumble(sub: str, _organisation_code: str | None, _rights: frozenset[str] | None) -> None:
        heard.append(sub)
        if len(heard) == 1:
            raise RuntimeError("the disk is full")

    kit = application.extensions["kit"]
    application.extensions["kit"] = replace(kit, application=replace(kit.application, on_rights_changed=stumble))
    event = fake_broker.event(CHANGED)
    assert push(event).status_code == 500
    assert push(event).status_code == 202
    assert heard == [NELE["sub"]] * 2


def test_what_we_do_not_know_is_acknowledged(
    nele: Browser, fake_broker: FakeBroker, push: Callable[..., TestResponse]
) -> None:
    assert push(fake_broker.event("credential-change")).status_code == 202
    verification = {"https://schemas.openid.net/secevent/ssf/event-type/verification": {"state": "x"}}
    assert push(fake_broker.event(REVOKED, events=verification, sub_id=None)).status_code == 202
    assert nele.get(PAGE, follow=False).status_code == 200


LIES: dict[str, tuple[str, Callable[[FakeBroker], str]]] = {
    "by another key": ("invalid_key", lambda broker: broker.event(REVOKED, key=Key("key-1"))),
    "by an unknown key": ("invalid_key", lambda broker: broker.event(REVOKED, key=Key("key-9"))),
    "of another issuer": ("invalid_issuer", lambda broker: broker.event(REVOKED, iss="https://elders.test/op")),
    "for another": ("invalid_audience", lambda broker: broker.event(REVOKED, aud="jeugdmonitor")),
    "a logout token in its place": ("invalid_request", lambda broker: broker.logout_token()),
    "of no type": ("invalid_request", lambda broker: broker.event(REVOKED, typ=None)),
    "with a subject of a token": ("invalid_request", lambda broker: broker.event(REVOKED, sub="x")),
    "with an end": ("invalid_request", lambda broker: broker.event(REVOKED, exp=int(time.time()) + 60)),
    "three days old": ("invalid_request", lambda broker: broker.event(REVOKED, iat=int(time.time()) - 3 * 86400)),
    "of tomorrow": ("invalid_request", lambda broker: broker.event(REVOKED, iat=int(time.time()) + 3600)),
    "without an id": ("invalid_request", lambda broker: broker.event(REVOKED, jti=None)),
    "without events": ("invalid_request", lambda broker: broker.event(REVOKED, events=None)),
    "without a subject": ("invalid_request", lambda broker: broker.event(REVOKED, sub_id=None)),
    "about a person of another issuer": (
        "invalid_request",
        lambda broker: broker.event(
            REVOKED, sub_id={"format": "iss_sub", "iss": "https://elders.test", "sub": "a" * 40}
        ),
    ),
    "with rights of another shape": (
        "invalid_request",
        lambda broker: broker.event(
            CHANGED,
            events={
                "https://schemas.openid.net/secevent/caep/event-type/token-claims-change": {
                    "claims": {"cjm_cultuurmonitor_rol_3d": "CultuurmonitorInvoerder"}
                }
            },
        ),
    ),
    "nothing": ("invalid_request", lambda _broker: ""),
}


@pytest.mark.parametrize("kind", LIES)
def test_a_false_event_changes_nothing(
    nele: Browser, fake_broker: FakeBroker, push: Callable[..., TestResponse], kind: str
) -> None:
    error, make = LIES[kind]
    answer = push(make(fake_broker))
    assert (answer.status_code, answer.json and answer.json["err"]) == (400, error)
    assert nele.get(PAGE, follow=False).status_code == 200


@pytest.mark.parametrize(("bearer", "status"), [("", 401), ("another", 401), (SECRET, 202)])
def test_only_who_holds_the_secret_is_heard(
    fake_broker: FakeBroker, push: Callable[..., TestResponse], bearer: str, status: int
) -> None:
    assert push(fake_broker.event(REVOKED), bearer).status_code == status


def test_an_event_comes_as_such(fake_broker: FakeBroker, push: Callable[..., TestResponse]) -> None:
    assert push(fake_broker.event(REVOKED), media_type="application/jwt").status_code == 400


def test_an_application_that_expects_no_events_has_no_such_address(monitor: Flask, fake_broker: FakeBroker) -> None:
    answer: Any = monitor.test_client().post(PATH, data=fake_broker.event(REVOKED), base_url=BASE)
    assert answer.status_code == 404
