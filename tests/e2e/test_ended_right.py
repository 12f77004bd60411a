"""A right that ends, ends now: an operator ends something, and within five seconds the Cultuurmonitor lets go of the person."""

import json
import re
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from modules.tryout.house import REPOSITORY
from modules.tryout.programs import broker_environment, poortwachter
from tests.e2e.browser_visitor import BrowserVisitor
from tests.e2e.cast import Identity, newcomer
from tests.e2e.http_visitor import HttpVisitor, give_right
from tests.e2e.links import LB_INVOERDER
from tests.e2e.own_house import BROKER, CULTUURMONITOR, DIGITAL_KEYS, OUTBOX, OwnHouse

AT_ONCE_SECONDS = 5
CENTRES = "/cultuurmonitor/centra"


@pytest.fixture
def house(own_house: OwnHouse) -> OwnHouse:
    """Everything runs, the outbox too."""
    for program in (BROKER, OUTBOX, DIGITAL_KEYS, CULTUURMONITOR):
        own_house.start(program)
    return own_house


def operator(house: OwnHouse, *words: str) -> Any:
    """`poortwachter …`; what it printed, read where that is JSON."""
    done = subprocess.run(
        poortwachter(*words),
        cwd=REPOSITORY,
        env=broker_environment(house.live.house, house.secrets),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if "--json" in words else done.stdout


def job_of(house: OwnHouse, who: Identity) -> dict[str, str]:
    """The one affiliation of `who`: its id, and that of the person."""
    rows = operator(house, "affiliations", "list", "--json")
    (found,) = [row for row in rows if row["name"] == who.full_name]
    return dict(found)


ENDINGS: dict[str, Callable[[dict[str, str]], tuple[str, ...]]] = {
    "the job": lambda job: ("affiliations", "end", job["id"], "--reason", "left"),
    "the person": lambda job: ("people", "end", job["person"], "--reason", "misuse"),
    "the sign-ins": lambda job: ("sessions", "end", "--person", job["person"], "--reason", "lost_device"),
}


@pytest.mark.parametrize("what", ENDINGS)
def test_what_an_operator_ends_is_over_in_the_application_within_five_seconds(house: OwnHouse, what: str) -> None:
    who = newcomer("Fien")
    visitor = give_right(house.live, who, LB_INVOERDER)
    visitor.get(house.live.cultuurmonitor + CENTRES)
    operator(house, *ENDINGS[what](job_of(house, who)))
    ended = time.monotonic()
    while lets_in(visitor):
        assert time.monotonic() - ended < AT_ONCE_SECONDS, "the Cultuurmonitor still lets them in"
        time.sleep(0.1)


def lets_in(visitor: HttpVisitor) -> bool:
    """Whether the Cultuurmonitor shows its pages to this browser, without a way round by the broker."""
    page = visitor.browser.get(visitor.live.cultuurmonitor + CENTRES, allow_redirects=False, timeout=30)
    assert page.status_code in (200, 303), page.text[:2000]
    return page.status_code == 200


def test_the_person_reads_at_the_next_click_what_has_happened(
    house: OwnHouse, new_context: Callable[..., BrowserContext]
) -> None:
    who = newcomer("Fons")
    give_right(house.live, who, LB_INVOERDER)
    visitor = BrowserVisitor(house.live, new_context().new_page(), who)
    visitor.enter_module()
    expect(visitor.page.get_by_role("link", name="Voeg een centrum toe")).to_be_visible()
    operator(house, *ENDINGS["the job"](job_of(house, who)))
    time.sleep(AT_ONCE_SECONDS)
    visitor.page.get_by_role("link", name="Voeg een centrum toe").click()
    expect(visitor.page).to_have_url(re.compile(re.escape(house.live.broker)))
    expect(visitor.page.get_by_role("heading", name="U hebt nog geen recht")).to_be_visible()
