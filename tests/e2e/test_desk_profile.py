"""Everybody's own page, the owner of an application, the helpdesk and the help, in a browser, looked at by axe."""

import json
import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.browser_visitor import BrowserVisitor
from tests.e2e.looked_at import console_of, look_at
from tests.worlds.browser import Live

Visitor = Callable[..., BrowserVisitor]


def test_somebody_sees_their_rights_ends_a_session_and_takes_their_data_along(live: Live, visitor: Visitor) -> None:
    tom, elsewhere = visitor("tom.bogaert"), visitor("tom.bogaert")
    elsewhere.sign_in("/mijn-profiel")
    page = tom.page
    with console_of(page) as complaints:
        tom.sign_in("/mijn-aanvragen")
        page.get_by_role("link", name=re.compile("Tom Bogaert")).click()
        expect(page.get_by_role("heading", name="Mijn profiel")).to_be_visible()
        expect(page.locator("#rechten")).to_contain_text("Cultuurmonitor Raadpleger")
        expect(page.locator("#beheerders")).to_contain_text("Karim Benali")
        look_at(page)
        page.get_by_role("link", name=re.compile("Geef terug")).first.click()
        look_at(page)
        page.get_by_role("link", name="Nee, ga terug").click()
        page.get_by_role("button", name="Beëindig alle andere").click()
        expect(page.get_by_role("status")).to_contain_text("Uw andere sessies zijn beëindigd.")
        page.get_by_role("link", name="Neem mijn gegevens mee…").click()
        look_at(page)
        data = json.loads(tom.take_along(page.get_by_role("button", name="Download mijn gegevens")))
        assert data["person"]["family_name"] == "Bogaert"
        assert tom.who.number not in json.dumps(data)
    assert complaints == []
    elsewhere.page.goto(f"{live.broker}/mijn-profiel")
    expect(elsewhere.page.get_by_role("button", name=re.compile("met itsme"))).to_be_visible()


def test_the_owner_sees_everybody_and_writes_first_to_himself(live: Live, visitor: Visitor) -> None:
    lut = visitor("lut.verbeke")
    page = lut.page
    with console_of(page) as complaints:
        lut.sign_in("/toepassingsbeheer")
        page.get_by_role("link", name=re.compile("CCinC")).click()
        expect(page.get_by_role("row").filter(has_text="Tom Bogaert")).to_contain_text("Gemeente Genk")
        look_at(page)
        page.get_by_role("link", name="Schrijf naar iedereen…").click()
        page.get_by_role("button", name="Kijk na").click()
        expect(page.get_by_role("alert")).to_contain_text("Schrijf een onderwerp.")
        look_at(page)
        page.get_by_label("Onderwerp", exact=True).fill("Onderhoud op zaterdag")
        page.get_by_label("Bericht", exact=True).fill("Zaterdag is de Cultuurmonitor een uur dicht.")
        page.get_by_role("button", name="Kijk na").click()
        look_at(page)
        page.get_by_role("button", name="Stuur een proef naar mij").click()
        expect(page.get_by_role("status")).to_contain_text("De proef is onderweg")
    assert complaints == []
    assert "Onderhoud op zaterdag" in lut.mail_about("Onderhoud op zaterdag").mail.subject


def test_the_helpdesk_looks_up_who_administers_and_what_is_not_there(live: Live, visitor: Visitor) -> None:
    hilde = visitor("hilde.martens")
    page = hilde.page
    with console_of(page) as complaints:
        hilde.sign_in("/opzoeken")
        page.get_by_label("Nummer van de aanvraag").fill("PW-2026-000000")
        page.get_by_role("button", name="Zoek de aanvraag").click()
        expect(page.get_by_role("alert")).to_contain_text("Dit nummer vinden wij niet.")
        look_at(page)
        page.get_by_label("Zoek een organisatie").fill("Gemeente Genk")
        page.get_by_label("Zoek een organisatie").press("Enter")
        page.get_by_role("button", name="Gemeente Genk", exact=True).click()
        expect(page.get_by_role("row").filter(has_text="Karim Benali")).to_contain_text("karim.benali@voorbeeld.test")
        look_at(page)
    assert [each for each in complaints if "422" not in each] == []


def test_the_help_is_in_the_foot_of_every_page_and_has_its_pictures(live: Live, visitor: Visitor) -> None:
    karim = visitor("karim.benali")
    page = karim.page
    with console_of(page) as complaints:
        karim.sign_in("/taken")
        page.get_by_role("contentinfo").get_by_role("link", name="Hulp").click()
        expect(page.locator("#mijn-taken")).to_be_visible()
        look_at(page)
        for picture in page.locator("img.pw-picture").all():
            picture.scroll_into_view_if_needed()
            expect(picture).to_have_js_property("complete", True)
        page.get_by_role("link", name="Alle hulp").click()
        look_at(page)
    assert complaints == []
