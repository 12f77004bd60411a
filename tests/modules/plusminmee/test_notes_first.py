"""The notes of a new version stand over the first page that somebody opens, whichever that is; X closes them, once (W25)."""

import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import Engine

from modules.plusminmee.release_notes import RELEASES
from tests.modules.plusminmee.conftest import FATIMA
from tests.modules.plusminmee.things import address as address_of
from tests.modules.plusminmee.things import one_of_everything, rules
from tests.modules.plusminmee.visitors import GROUPS, Visitor
from tests.worlds.browser import assert_accessible
from tests.worlds.statements import Statements

INVITATIONS, LOGBOOK = "/plusminmee/uitnodigingen", "/plusminmee/logboek"
NEWEST = RELEASES[0].changes[0].nl
NewVisitor = Callable[..., Visitor]


@pytest.fixture
def new_version(monkeypatch: pytest.MonkeyPatch) -> Callable[[Visitor], None]:
    """A new version comes out since somebody closed the notes of the one before."""

    def come_out_for(visitor: Visitor) -> None:
        with monkeypatch.context() as before:
            before.setattr("modules.plusminmee.text_pages.LATEST", RELEASES[1].version)
            visitor.get("/plusminmee/help")
            visitor.close_notes()

    return come_out_for


@pytest.fixture
def newcomer(new_visitor: NewVisitor) -> Visitor:
    """Fatima, who has just signed in and pressed nothing."""
    return new_visitor(FATIMA, "PMMBeheerder", notes_closed=False)


def test_they_stand_over_every_page_until_they_are_closed_and_over_none_afterwards(
    tool: Flask,
    fatima: Visitor,
    member: Visitor,
    group: uuid.UUID,
    engine: Engine,
    new_version: Callable[[Visitor], None],
) -> None:
    things = one_of_everything(fatima, member, group, engine)
    pages = {
        rule.endpoint: address_of(tool, rule, group, things) for rule in rules(tool) if "GET" in (rule.methods or ())
    }
    new_version(fatima)
    shown = set()
    for endpoint, path in pages.items():
        answer = fatima.get(path)
        if answer.mimetype == "text/html" and answer.status_code == 200:
            assert fatima.sees_notes, path
            assert answer.text.count(" inert>") == 4, (
                f"{path}: all but the notes is out of reach, without JavaScript too"
            )
            assert NEWEST in answer.text
            shown.add(endpoint)
    assert len(shown) > 35
    fatima.close_notes()
    for path in pages.values():
        answer = fatima.get(path)
        if answer.mimetype == "text/html":
            assert not fatima.sees_notes, path
            assert " inert>" not in answer.text


@pytest.mark.parametrize("landing", [INVITATIONS, LOGBOOK, f"{GROUPS}/nieuw", "/plusminmee/help?x=1&y=2"])
def test_the_x_leads_on_to_the_page_that_was_opened(newcomer: Visitor, landing: str) -> None:
    newcomer.get(landing)
    assert newcomer.sees_notes
    after = newcomer.close_notes()
    assert after.status_code == 200
    assert after.request.full_path.rstrip("?") == landing
    assert not newcomer.sees_notes
    assert NEWEST in newcomer.get("/plusminmee/release-notes").text, "to read again"


@pytest.mark.parametrize(
    "elsewhere", ["https://elders.test/", "//elders.test", "/plusminmee/..//elders.test", "/health", ""]
)
def test_the_x_leads_nowhere_else(newcomer: Visitor, elsewhere: str) -> None:
    newcomer.get(GROUPS)
    answer = newcomer.post("/plusminmee/release-notes/gezien", {"terug": elsewhere}, follow=False)
    assert answer.location == GROUPS


def test_never_over_a_form_that_came_back(newcomer: Visitor) -> None:
    newcomer.get(f"{GROUPS}/nieuw")
    refused = newcomer.post(f"{GROUPS}/nieuw", {"name": "Groep Stationsplein"})
    assert refused.status_code == 422
    assert not newcomer.sees_notes
    assert "Groep Stationsplein" in refused.text
    newcomer.get(GROUPS)
    assert newcomer.sees_notes, "over the next page"


def test_what_is_new_in_the_logbook_is_still_new_once_they_are_closed(
    fatima: Visitor, member: Visitor, new_version: Callable[[Visitor], None]
) -> None:
    """Nobody has looked at what lies under them."""
    new_version(fatima)
    assert "Anton Bos hoort nu bij de groep" in fatima.get(LOGBOOK).text
    assert "Nieuw</span>" in fatima.close_notes().text
    assert "Nieuw</span>" not in fatima.get(LOGBOOK).text


def test_they_cost_no_statement(newcomer: Visitor, statements: Statements) -> None:
    counts = []
    for _turn in range(2):
        newcomer.get(GROUPS)
        with statements() as seen:
            newcomer.get(GROUPS)
        counts.append((newcomer.sees_notes, len(seen)))
        newcomer.close_notes()
    assert counts == [(True, counts[0][1]), (False, counts[0][1])]


@pytest.fixture
def landed(address: str, new_context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """A browser that opened the link of a mail and signed in on the way; options go to the browser."""

    def open_link(**options: object) -> Page:
        page = new_context(**options).new_page()
        page.goto(f"{address}{INVITATIONS}")
        return page

    return open_link


@pytest.mark.browser
def test_in_a_browser_the_keyboard_stays_on_the_x_and_escape_is_the_x(landed: Callable[..., Page]) -> None:
    page = landed()
    page.set_viewport_size({"width": 390, "height": 844})
    close = page.get_by_role("button", name="Sluit de wijzigingen")
    expect(close).to_be_focused()
    assert_accessible(page)
    page.mouse.click(5, 5)  # beside them
    for key in ("Tab", "Tab", "Shift+Tab"):
        page.keyboard.press(key)
        expect(close).to_be_focused()
    page.mouse.click(5, 5)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.url.endswith(INVITATIONS)
    page.reload()
    expect(page.get_by_role("heading", name="Uitnodigingen")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.browser
def test_without_javascript_nothing_else_can_be_reached_and_the_x_works(landed: Callable[..., Page]) -> None:
    page = landed(java_script_enabled=False)
    close = page.get_by_role("button", name="Sluit de wijzigingen")
    expect(close).to_be_focused()
    for _turn in range(6):
        page.keyboard.press("Tab")
        expect(page.locator("header :focus, main :focus, footer :focus")).to_have_count(0)
    close.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Naar de inhoud")).to_be_focused()
    assert page.url.endswith(INVITATIONS)
