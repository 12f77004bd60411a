"""Every part of the look in a real browser: axe, sizes of window, dark, keyboard. WCAG 2.1 AA."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
ACCENTS = ("", "plusminmee", "cultuurmonitor", "jeugdmonitor")
PAGES = [
    *(
        ("", page)
        for page in ("components", "form", "tracking", "refused", "doors", "tasks", "decision", "desk", "error")
    ),
    *((accent, "module") for accent in ACCENTS[1:]),
]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    """The one Chromium of all tests: two drivers cannot live in one process."""
    return chromium


@pytest.fixture(scope="module")
def addresses(components: ModuleType) -> Iterator[dict[str, str]]:
    servers = {accent: components.serve(components.components_app(accent)) for accent in ACCENTS}
    yield {accent: f"http://127.0.0.1:{server.server_port}" for accent, server in servers.items()}
    for server in servers.values():
        server.shutdown()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_on_any_page(browser: Browser, addresses: dict[str, str], scheme: Any, width: int) -> None:
    """A page is read by everybody: light and dark, phone and desk."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale="nl-BE")
    tab = context.new_page()
    complaints: list[str] = []
    tab.on("console", lambda message: complaints.append(message.text))
    for accent, page in PAGES:
        tab.goto(f"{addresses[accent]}/{page}")
        for violation in Axe().run(tab, options=RULES).response["violations"]:
            complaints.extend(f"{page}: {violation['id']}: {node['html']}" for node in violation["nodes"])
    context.close()
    assert complaints == []


@pytest.mark.parametrize("width", [320, 390, 768, 992, 1280])
def test_no_page_is_wider_than_the_window(browser: Browser, addresses: dict[str, str], width: int) -> None:
    tab = browser.new_page(viewport={"width": width, "height": 900}, locale="nl-BE")
    too_wide = []
    for accent, page in PAGES:
        tab.goto(f"{addresses[accent]}/{page}")
        if tab.evaluate("document.documentElement.scrollWidth") > width:
            too_wide.append(page)
    tab.close()
    assert too_wide == []


def test_the_focus_goes_to_what_must_be_put_in_order(browser: Browser, addresses: dict[str, str]) -> None:
    tab = browser.new_page(locale="nl-BE")
    tab.goto(f"{addresses['']}/form")
    assert tab.evaluate("document.activeElement.id") == "fouten"
    tab.get_by_role("link", name="Vul een volledig e-mailadres in").click()
    assert tab.evaluate("document.activeElement.id") == "email"
    tab.close()


def test_the_choice_shows_only_what_belongs_to_it(browser: Browser, addresses: dict[str, str]) -> None:
    tab = browser.new_page(locale="nl-BE")
    tab.goto(f"{addresses['']}/decision")
    assert tab.get_by_label("Waarom keurt u af?").is_visible()
    tab.get_by_label("Goedkeuren").check()
    assert not tab.get_by_label("Waarom keurt u af?").is_visible()
    assert tab.get_by_label("Tot wanneer?").is_visible()
    tab.close()


def test_the_stone_bar_counts_what_is_chosen(browser: Browser, addresses: dict[str, str]) -> None:
    tab = browser.new_page(locale="nl-BE")
    tab.goto(f"{addresses['']}/tasks")
    tab.get_by_label("Kies Mehmet Tas").check()
    assert tab.get_by_text("3 vragen gekozen").is_visible()
    tab.close()


def test_the_menu_of_a_phone_opens_without_javascript(browser: Browser, addresses: dict[str, str]) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, java_script_enabled=False, locale="nl-BE")
    tab = context.new_page()
    tab.goto(f"{addresses['']}/tasks")
    assert not tab.get_by_role("link", name="Rapporten").is_visible()
    tab.get_by_text("Menu", exact=True).click()
    assert tab.get_by_role("link", name="Rapporten").is_visible()
    context.close()
