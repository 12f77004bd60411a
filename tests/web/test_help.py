"""Help in the shell of every page: three readers, the steps of seed 002, and each page leads to its own paragraph (M4)."""

import re

import pytest
from flask import Flask

from broker.web.help_pages import ADMINISTRATOR, ASKING, BEGINNINGS, OFFICER, help_address
from tests.worlds.client import Client
from tests.worlds.world import World

PARTS = (ASKING, ADMINISTRATOR, OFFICER)


def test_the_three_steps_of_the_seed_are_there(client: Client) -> None:
    page = client.get(f"/help/{ADMINISTRATOR}").text
    for step in ("Stap 1", "Stap 2", "Stap 3"):
        assert step in page
    assert "zoek op het nummer" in page, "the advice of seed 002"


def test_the_start_answers_what_people_ask_most(client: Client) -> None:
    page = client.get("/help").text
    for part in PARTS:
        assert f'href="/help/{part}"' in page
    assert "Wie is mijn lokale beheerder?" in page
    assert "1700" in page


@pytest.mark.parametrize(
    ("path", "paragraph"),
    [
        ("/user/aanvraag", f"{ASKING}#formulier"),
        ("/toepassingen/jeugdmonitor", f"{ASKING}#link"),
        ("/toepassingen/jeugdmonitor/account-aanvragen", f"{ASKING}#account"),
        ("/link/gegevens", f"{ASKING}#nummer"),
        ("/link/bevestigen", f"{ASKING}#formulier"),
        ("/link/uitnodiging", f"{ASKING}#aanmelden"),
        ("/mijn-profiel", f"{ASKING}#profiel"),
        ("/mijn-profiel/toegangssleutels", f"{ASKING}#wachtwoord"),
        ("/aanmelden/account/code", f"{ASKING}#wachtwoord"),
        ("/taken", f"{ADMINISTRATOR}#mijn-taken"),
        ("/rechten/nieuw", f"{ADMINISTRATOR}#toegang-verlenen"),
        ("/rechten/links", f"{ADMINISTRATOR}#link-sturen"),
        ("/rechten", f"{ADMINISTRATOR}#mensen-en-rechten"),
        ("/mensen", f"{ADMINISTRATOR}#mensen-en-rechten"),
        ("/verantwoordelijke", f"{OFFICER}#organisaties"),
        ("/verantwoordelijke/labels", f"{OFFICER}#labels"),
        ("/verantwoordelijke/fusie", f"{OFFICER}#fusie"),
    ],
)
def test_the_help_of_a_page_is_its_own_paragraph_and_that_exists(client: Client, path: str, paragraph: str) -> None:
    """M4"""
    assert help_address(path) == f"/help/{paragraph}"
    address, _, anchor = help_address(path).partition("#")
    assert f'id="{anchor}"' in client.get(address).text


def test_every_beginning_in_the_list_is_that_of_a_page(app: Flask) -> None:
    """A paragraph for a page that does not exist hides that its page has none."""
    pages = [rule.rule for rule in app.url_map.iter_rules()]
    for beginning in BEGINNINGS:
        assert any(page.startswith(beginning) for page in pages), beginning


def test_every_page_of_the_desk_leads_to_a_paragraph_of_its_own(app: Flask) -> None:
    """M4: each page links to its own paragraph; a new family of pages must be told here."""
    general = {
        "/",
        "/privacy",
        "/toegankelijkheid",
        "/voorwaarden",
        "/help",
        "/health",
        "/metrics",
        "/look",
        "/afmelden",
        "/afgemeld",
        "/aangemeld",
        "/op",
        "/.well-known",
    }
    families = {f"/{rule.rule.split('/')[1]}" for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set())}
    without = {family for family in families - general if help_address(f"{family}/") == "/help"}
    assert without == set()


def test_a_page_names_its_paragraph_in_its_head(world: World, client: Client) -> None:
    world.sign_in(client, world.administrator_of(world.organisation("Genk")))
    assert f'href="/help/{ADMINISTRATOR}#mijn-taken"' in client.get("/taken").text


@pytest.mark.parametrize("part", PARTS)
def test_every_link_within_a_page_leads_somewhere(client: Client, part: str) -> None:
    page = client.get(f"/help/{part}").text
    anchors = re.findall(r'href="#([\w-]+)"', page)
    assert all(f'id="{anchor}"' in page for anchor in anchors)
    for picture in re.findall(r'src="(/user/static/help/[\w-]+\.png)"', page):
        assert client.get(picture).status_code == 200
