"""The other way in, in a browser: a message to the administrator, the number by a secure link, the right (seed 000)."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.browser_visitor import BrowserVisitor
from tests.e2e.cast import newcomer
from tests.e2e.looked_at import console_of, look_at

PATH = "/toepassingen/jeugdmonitor/account-aanvragen"


def test_from_the_four_steps_to_the_right(visitor: Callable[..., BrowserVisitor]) -> None:
    new, karim = newcomer("Noor"), visitor("karim.benali")
    asking = visitor(new)
    page = asking.page
    with console_of(page) as complaints:
        page.goto(asking.live.broker + PATH)
        look_at(page)
        page.get_by_label("Voor welke organisatie werkt u?").fill("genk")
        page.get_by_role("button", name="Zoek").click()
        page.get_by_role("link", name="Gemeente Genk").click()
        page.get_by_role("button", name="Schrijf het bericht").click()
        expect(page.locator("#fouten")).to_be_focused()
        look_at(page)
        page.get_by_label("Voornaam").fill(new.given_name)
        page.get_by_label("Familienaam").fill(new.family_name)
        page.get_by_label("Uw e-mailadres op het werk").fill(new.email)
        page.get_by_label("Algemeen e-mailadres").fill("jeugddienst@voorbeeld.test")
        page.get_by_role("button", name="Schrijf het bericht").click()
        expect(page.get_by_label("Bericht", exact=True)).to_have_value(re.compile("Beste lokale beheerder"))
        expect(page.get_by_role("link", name="Open in mijn mailprogramma")).to_have_attribute(
            "href", re.compile("^mailto:.cc=jeugdmonitor%40vlaanderen.be")
        )
        look_at(page)
        page.get_by_label("Ik las het charter").check()
        page.get_by_role("button", name="Bevestig en verstuur").click()
        expect(page.get_by_role("heading", name="Kijk in uw mailbox")).to_be_visible()
        look_at(page)
        asking.confirm_address()
    assert complaints == []

    karim.sign_in()
    karim.open_task(new.full_name)
    expect(karim.page.get_by_text("Het rijksregisternummer is nog niet bekend")).to_be_visible()
    look_at(karim.page)
    task = karim.page.url
    karim.page.get_by_role("link", name="Vraag gegevens met een beveiligde link").click()
    look_at(karim.page)
    karim.page.get_by_role("button", name="Verstuur de link").click()
    expect(karim.page.get_by_text("Er is nog geen antwoord")).to_be_visible()

    with console_of(page) as complaints:
        page.goto(asking.mail_about("enkele gegevens").link_to(asking.live.broker, "/link/"))
        expect(page).to_have_url(re.compile("/link/gegevens$"))
        look_at(page)
        page.get_by_label("Rijksregisternummer").fill(new.number)
        page.get_by_role("button", name="Verstuur aan mijn beheerder").click()
        expect(page.get_by_role("heading", name="Uw antwoord is verstuurd")).to_be_visible()
        look_at(page)
    assert complaints == []

    page = karim.page
    with console_of(page) as complaints:
        page.goto(karim.mail_about("gegevens die u vroeg").link_to(karim.live.broker, "/gevraagd/"))
        page.get_by_role("button", name="Toon het antwoord").click()
        expect(page.get_by_text(new.number)).to_be_visible()
        assert new.number not in page.url
        look_at(page)
        page.goto(task)
        karim.approve()
    assert complaints == []
    assert "DCJM Jeugdmonitor" in asking.mail_about("Jeugdmonitor").mail.text
