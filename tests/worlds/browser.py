"""The whole house running, and a real Chromium to visit it with. A plugin of tests/conftest.py.

`live` starts what `make run` starts, on ports of its own, once per session; all tests that use it run in one process
(`tests.worlds.scheduling`). What cannot be set up (no Chromium, a program that does not come) fails, and says what is
missing.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from modules.tryout.house import House
from tests.worlds.inbox import Mail, read_mails, read_texts

CHROMIUM = Path("/usr/bin/chromium")
ROOT = Path(__file__).resolve().parent.parent.parent
_PATIENCE_SECONDS = 120
_MAIL_PATIENCE_SECONDS = 60
_PAGE_PATIENCE_MS = 15_000
_asked = count()
_WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of a running house drive a browser."""
    for item in items:
        if {"live", "own_house"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)


@dataclass(frozen=True)
class Live:
    """The running house: the addresses of its programs, and its mail."""

    house: House

    @property
    def broker(self) -> str:
        """The origin of the broker."""
        return self.house.broker

    @property
    def cultuurmonitor(self) -> str:
        """The origin of the Cultuurmonitor."""
        return self.house.cultuurmonitor

    @property
    def digital_keys(self) -> str:
        """The origin of the digital keys."""
        return self.house.digital_keys

    @property
    def start_page(self) -> str:
        """The origin of the start page and the local inbox."""
        return self.house.start_page

    def mails_to(self, address: str, at_least: int = 1) -> list[Mail]:
        """Every mail to `address`, oldest first; waits until there are `at_least` so many."""
        until = time.monotonic() + _MAIL_PATIENCE_SECONDS
        while True:
            found = [mail for mail in read_mails(self.house.inbox) if mail.to == address]
            if len(found) >= at_least:
                return found
            assert time.monotonic() < until, f"{len(found)} mails to {address}, not {at_least}"
            time.sleep(0.1)

    def texts_to(self, number: str, at_least: int = 1) -> list[str]:
        """Every SMS to `number` (as +31612345678), oldest first; waits until there are `at_least` so many."""
        until = time.monotonic() + _MAIL_PATIENCE_SECONDS
        while True:
            found = [text for to, text in read_texts(self.house.inbox) if to == number]
            if len(found) >= at_least:
                return found
            assert time.monotonic() < until, f"{len(found)} messages by SMS to {number}, not {at_least}"
            time.sleep(0.1)


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The broker, its outbox, the Cultuurmonitor, the digital keys and the start page, with the demo world."""
    house = House(free_ports(6), tmp_path_factory.mktemp("house"))
    said = tmp_path_factory.mktemp("said") / "said.txt"
    with said.open("w") as writing:
        started = subprocess.Popen(
            [sys.executable, "-m", "modules.tryout.run", "--port", str(house.port), "--data", str(house.data)],
            cwd=ROOT,
            stdout=writing,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_for(started, house.start_page, said)
        yield Live(house)
    finally:
        started.send_signal(signal.SIGINT)
        try:
            started.wait(30)
        except subprocess.TimeoutExpired:
            started.kill()


def _wait_for(started: "subprocess.Popen[bytes]", address: str, said: Path) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while address not in said.read_text():
        if started.poll() is not None or time.monotonic() > until:
            pytest.fail(f"the house did not come:\n{said.read_text()}")
        time.sleep(0.1)


def free_ports(number: int) -> int:
    """The first of so many ports in a row that are free now, and that nobody else here is given.

    Below 32768: from there on the kernel takes ports for outgoing connections.
    """
    # Two processes that ask at once are not given the same, nor is one that asks twice before it uses the first.
    begin = 10_000 + os.getpid() % 900 * 24 + next(_asked) * number
    for first in range(begin, 32_700, number):
        taken = False
        for port in range(first, first + number):
            with socket.socket() as trial:
                taken = taken or trial.connect_ex(("127.0.0.1", port)) == 0
        if not taken:
            return first
    pytest.fail(f"no {number} ports in a row are free")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing. As root: apt-get install chromium (make test does it where it may)")
    expect.set_options(timeout=_PAGE_PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def new_context(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., BrowserContext]]:
    """Makes a browser of somebody else: `new_context(viewport=…, color_scheme="dark")`; nothing is shared between two."""
    made: list[BrowserContext] = []
    refused: list[str] = []

    def make(**options: object) -> BrowserContext:
        settings: dict[str, object] = {"locale": "nl-BE", "timezone_id": "Europe/Brussels"}
        settings["viewport"] = {"width": 1280, "height": 900}
        context = chromium.new_context(**(settings | options))  # type: ignore[arg-type]
        context.set_default_timeout(_PAGE_PATIENCE_MS)
        context.on("console", lambda message: _note_refusal(message, refused))
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()
    assert refused == [], "the page wanted what its own Content-Security-Policy refuses"


def _note_refusal(message: ConsoleMessage, refused: list[str]) -> None:
    if "Content Security Policy" in message.text:
        refused.append(message.text)


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """One page of a fresh browser, 1280 wide, in Dutch."""
    return new_context().new_page()


def assert_accessible(page: Page) -> None:
    """No violation of WCAG 2.1 AA that axe finds on the page as it is now."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": _WCAG}})
    violations = [
        {
            "rule": violation["id"],
            "help": violation["help"],
            "where": [node["target"] for node in violation["nodes"]][:5],
        }
        for violation in found.response["violations"]
    ]
    assert violations == [], f"{page.url}\n{json.dumps(violations, indent=2)}"
