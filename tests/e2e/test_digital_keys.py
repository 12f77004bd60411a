"""The three digital keys of `make run`, in a real browser: each asks and answers in its own way, and the person sees none of it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.browser_visitor import BrowserVisitor


@pytest.mark.parametrize(
    ("key", "name"),
    [("itsme", "itsme"), ("eid", "eID en kaartlezer"), ("token", "Token")],
    ids=["itsme", "eid", "token"],
)
def test_somebody_signs_in_with_each_digital_key(visitor: Callable[..., BrowserVisitor], key: str, name: str) -> None:
    """eID fetches our keys from the running broker, takes the request ahead and encrypts its answer; the form may lead there
    under the Content-Security-Policy of the page.
    """
    karim = visitor("karim.benali")
    karim.page.goto(karim.live.broker + "/aanmelden?verder=/mijn-profiel")
    karim.page.get_by_role("button", name=f"Ga verder met {name}").click()
    assert karim.page.url.startswith(f"{karim.live.digital_keys}/{key}/authorize?")
    assert ("request_uri=" in karim.page.url) is (key == "eid")
    karim.be_myself()
    karim.page.wait_for_url(karim.live.broker + "/mijn-profiel")
    expect(karim.page.get_by_role("heading", level=1)).to_be_visible()
