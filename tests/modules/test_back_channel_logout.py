"""The broker ends a session of an application without its browser (OpenID Back-Channel Logout 1.0)."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from modules.kit.session_tables import ended_sessions, heard_notices, sessions
from tests.modules.conftest import BASE, Browser
from tests.modules.fake_broker import ILSE, NELE, OTHER_ORG, FakeBroker, Key, parts_of, person, put_together

PATH = "/cultuurmonitor/afmelden/melding"
PAGE = "/cultuurmonitor/centra"
EVENT = "http://schemas.openid.net/event/backchannel-logout"


@pytest.fixture
def hear(monitor: Flask) -> Callable[[str], TestResponse]:
    """The broker brings a logout token."""
    return lambda token: monitor.test_client().post(PATH, data={"logout_token": token}, base_url=BASE)


def count(monitor: Flask, table: Any = sessions) -> int:
    with monitor.extensions["kit_database"].engine.connect() as connection:
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def test_the_session_ends_at_once(
    browser_of_nele: Browser, fake_broker: FakeBroker, hear: Callable[[str], TestResponse], monitor: Flask
) -> None:
    assert browser_of_nele.get(PAGE, follow=False).status_code == 200
    answer = hear(fake_broker.logout_token())
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Cache-Control"] == "no-store"
    assert count(monitor) == 0
    assert browser_of_nele.get(PAGE, follow=False).status_code == 303


def without_signature(broker: FakeBroker) -> str:
    header, claims, _ = parts_of(broker.logout_token())
    return put_together({**header, "alg": "none"}, claims, "AAAA")


LIES: dict[str, Callable[[FakeBroker], str]] = {
    "signed by another key": lambda broker: broker.logout_token(key=Key("key-1")),
    "by an unknown key": lambda broker: broker.logout_token(key=Key("key-7")),
    "by no key": without_signature,
    "an ID token in its place": lambda broker: broker.id_token("n", "x"),
    "of type JWT": lambda broker: broker.logout_token(typ="JWT"),
    "of no type": lambda broker: broker.logout_token(typ=None),
    "an access token in its place": lambda broker: broker.access_token(),
    "of another issuer": lambda broker: broker.logout_token(iss="https://elders.voorbeeld.test/op"),
    "for another application": lambda broker: broker.logout_token(aud="jeugdmonitor"),
    "for others too": lambda broker: broker.logout_token(aud=["cultuurmonitor", "jeugdmonitor"]),
    "for nobody": lambda broker: broker.logout_token(aud=None),
    "too old": lambda broker: broker.logout_token(iat=int(time.time()) - 121),
    "of tomorrow": lambda broker: broker.logout_token(iat=int(time.time()) + 121),
    "undated": lambda broker: broker.logout_token(iat=None),
    "run out": lambda broker: broker.logout_token(exp=int(time.time())),
    "without an end": lambda broker: broker.logout_token(exp=None),
    "without an id": lambda broker: broker.logout_token(jti=None),
    "with an empty id": lambda broker: broker.logout_token(jti=""),
    "without events": lambda broker: broker.logout_token(events=None),
    "with another event": lambda broker: broker.logout_token(events={"urn:voorbeeld": {}}),
    "with events as a list": lambda broker: broker.logout_token(events=[EVENT]),
    "with a word as event": lambda broker: broker.logout_token(events={EVENT: "yes"}),
    "with a nonce": lambda broker: broker.logout_token(nonce="n"),
    "about nobody": lambda broker: broker.logout_token(sid=None, sub=None),
    "about a number": lambda broker: broker.logout_token(sid=1),
    "with an empty subject": lambda broker: broker.logout_token(sub=""),
    "no token": lambda _broker: "x",
    "nothing": lambda _broker: "",
    "a deep one": lambda _broker: "W1tb" * 3000 + ".x.x",
}


@pytest.mark.parametrize("kind", LIES)
def test_a_false_logout_token_ends_nothing(
    browser_of_nele: Browser,
    fake_broker: FakeBroker,
    hear: Callable[[str], TestResponse],
    kind: str,
    still_clock: time_machine.Traveller,
) -> None:
    """BC2: forged, foreign, stale."""
    answer = hear(LIES[kind](fake_broker))
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["error"] == "invalid_request"
    assert answer.headers["Cache-Control"] == "no-store"
    assert browser_of_nele.get(PAGE, follow=False).status_code == 200


def test_a_token_must_come_as_a_field_of_a_form_and_alone(
    browser_of_nele: Browser, fake_broker: FakeBroker, monitor: Flask
) -> None:
    token = fake_broker.logout_token()
    client = monitor.test_client()
    for answer in (
        client.post(f"{PATH}?logout_token={token}", base_url=BASE),
        client.post(PATH, json={"logout_token": token}, base_url=BASE),
        client.post(PATH, data={"logout_token": [token, token]}, base_url=BASE),
        client.get(f"{PATH}?logout_token={token}", base_url=BASE),
    ):
        assert answer.status_code in (400, 405)
    assert browser_of_nele.get(PAGE, follow=False).status_code == 200


def test_a_logout_token_counts_once(
    browser_of_nele: Browser,
    fake_broker: FakeBroker,
    hear: Callable[[str], TestResponse],
    clock: time_machine.Traveller,
) -> None:
    """BC2: a replay ends nothing. It is answered as before, as a broker that missed the answer sends it once more."""
    token = fake_broker.logout_token(sid=None)
    assert hear(token).status_code == 200
    clock.shift(timedelta(seconds=5))
    assert browser_of_nele.sign_in().status_code == 200
    assert hear(token).status_code == 200
    assert browser_of_nele.get(PAGE, follow=False).status_code == 200


@pytest.mark.parametrize("seconds", [-119, 119])
def test_clocks_may_differ_by_two_minutes(
    browser_of_nele: Browser,
    fake_broker: FakeBroker,
    hear: Callable[[str], TestResponse],
    seconds: int,
    still_clock: time_machine.Traveller,
) -> None:
    assert hear(fake_broker.logout_token(iat=int(time.time()) + seconds)).status_code == 200
    assert browser_of_nele.get(PAGE, follow=False).status_code == 303


def test_only_the_session_that_it_names_ends(
    new_browser: Callable[[], Browser], fake_broker: FakeBroker, hear: Callable[[str], TestResponse]
) -> None:
    first, second = new_browser(), new_browser()
    first.sign_in(person(NELE))
    fake_broker.sid = "session-2"
    second.sign_in(person(NELE))
    assert hear(fake_broker.logout_token(sid="session-2")).status_code == 200
    assert first.get(PAGE, follow=False).status_code == 200
    assert second.get(PAGE, follow=False).status_code == 303


def test_without_a_session_named_every_session_of_the_person_ends(
    new_browser: Callable[[], Browser], fake_broker: FakeBroker, hear: Callable[[str], TestResponse]
) -> None:
    browsers = {name: new_browser() for name in ("one", "two", "ilse")}
    for sid, browser in browsers.items():
        fake_broker.sid = sid
        browser.sign_in(person(ILSE if sid == "ilse" else NELE))
    assert hear(fake_broker.logout_token(sid=None, sub=NELE["sub"])).status_code == 200
    assert [browser.get(PAGE, follow=False).status_code for browser in browsers.values()] == [303, 303, 200]


def test_a_session_of_one_person_is_not_ended_in_the_name_of_another(
    browser_of_nele: Browser, fake_broker: FakeBroker, hear: Callable[[str], TestResponse]
) -> None:
    assert hear(fake_broker.logout_token(sub=ILSE["sub"])).status_code == 200
    assert browser_of_nele.get(PAGE, follow=False).status_code == 200


def test_a_logout_that_arrives_before_the_session_is_stored_still_ends_it(
    new_browser: Callable[[], Browser], fake_broker: FakeBroker, hear: Callable[[str], TestResponse], monitor: Flask
) -> None:
    """BC3: an unknown session is no mistake, and is remembered as ended."""
    browser = new_browser()
    sent = browser.get("/cultuurmonitor/aanmelden", follow=False)
    back = fake_broker.authorize(sent.location).removeprefix(BASE)
    assert hear(fake_broker.logout_token()).status_code == 200
    page = browser.get(back)
    assert page.status_code == 403
    assert "U bent intussen afgemeld" in page.text
    assert count(monitor) == 0
    assert browser.get(PAGE, follow=False).status_code == 303


def test_a_sign_in_and_its_logout_at_the_same_moment_leave_nobody_signed_in(
    new_browser: Callable[[], Browser], fake_broker: FakeBroker, hear: Callable[[str], TestResponse], monitor: Flask
) -> None:
    """BC3: whichever of the two comes first."""
    for turn in range(6):
        fake_broker.sid = f"session-{turn}"
        browser = new_browser()
        sent = browser.get("/cultuurmonitor/aanmelden", follow=False)
        back = fake_broker.authorize(sent.location).removeprefix(BASE)
        arriving = threading.Thread(target=browser.get, args=(back,), kwargs={"follow": False})
        ending = threading.Thread(target=hear, args=(fake_broker.logout_token(),))
        for thread in (arriving, ending) if turn % 2 else (ending, arriving):
            thread.start()
        arriving.join()
        ending.join()
        assert count(monitor) == 0


def test_after_a_logout_one_can_sign_in_again(
    browser_of_nele: Browser,
    fake_broker: FakeBroker,
    hear: Callable[[str], TestResponse],
    clock: time_machine.Traveller,
) -> None:
    hear(fake_broker.logout_token(sid=None))
    hear(fake_broker.logout_token())
    clock.shift(timedelta(seconds=2))
    fake_broker.sid = "session-2"
    assert browser_of_nele.sign_in().status_code == 200


def test_what_ended_and_what_was_heard_is_forgotten_in_time(
    fake_broker: FakeBroker, hear: Callable[[str], TestResponse], monitor: Flask, clock: time_machine.Traveller
) -> None:
    hear(fake_broker.logout_token(sid="long ago"))
    clock.shift(timedelta(minutes=11))
    hear(fake_broker.logout_token(sid="now"))
    assert (count(monitor, ended_sessions), count(monitor, heard_notices)) == (1, 1)


def test_a_verified_token_is_not_believed_from_memory_after_a_logout(
    browser_of_nele: Browser, fake_broker: FakeBroker, hear: Callable[[str], TestResponse], monitor: Flask
) -> None:
    verifier = monitor.extensions["kit"].verifier
    token = fake_broker.access_token()
    browser_of_nele.get(PAGE)
    verifier.access_token(token)
    assert len(verifier._verified) == 2
    hear(fake_broker.logout_token())
    assert len(verifier._verified) == 0


def test_without_keys_or_database_the_broker_is_told_to_try_again(
    fake_broker: FakeBroker, hear: Callable[[str], TestResponse]
) -> None:
    fake_broker.down = True
    answer = hear(fake_broker.logout_token())
    assert answer.status_code == 503
    assert answer.headers["Cache-Control"] == "no-store"
    fake_broker.down = False


def test_the_organisation_does_not_matter_for_a_session_that_ends(
    new_browser: Callable[[], Browser], fake_broker: FakeBroker, hear: Callable[[str], TestResponse]
) -> None:
    browser = new_browser()
    browser.sign_in(person(NELE, organisation=OTHER_ORG))
    hear(fake_broker.logout_token())
    assert browser.get(PAGE, follow=False).status_code == 303
