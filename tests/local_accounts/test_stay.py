"""Two minutes before the ninety without activity are over, the page says so; staying is a press of a button (issue 5, PW11)."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import BrowserContext, expect
from werkzeug.serving import make_server

from tests.local_accounts.conftest import COOKIE, Member
from tests.worlds.browser import assert_accessible
from tests.worlds.client import Client
from tests.worlds.world import World

LEFT, STAY = "/aangemeld/nog", "/aangemeld/blijven"


def left(member: Member) -> int:
    answer = member.client.get(LEFT)
    return int(answer.json["left"]) if answer.status_code == 200 else -answer.status_code  # type: ignore[index]


def stay(member: Member) -> int:
    token = member.client.csrf_token("/mijn-profiel/wachtwoord")
    return int(member.client.post(STAY, data={"csrf_token": token}).status_code)


def test_asking_how_long_is_left_is_no_activity(member: Member, still_clock: time_machine.Traveller) -> None:
    """PW11: also of a browser that does not say that a script asked."""
    member.sign_in()
    assert left(member) == 90 * 60
    for _ in range(8):
        still_clock.shift(timedelta(minutes=10))
        left(member)
    assert left(member) == 10 * 60
    still_clock.shift(timedelta(minutes=10))
    assert left(member) == -401
    assert not member.signed_in


def test_staying_is_activity(member: Member, still_clock: time_machine.Traveller) -> None:
    member.sign_in()
    token = member.client.csrf_token("/mijn-profiel/wachtwoord")
    still_clock.shift(timedelta(minutes=89))
    answer = member.client.post(STAY, data={"csrf_token": token})
    assert answer.json == {"left": 90 * 60}
    still_clock.shift(timedelta(minutes=89))
    assert member.signed_in


def test_staying_needs_the_token_of_the_form(member: Member, still_clock: time_machine.Traveller) -> None:
    member.sign_in()
    still_clock.shift(timedelta(minutes=60))
    assert member.client.post(STAY).status_code == 400
    assert left(member) == 30 * 60


def test_after_eight_hours_staying_helps_no_longer(member: Member, still_clock: time_machine.Traveller) -> None:
    member.sign_in()
    for _ in range(7):
        still_clock.shift(timedelta(minutes=68))
        assert stay(member) == 200
    still_clock.shift(timedelta(minutes=3))
    stay(member)
    assert left(member) == 60
    still_clock.shift(timedelta(minutes=2))
    assert left(member) == -401


def test_the_page_holds_what_the_script_needs_for_a_local_account_only(
    member: Member, world: World, app: Flask
) -> None:
    member.sign_in()
    page = member.client.get("/mijn-profiel").text
    assert f'data-left-url="{LEFT}"' in page
    assert "/look/static/stay.js" in page
    by_key: Client = app.test_client()
    world.sign_in(by_key, world.person())
    assert "stay.js" not in by_key.get("/mijn-profiel").text
    assert "stay.js" not in app.test_client().get("/aanmelden").text


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The broker of this test over real HTTP."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.browser
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_warned_stayed_and_signed_out_with_what_was_typed_left_on_the_page(
    member: Member, address: str, new_context: Callable[..., BrowserContext], clock: time_machine.Traveller
) -> None:
    member.sign_in()
    cookie = member.client.get_cookie(COOKIE)
    assert cookie is not None
    context = new_context()
    context.add_cookies([{"name": COOKIE, "value": cookie.value, "url": address}])
    page, other = context.new_page(), context.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.clock.install()

    def later(minutes: int) -> None:
        """Each step makes the page ask how long is left; the clock of the server stands still until that was answered."""
        clock.shift(timedelta(minutes=minutes))
        with page.expect_event("requestfinished", lambda asked: asked.url.endswith(LEFT)):
            page.clock.fast_forward(minutes * 60_000)

    page.goto(f"{address}/mijn-profiel/wachtwoord")
    page.get_by_label("Uw huidige wachtwoord").or_(page.locator("#huidig")).first.fill("half getypt")
    warning = page.get_by_role("alertdialog")
    later(86)
    expect(warning).to_be_hidden()
    later(2)
    expect(warning).to_be_visible()
    expect(page.locator("#huidig")).to_be_focused()
    assert_accessible(page)
    page.get_by_role("button", name="Blijf aangemeld").click()
    expect(warning).to_be_hidden()
    expect(page.locator("#huidig")).to_have_value("half getypt")
    later(60)
    other.goto(f"{address}/mijn-profiel")
    later(28)
    expect(warning).to_be_hidden()
    later(60)
    expect(warning).to_be_visible()
    page.keyboard.press("Escape")
    expect(warning).to_be_hidden()
    expect(page.locator("#huidig")).to_be_focused()
    clock.shift(timedelta(minutes=3))
    page.clock.fast_forward(3 * 60_000)
    expect(page.get_by_role("alert").filter(has_text="U bent afgemeld")).to_be_visible()
    expect(page.locator("#huidig")).to_have_value("half getypt")
    assert_accessible(page)
