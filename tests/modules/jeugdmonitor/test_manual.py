"""What is public: the start page, the manual with the privacy of who takes part, the charter."""

from pathlib import Path

import pytest
import yaml
from flask import Flask

from modules.jeugdmonitor.manual import CHAPTERS, CHARTER, POINTS, PRIVACY
from tests.modules.jeugdmonitor.visitors import BASE


@pytest.fixture
def pages(monitor: Flask) -> dict[str, str]:
    """The public pages, by what follows /jeugdmonitor."""
    client = monitor.test_client()
    return {path: client.get(f"/jeugdmonitor{path}", base_url=BASE).text for path in ("", "/handleiding", "/charter")}


def test_the_start_page_says_what_it_is_and_leads_to_sign_in_manual_and_charter(pages: dict[str, str]) -> None:
    start = pages[""]
    assert "elke gemeente of stad in Vlaanderen en de VGC" in start
    for address in ("/jeugdmonitor/aanmelden", "/jeugdmonitor/handleiding", "/jeugdmonitor/charter"):
        assert f'href="{address}"' in start
    assert "itsme of eID" in start
    assert "DCJM Jeugdmonitor" in start


def test_who_has_no_account_is_led_to_where_the_broker_asks_for_one(pages: dict[str, str], monitor: Flask) -> None:
    """Seed 000: "Account aanvragen" stands beside "Inloggen"; the page is the broker's, at the origin that the kit trusts."""
    issuer = monitor.extensions["kit"].settings.issuer
    assert f'href="{issuer.removesuffix("/op")}/toepassingen/jeugdmonitor/account-aanvragen"' in pages[""]


def test_whom_to_ask_stands_on_every_page(pages: dict[str, str]) -> None:
    for page in pages.values():
        assert "mailto:jeugdmonitor@vlaanderen.be" in page
        assert "tel:1700" in page


def test_the_manual_has_a_chapter_on_the_privacy_of_respondents(pages: dict[str, str]) -> None:
    """M10: written by us, with the points that are confirmed before each round."""
    assert PRIVACY in [chapter.code for chapter in CHAPTERS]
    assert f'id="{PRIVACY}"' in pages["/handleiding"]
    for point in POINTS:
        assert point.title.nl in pages["/handleiding"]
    assert len(POINTS) >= 5


def test_the_address_of_the_tool_leads_to_its_start_page(monitor: Flask) -> None:
    assert monitor.test_client().get("/", base_url=BASE).location.endswith("/jeugdmonitor")


def test_the_charter_is_the_one_that_the_broker_asks(pages: dict[str, str], repository: Path) -> None:
    """Nothing joins the two programs, so this does."""
    policy = yaml.safe_load(
        (repository / "policies" / "applications" / "jeugdmonitor.yaml").read_text(encoding="utf-8")
    )
    asked = policy["charter"]
    assert (CHARTER.version, vars(CHARTER.title)) == (asked["version"], asked["title"])
    assert [vars(part) for part in CHARTER.text] == asked["text"]
    assert CHARTER.text[0].nl in pages["/charter"]


def test_the_codes_are_those_of_the_broker_s_policy(repository: Path) -> None:
    from modules.jeugdmonitor.about import APPLICATION, COORDINATOR

    policy = yaml.safe_load(
        (repository / "policies" / "applications" / "jeugdmonitor.yaml").read_text(encoding="utf-8")
    )
    assert policy["scope"] in APPLICATION.scope.split()
    assert policy["claim"] == APPLICATION.rights_claim
    assert list(policy["contexts"]) == [APPLICATION.context]
    assert [right["claim"] for right in policy["rights"].values()] == [COORDINATOR]
    assert policy["sign_in"] == ["itsme", "eid"]
    assert policy["minimum_level"] >= 27
