"""What the tests of the whole story share: people with a browser, people without, and houses for them to visit."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext

from tests.e2e.browser_visitor import BrowserVisitor
from tests.e2e.cast import Identity, known
from tests.e2e.http_visitor import HttpVisitor
from tests.e2e.own_house import OUTBOX, OwnHouse, build_house
from tests.worlds.browser import Live, free_ports


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with a house of their own belong together as well, and they drive a browser too."""
    for item in items:
        if "own_house" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("own house"))


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
