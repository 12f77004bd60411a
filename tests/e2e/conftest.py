"""What the tests of the whole story share: people with a browser, people without, and houses for them to visit."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.e2e.browser_visitor import BrowserVisitor
from tests.e2e.cast import Identity, everybody, known
from tests.e2e.http_visitor import HttpVisitor
from tests.e2e.left_behind import found_in, written
from tests.e2e.own_house import OUTBOX, OwnHouse, build_house
from tests.worlds.browser import Live, free_ports

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The stories go first: administrators who got ten questions within the hour get one mail about all that follow
    (threats SR2), and in the stories each question has its own.
    """
    ours = [place for place, item in enumerate(items) if item.path.is_relative_to(_HERE)]
    in_order = sorted((items[place] for place in ours), key=lambda item: not item.path.name.startswith("test_story"))
    for place, item in zip(ours, in_order, strict=True):
        items[place] = item


@pytest.fixture(scope="session", autouse=True)
def no_number_left_behind(live: Live) -> Iterator[None]:
    """After all was asked, decided, mailed, taken along and signed in: no rijksregisternummer stands anywhere but sealed."""
    yield
    numbers = [each for identity in everybody() for each in written(identity.number)]
    assert found_in(live.house, numbers) == [], "a rijksregisternummer was left behind"


@pytest.fixture(scope="session")
def built_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnHouse]:
    """A house with the demo world; its programs do not run yet."""
    house = build_house(free_ports(6), tmp_path_factory.mktemp("own") / "house", a_role_at_each_organisation=True)
    yield house
    house.stop_all()


@pytest.fixture
def own_house(built_house: OwnHouse) -> Iterator[OwnHouse]:
    """The same house for all who ask. A test starts the programs it needs; the outbox it started ends with it."""
    yield built_house
    built_house.stop(OUTBOX)


@pytest.fixture
def visitor(live: Live, new_context: Callable[..., BrowserContext]) -> Callable[..., BrowserVisitor]:
    """Somebody in a browser of their own: `visitor("karim.benali")`, or an `Identity`; options go to the browser."""

    def make(who: str | Identity, **options: object) -> BrowserVisitor:
        identity = known(who) if isinstance(who, str) else who
        return BrowserVisitor(live, new_context(**options).new_page(), identity)

    return make


@pytest.fixture
def by_http(live: Live) -> Callable[..., HttpVisitor]:
    """Somebody without a browser: `by_http("karim.benali")`, or an `Identity`."""

    def make(who: str | Identity) -> HttpVisitor:
        return HttpVisitor(live, known(who) if isinstance(who, str) else who)

    return make


@pytest.fixture
def in_browser(live: Live, new_context: Callable[..., BrowserContext]) -> Callable[..., BrowserVisitor]:
    """The same person goes on in a browser, with what the other one had: signed in, a request to follow, a form begun."""

    def make(visitor: HttpVisitor) -> BrowserVisitor:
        context = new_context()
        context.add_cookies(
            [
                {"name": each.name, "value": each.value or "", "domain": "localhost", "path": each.path}
                for each in visitor.browser.cookies
            ]
        )
        return BrowserVisitor(live, context.new_page(), visitor.who)

    return make
