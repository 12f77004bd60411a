"""The pages that show the catalogue: the first page, and the table of links of an application (W3, W5)."""

import html
import re

from tests.catalogue.test_repository_catalogue import SEED_LINKS
from tests.worlds.client import Client


def _text(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def test_the_table_has_the_eight_links_of_the_seed_in_its_order(client: Client) -> None:
    """W5: kind of organising body by role, with the eight links."""
    answer = client.get("/toepassingen/cultuurmonitor")
    assert answer.status_code == 200
    links = [html.unescape(link) for link in re.findall(r'href="(/user/aanvraag[^"]+)"', answer.text)]
    assert links == [link for _, _, link in SEED_LINKS]


def test_each_kind_says_when_it_is_yours_and_which_need_the_label(client: Client) -> None:
    """W5: one sentence a kind."""
    said = _text(client.get("/toepassingen/cultuurmonitor").text)
    assert "U werkt voor een stad of gemeente in Vlaanderen." in said
    assert "U werkt voor een van de 19 gemeenten van het Brussels Hoofdstedelijk Gewest." in said
    assert said.count("het label ‘Cultuurmonitor Afnemer’ nodig") == 2


def test_both_names_the_module_and_both_contacts_stand_there(client: Client) -> None:
    """W3, M5: the known and the technical name; team and helpdesk."""
    said = _text(client.get("/toepassingen/cultuurmonitor").text)
    for words in (
        "CCinC – Cultuur- en gemeenschapscentra in Cijfers",
        "Naam in VO Gebruikersbeheer Cultuurmonitor",
        "Module Cultuurcentra",
        "CCinC-team",
        "02 553 42 26",
        "ccinc@vlaanderen.be",
        "1700",
        "elke werkdag van 9 tot 19 uur",
    ):
        assert words in said


def test_it_is_there_in_english(client: Client) -> None:
    said = _text(client.get("/toepassingen/cultuurmonitor?taal=en").text)
    assert "You work for one of the 19 municipalities of the Brussels-Capital Region." in said


def test_an_application_that_does_not_exist_is_a_clear_page(client: Client) -> None:
    assert client.get("/toepassingen/onbekend").status_code == 404


def test_the_first_page_leads_to_applications_and_sign_in(client: Client) -> None:
    page = client.get("/").text
    for address in ("/toepassingen/cultuurmonitor", "/aanmelden?verder=/taken"):
        assert f'href="{address}"' in page
    assert "‘Cultuurmonitor’" in _text(page)


def test_they_can_only_be_read(client: Client) -> None:
    for address in ("/", "/toepassingen/cultuurmonitor"):
        assert client.head(address).status_code == 200
        assert client.post(address).status_code in (400, 405)
