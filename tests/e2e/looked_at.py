"""A page looked at as closely as a machine can: axe in both widths and both themes, the console, and 320 pixels.

Owns what "in order" means for every page of the story. Which pages there are is for the tests to say.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import ConsoleMessage, Page, Response

WIDTHS = (1280, 390)
NARROWEST = 320
_HEIGHT = 900
_WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
# A theme changes colours and nothing else.
_LOOKED_AT = {"light": _WCAG, "dark": {"type": "rule", "values": ["color-contrast"]}}
_RUN = """async (runOnly) => {
  const found = await axe.run(document, {runOnly, resultTypes: ["violations"]});
  return found.violations.map(each => ({rule: each.id, help: each.help,
    where: each.nodes.slice(0, 4).map(node => [node.target.join(" "), node.any.map(check => check.message).join("; ")])}));
}"""
_WIDER_THAN = """(width) => [...document.querySelectorAll("body *")]
  .filter(each => each.getBoundingClientRect().right > width + 1)
  .slice(0, 5).map(each => each.tagName + "." + each.className)"""


@contextmanager
def console_of(page: Page) -> Iterator[list[str]]:
    """What the console complains of while this lasts. That a page itself came with a status of 400 or more is no complaint."""
    said: list[ConsoleMessage] = []
    broken: list[str] = []
    pages: set[str] = set()

    def note_page(response: Response) -> None:
        if response.request.is_navigation_request():
            pages.add(response.url)

    page.on("console", lambda message: said.append(message))  # noqa: PLW0108 - playwright marks what it calls
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on("response", note_page)
    complaints: list[str] = []
    yield complaints
    for message in said:
        its_own_status = "Failed to load resource" in message.text and message.location["url"] in pages
        if message.type in ("error", "warning") and not its_own_status:
            complaints.append(f"{message.text} ({message.location['url']})")
    complaints.extend(broken)


def look_at(page: Page) -> None:
    """No WCAG 2.1 A or AA violation at 390 and 1280, in the dark its colours too; nothing to scroll sideways at 320."""
    page.evaluate(AXE_SCRIPT)
    found: dict[str, Any] = {}
    for theme, rules in _LOOKED_AT.items():
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": _HEIGHT})
            violations = page.evaluate(_RUN, rules)
            if violations:
                found[f"{width} {theme}"] = violations
    page.set_viewport_size({"width": NARROWEST, "height": _HEIGHT})
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > NARROWEST:
        found[f"{NARROWEST}"] = [f"the page is {wide} wide", page.evaluate(_WIDER_THAN, NARROWEST)]
    page.set_viewport_size({"width": WIDTHS[0], "height": _HEIGHT})
    page.emulate_media(color_scheme="light")
    assert found == {}, f"{page.url} ({page.title()})\n{json.dumps(found, indent=1)}"
    assert page.locator("h1").count() == 1, f"{page.url}: one h1 a page"
    assert page.title(), page.url
