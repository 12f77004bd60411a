"""PlusMinMee says two minutes before that it signs out; afterwards nothing of a youngster is left on the screen (issue 5, PW11)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import BrowserContext, expect

from tests.modules.fake_broker import FakeBroker
from tests.modules.plusminmee.visitors import BASE, GROUP, GROUPS, Visitor
from tests.worlds.browser import assert_accessible

LEFT, STAY = "/plusminmee/aangemeld/nog", "/plusminmee/aangemeld/blijven"


@pytest.fixture(autouse=True)
def refreshing(tool_broker: FakeBroker) -> None:
    """As at the real broker, a session is renewed while somebody works."""
    tool_broker.grants_refresh = True


def left(visitor: Visitor) -> int:
    answer = visitor.client.get(LEFT, base_url=BASE)
    return int(answer.get_json()["left"]) if answer.status_code == 200 else -answer.status_code


def test_asking_how_long_is_left_is_no_activity_and_renews_nothing(
    fatima: Visitor, tool_broker: FakeBroker, still_clock: time_machine.Traveller
) -> None:
    """PW11: also of a browser that does not say that a script asked."""
    begun = left(fatima)
    assert 85 * 60 <= begun <= 90 * 60
    calls = list(tool_broker.token_calls)
    for _ in range(8):
        still_clock.shift(timedelta(minutes=10))
        assert left(fatima) > 0
    assert left(fatima) == begun - 80 * 60
    assert tool_broker.token_calls == calls
    still_clock.shift(timedelta(minutes=11))
    assert left(fatima) == -401
    assert fatima.get(GROUPS, follow=False).status_code == 303


def test_staying_is_activity_here_and_at_the_broker(
    fatima: Visitor, tool_broker: FakeBroker, still_clock: time_machine.Traveller
) -> None:
    fatima.get(f"{GROUPS}/nieuw")
    begun = left(fatima)
    still_clock.shift(timedelta(minutes=80))
    calls = len(tool_broker.token_calls)
    answer = fatima.post(STAY)
    assert answer.status_code == 200
    assert answer.get_json()["left"] >= begun - 60
    assert len(tool_broker.token_calls) == calls + 1
    still_clock.shift(timedelta(minutes=80))
    assert fatima.get(GROUPS, follow=False).status_code == 200


def test_staying_needs_the_token_of_the_form_and_a_session(fatima: Visitor, tool: Flask) -> None:
    assert fatima.post(STAY, csrf=False).status_code == 400
    fatima.get(f"{GROUPS}/nieuw")
    fatima.client.delete_cookie("plusminmee_session", domain="localhost")
    assert fatima.post(STAY).status_code in (400, 401)
    assert left(fatima) == -401


def test_who_was_signed_out_by_the_broker_has_nothing_left(
    fatima: Visitor, tool_broker: FakeBroker, still_clock: time_machine.Traveller
) -> None:
    fatima.get(f"{GROUPS}/nieuw")
    still_clock.shift(timedelta(minutes=20))
    tool_broker.refresh_refused = "invalid_grant"
    answer = fatima.post(STAY)
    assert answer.status_code == 401
    assert left(fatima) == -401


def test_work_in_any_tab_counts_for_all(fatima: Visitor, still_clock: time_machine.Traveller) -> None:
    still_clock.shift(timedelta(minutes=60))
    fatima.get(GROUPS)
    assert left(fatima) > 80 * 60


@pytest.mark.browser
def test_warned_stayed_and_then_nothing_is_left_on_the_screen(
    address: str, new_context: Callable[..., BrowserContext], clock: time_machine.Traveller
) -> None:
    """And at the phone's width."""
    page = new_context().new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.clock.install()

    def later(minutes: float) -> None:
        """Each step makes the page ask how long is left; the clock of the server stands still until that was answered."""
        clock.shift(timedelta(minutes=minutes))
        with page.expect_event("requestfinished", lambda asked: asked.url.endswith(LEFT)):
            page.clock.fast_forward(int(minutes * 60_000))

    page.goto(f"{address}/plusminmee/aanmelden")
    page.get_by_role("button", name="Sluit de wijzigingen").click()
    page.goto(f"{address}{GROUPS}/nieuw")
    page.locator("#name").fill(GROUP["name"])
    warning = page.get_by_role("alertdialog")
    later(80)
    expect(warning).to_be_hidden()
    later(7.5)
    expect(warning).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Blijf aangemeld").click()
    expect(warning).to_be_hidden()
    expect(page.locator("#name")).to_have_value(GROUP["name"])
    later(87.5)
    expect(warning).to_be_visible()
    clock.shift(timedelta(minutes=4))
    page.clock.fast_forward(4 * 60_000)
    expect(page.get_by_role("alert").filter(has_text="U bent afgemeld")).to_be_visible()
    assert page.locator("#name").count() == 0
    assert GROUP["name"] not in page.content()
    assert "Fatima" not in page.content()
    assert_accessible(page)
    page.get_by_role("link", name="Meld u opnieuw aan").click()
    assert page.get_by_text("Uitloggen").count() == 0
