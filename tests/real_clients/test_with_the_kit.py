"""The application with the kit that docs/integrate.md shows, letter by letter, in a folder outside this repository."""

from pathlib import Path

import requests

from tests.e2e.cast import newcomer
from tests.e2e.http_visitor import HttpVisitor, form_of, give_right, plain
from tests.e2e.links import LB_INVOERDER
from tests.e2e.own_house import OwnHouse
from tests.real_clients.conftest import Example
from tests.real_clients.test_real_clients import AT_ONCE_SECONDS, ends_within, give_back, is_out

HERE = Path(__file__).parent


def signed_in(visitor: HttpVisitor, example: Example) -> requests.Response:
    """Open the application, sign in at the broker where it asks; the page that comes then."""
    page = visitor.browser.get(example.page, timeout=30)
    page = visitor.sign_in(page) if page.url.startswith(visitor.live.broker) else page
    assert (page.status_code, page.url) == (200, example.page), plain(page)
    return page


def test_one_file_is_a_whole_application(real_house: OwnHouse, kit_example: Example) -> None:
    """Sign-in, the page with the layout, and signing out here and at the broker."""
    visitor = give_right(real_house.live, newcomer("Kobe"), LB_INVOERDER)
    page = signed_in(visitor, kit_example)
    assert f"Dag {visitor.who.given_name}" in page.text
    assert "<li>Invoerder</li>" in page.text
    assert "CCinC-team" in page.text
    left = visitor.submit(page, form="/cijfers/afmelden")
    assert left.url == f"{kit_example.base}/cijfers/", left.url
    there = visitor.browser.get(kit_example.page, timeout=30)
    assert form_of(there, "/aanmelden/itsme")  # the broker asks which key: nobody is signed in there either


def test_a_right_that_ends_ends_here_within_five_seconds(real_house: OwnHouse, kit_example: Example) -> None:
    visitor = give_right(real_house.live, newcomer("Katrien"), LB_INVOERDER)
    signed_in(visitor, kit_example)
    assert not is_out(visitor, kit_example)
    give_back(visitor)
    assert ends_within(AT_ONCE_SECONDS, visitor, kit_example)


def test_it_needs_nothing_of_this_repository_but_the_kit_and_the_look() -> None:
    """The contracts of the imports (pyproject.toml) say the same of the kit itself."""
    program = (HERE / "kit" / "app.py").read_text()
    named = {line.split()[1] for line in program.splitlines() if line.startswith(("from ", "import "))}
    assert named == {"flask", "modules.kit"}
