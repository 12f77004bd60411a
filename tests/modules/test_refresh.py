"""A session goes on with the broker's refresh token: for a page that a person asks, and for nothing else."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from modules.kit.session_tables import sessions
from tests.modules.conftest import BASE, Browser
from tests.modules.fake_broker import ILSE, NELE, RAADPLEGER, FakeBroker, person

PAGE = "/cultuurmonitor/centra"
RUN_OUT = timedelta(minutes=5, seconds=1)


@pytest.fixture
def nele(new_browser: Callable[[], Browser], fake_broker: FakeBroker) -> Browser:
    """A browser in which Nele is signed in, with a refresh token."""
    fake_broker.grants_refresh = True
    browser = new_browser()
    browser.sign_in(person(NELE))
    fake_broker.token_calls.clear()
    fake_broker.asked.clear()
    return browser


def refreshes(broker: FakeBroker) -> int:
    return len([call for call in broker.token_calls if call["grant_type"] == "refresh_token"])


def rows(monitor: Flask) -> list[dict[str, object]]:
    with monitor.extensions["kit_database"].engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(select(sessions))]


def test_the_broker_is_asked_for_new_tokens_and_the_browser_goes_nowhere(
    nele: Browser, fake_broker: FakeBroker, clock: time_machine.Traveller
) -> None:
    clock.shift(RUN_OUT)
    page = nele.get(PAGE, follow=False)
    assert page.status_code == 200
    assert "Nele Vercauteren" in page.text
    assert (refreshes(fake_broker), fake_broker.asked) == (1, [])


def test_a_refused_refresh_ends_the_session(
    nele: Browser, fake_broker: FakeBroker, clock: time_machine.Traveller, monitor: Flask
) -> None:
    fake_broker.refresh_refused = "invalid_grant"
    clock.shift(RUN_OUT)
    answer = nele.get(PAGE, follow=False)
    assert answer.location.startswith(f"{fake_broker.issuer}/v1/auth?")
    assert rows(monitor) == []
    assert nele.get(PAGE, follow=False).status_code == 303


def test_a_right_that_ended_is_told_as_such(
    nele: Browser, fake_broker: FakeBroker, clock: time_machine.Traveller
) -> None:
    fake_broker.refresh_refused = "invalid_grant"
    fake_broker.error = "access_denied"
    clock.shift(RUN_OUT)
    page = nele.get(PAGE)
    assert page.status_code == 403
    assert "Uw recht in deze toepassing is gestopt" in page.text
    assert "Nele Vercauteren" not in page.text


def test_a_right_that_changed_counts_from_the_refresh_on(
    nele: Browser, fake_broker: FakeBroker, clock: time_machine.Traveller
) -> None:
    assert nele.get("/cultuurmonitor/centra/nieuw", follow=False).status_code == 200
    fake_broker.person = person(NELE, RAADPLEGER)
    clock.shift(RUN_OUT)
    assert nele.get("/cultuurmonitor/centra/nieuw", follow=False).status_code == 403


@pytest.mark.parametrize("lost", [False, True])
def test_a_broker_that_cannot_be_reached_costs_nothing_but_time(
    nele: Browser, fake_broker: FakeBroker, clock: time_machine.Traveller, lost: bool
) -> None:
    if lost:
        fake_broker.lost_answers = 2  # it did rotate, twice over the same successor
    else:
        fake_broker.down = True
    clock.shift(RUN_OUT)
    page = nele.get(PAGE, follow=False)
    assert page.status_code == 503
    assert "even niet bereikbaar" in page.text
    fake_broker.down = False
    assert nele.get(PAGE, follow=False).status_code == 200


def test_new_tokens_whose_key_cannot_be_had_yet_are_kept(
    nele: Browser, fake_broker: FakeBroker, clock: time_machine.Traveller, monitor: Flask
) -> None:
    """The refresh token before is used up: lost, it would count as stolen at the next try."""
    monitor.extensions["kit"].verifier._find_key.__self__._keys.clear()
    fake_broker.key_set_down = True
    clock.shift(timedelta(minutes=6))
    assert nele.get(PAGE, follow=False).status_code == 503
    fake_broker.key_set_down = False
    clock.shift(timedelta(minutes=2))
    assert nele.get(PAGE, follow=False).status_code == 200
    assert refreshes(fake_broker) == 1


def test_what_is_posted_while_the_keys_cannot_be_had_comes_back(
    nele: Browser, fake_broker: FakeBroker, clock: time_machine.Traveller, monitor: Flask
) -> None:
    nele.get("/cultuurmonitor/centra/nieuw")
    monitor.extensions["kit"].verifier._verified.clear()
    key_set = monitor.extensions["kit"].verifier._find_key.__self__
    key_set._keys.clear()
    key_set._good_at = float("-inf")
    fake_broker.down = True
    page = nele.post("/cultuurmonitor/centra/nieuw", {"name": "De Werf", "kind": "cultuurcentrum"})
    assert page.status_code == 503
    fake_broker.down = False
    clock.shift(timedelta(minutes=2))
    assert "De Werf" in nele.get("/cultuurmonitor/centra/nieuw").text


def test_one_answer_that_got_lost_is_not_even_noticed(
    nele: Browser, fake_broker: FakeBroker, clock: time_machine.Traveller
) -> None:
    """OA4: within the ten seconds of the broker the same successor comes again; later it would end the family."""
    fake_broker.lost_answers = 1
    clock.shift(RUN_OUT)
    assert nele.get(PAGE, follow=False).status_code == 200
    clock.shift(RUN_OUT)
    assert nele.get(PAGE, follow=False).status_code == 200


def test_what_was_typed_while_the_broker_was_away_comes_back(
    nele: Browser, fake_broker: FakeBroker, clock: time_machine.Traveller
) -> None:
    nele.get("/cultuurmonitor/centra/nieuw")
    clock.shift(RUN_OUT)
    fake_broker.down = True
    page = nele.post("/cultuurmonitor/centra/nieuw", {"name": "De Werf", "kind": "cultuurcentrum"})
    assert page.status_code == 503
    assert "houden we een uur voor u bij" in page.text
    assert 'href="/cultuurmonitor/centra/nieuw"' in page.text
    fake_broker.down = False
    again = nele.get("/cultuurmonitor/centra/nieuw")
    assert again.status_code == 200
    assert "De Werf" in again.text


def test_what_is_posted_after_the_tokens_ran_out_is_simply_done(
    nele: Browser, fake_broker: FakeBroker, clock: time_machine.Traveller
) -> None:
    nele.get("/cultuurmonitor/centra/nieuw")
    clock.shift(RUN_OUT)
    nele.post("/cultuurmonitor/centra/nieuw", {"name": "De Werf", "kind": "cultuurcentrum"})
    assert "De Werf" in nele.get(PAGE).text
    assert refreshes(fake_broker) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Mode": "cors"},
        {"Sec-Fetch-Mode": "no-cors"},
        {"Sec-Purpose": "prefetch;prerender", "Sec-Fetch-Mode": "navigate"},
        {"Purpose": "prefetch"},
    ],
)
def test_what_a_page_asks_by_itself_renews_nothing(
    nele: Browser, fake_broker: FakeBroker, clock: time_machine.Traveller, headers: dict[str, str]
) -> None:
    """PW11: polling keeps nobody signed in, neither here nor at the broker."""
    clock.shift(RUN_OUT)
    page = nele.client.get(PAGE, base_url=BASE, headers=headers)
    assert page.status_code == 401
    assert nele.client.head(PAGE, base_url=BASE).status_code == 401
    assert nele.get("/cultuurmonitor").status_code == 200
    assert fake_broker.token_calls == []
    for _minutes in range(12):
        clock.shift(timedelta(minutes=5))
        nele.client.get(PAGE, base_url=BASE, headers=headers)
    answer = nele.get(PAGE, follow=False)
    assert answer.status_code == 303  # idle for an hour: signed out, and not by way of a refresh
    assert "prompt=none" not in answer.location
    assert fake_broker.token_calls == []


def test_a_busy_person_is_asked_about_once_in_five_minutes(
    nele: Browser, fake_broker: FakeBroker, clock: time_machine.Traveller
) -> None:
    """Decision 18."""
    for _second in range(20):
        clock.shift(timedelta(seconds=60))
        assert nele.get(PAGE, follow=False).status_code == 200
    assert 3 <= refreshes(fake_broker) <= 4


def test_a_longer_lived_token_is_renewed_after_five_minutes_all_the_same(
    new_browser: Callable[[], Browser], fake_broker: FakeBroker, clock: time_machine.Traveller
) -> None:
    """BC4: what no logout token told us, we hear within minutes."""
    fake_broker.grants_refresh = True
    fake_broker.lifetime = 3600
    browser = new_browser()
    browser.sign_in(person(NELE))
    clock.shift(RUN_OUT)
    assert browser.get(PAGE, follow=False).status_code == 200
    assert refreshes(fake_broker) == 1


def test_two_requests_at_once_renew_once(
    nele: Browser, monitor: Flask, fake_broker: FakeBroker, clock: time_machine.Traveller
) -> None:
    """OA4: the honest double refresh."""
    clock.shift(RUN_OUT)
    fake_broker.slow_seconds = 0.3
    cookie = nele.client.get_cookie("cultuurmonitor_session", "localhost")
    assert cookie is not None
    seen: list[int] = []

    def ask() -> None:
        client = monitor.test_client()
        client.set_cookie("cultuurmonitor_session", cookie.value, domain="localhost")
        seen.append(client.get(PAGE, base_url=BASE).status_code)

    threads = [threading.Thread(target=ask) for _each in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [200] * 5
    assert refreshes(fake_broker) == 1


def test_who_left_off_renewing_is_followed_by_the_next(
    nele: Browser, monitor: Flask, fake_broker: FakeBroker, clock: time_machine.Traveller
) -> None:
    """A process that was killed while it asked holds the session for ten seconds at most."""
    clock.shift(RUN_OUT)
    now = rows(monitor)[0]["created_at"]
    with monitor.extensions["kit_database"].engine.begin() as connection:
        connection.execute(update(sessions).values(refreshing_until=now + RUN_OUT))  # type: ignore[operator]
    assert nele.get(PAGE, follow=False).status_code == 200


@pytest.mark.parametrize("change", ["person", "organisation", "session", "subject"])
def test_new_tokens_of_somebody_else_end_the_session(
    nele: Browser, fake_broker: FakeBroker, clock: time_machine.Traveller, monitor: Flask, change: str
) -> None:
    match change:
        case "person":
            fake_broker.person = person(ILSE)
        case "organisation":
            fake_broker.person = person(NELE, organisation="0999003493")
        case "session":
            fake_broker.sid = "session-2"
        case "subject":
            fake_broker.id_token_changes = {"sub": "c" * 40}
    clock.shift(RUN_OUT)
    assert nele.get(PAGE, follow=False).status_code == 303
    assert rows(monitor) == []


def test_a_fault_in_our_own_secret_throws_nobody_out(
    nele: Browser, fake_broker: FakeBroker, clock: time_machine.Traveller, monitor: Flask
) -> None:
    fake_broker.refresh_refused = "invalid_client"
    clock.shift(RUN_OUT)
    assert nele.get(PAGE, follow=False).status_code == 503
    assert len(rows(monitor)) == 1


def test_the_refresh_token_is_sealed_in_the_row(nele: Browser, monitor: Flask, fake_broker: FakeBroker) -> None:
    (row,) = rows(monitor)
    assert row["sid"] == "session-1"
    for secret in (*fake_broker._families, "eyJhbGci"):
        assert secret not in str(row)


def test_a_session_that_was_ended_meanwhile_stays_ended(
    nele: Browser, monitor: Flask, fake_broker: FakeBroker, clock: time_machine.Traveller
) -> None:
    clock.shift(RUN_OUT)
    fake_broker.asked_for_tokens.clear()
    fake_broker.may_give_tokens.clear()
    out: list[int] = []
    asking = threading.Thread(target=lambda: out.append(nele.get(PAGE, follow=False).status_code))
    asking.start()
    assert fake_broker.asked_for_tokens.wait(5)
    token = fake_broker.logout_token()
    heard = monitor.test_client().post("/cultuurmonitor/afmelden/melding", data={"logout_token": token}, base_url=BASE)
    fake_broker.may_give_tokens.set()
    asking.join()
    assert heard.status_code == 200
    assert out == [303]
    assert rows(monitor) == []
