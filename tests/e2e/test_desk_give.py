"""An administrator gives a right to somebody who was added by number, in a browser; it begins when that person signs in."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.browser_visitor import BrowserVisitor
from tests.e2e.cast import newcomer
from tests.e2e.looked_at import console_of, look_at


def test_from_a_number_to_the_module(visitor: Callable[..., BrowserVisitor]) -> None:
    new, karim = newcomer("Fien"), visitor("karim.benali")
    page = karim.page
    with console_of(page) as complaints:
        karim.sign_in("/rechten")
        page.get_by_role("link", name="Nieuw recht toekennen").click()
        expect(page.get_by_text("Om fouten te vermijden")).to_be_visible()
        look_at(page)
        page.get_by_label("Rijksregisternummer").fill(new.number)
        page.get_by_role("button", name="Zoek met dit nummer").click()
        expect(page.get_by_text("werkt niemand met dit nummer")).to_be_visible()
        look_at(page)
        page.get_by_label("Voornaam").fill(new.given_name)
        page.get_by_label("Familienaam").fill(new.family_name)
        page.get_by_label("E-mailadres op het werk").fill(new.email)
        page.get_by_role("button", name="Voeg toe").click()
        look_at(page)
        page.get_by_role("radio", name="Cultuurmonitor Invoerder").check()
        page.get_by_role("button", name="Kijk na").click()
        expect(page.get_by_text(f"wacht op de aanmelding van {new.given_name}")).to_be_visible()
        look_at(page)
        page.get_by_role("button", name="Geef dit recht").click()
        expect(page.get_by_text("Het recht is gegeven")).to_be_visible()
        look_at(page)
    assert complaints == []
    assert new.number not in page.url
    visitor_new = visitor(new)
    assert "gaf u een recht" in visitor_new.mail_about("gaf u een recht").mail.text
    visitor_new.enter_module()
    expect(visitor_new.page.get_by_role("banner")).to_contain_text(re.compile("Genk|Cultuurmonitor"))


def test_the_link_is_sent(visitor: Callable[..., BrowserVisitor]) -> None:
    karim, new = visitor("karim.benali"), newcomer("Gust")
    page = karim.page
    with console_of(page) as complaints:
        karim.sign_in("/rechten/links")
        page.get_by_label("Mail de link naar").first.fill(new.email)
        page.get_by_text("Toon de QR-code").first.click()
        expect(page.get_by_role("img", name=re.compile("QR-code")).first).to_be_visible()
        look_at(page)
        page.get_by_role("button", name=re.compile("Verstuur")).first.click()
        expect(page.get_by_text("De link is onderweg")).to_be_visible()
    assert complaints == []
    asking = visitor(new)
    page = asking.page
    page.goto(asking.first_mail().link_to(asking.live.broker, "/user/aanvraag"))
    page.get_by_role("link", name="Aanmelden met een digitale sleutel").click()
    asking.use_key()
    expect(page.get_by_role("main")).to_contain_text("Genk")


def test_without_a_number_a_link_says_who_it_is(visitor: Callable[..., BrowserVisitor]) -> None:
    karim, new = visitor("karim.benali"), newcomer("Hilde")
    page = karim.page
    karim.sign_in("/mensen/nieuw")
    page.get_by_label("Voornaam").fill(new.given_name)
    page.get_by_label("Familienaam").fill(new.family_name)
    page.get_by_label("E-mailadres op het werk").fill(new.email)
    page.get_by_role("button", name="Voeg toe").click()
    expect(page.get_by_role("button", name="Stuur de uitnodiging opnieuw")).to_be_visible()
    look_at(page)
    page.get_by_role("radio", name="Cultuurmonitor Raadpleger").check()
    page.get_by_role("button", name="Kijk na").click()
    page.get_by_role("button", name="Geef dit recht").click()
    expect(page.get_by_text("Het recht is gegeven")).to_be_visible()
    invited = visitor(new)
    page = invited.page
    with console_of(page) as complaints:
        page.goto(invited.mail_about("voegde u toe").link_to(invited.live.broker, "/link/"))
        look_at(page)
        page.get_by_role("link", name="Aanmelden met een digitale sleutel").click()
        invited.use_key()
        look_at(page)
        page.get_by_role("button", name="Ja, dat ben ik").click()
        expect(page.get_by_text("Wij weten nu wie u bent")).to_be_visible()
    assert complaints == []
    invited.enter_module()
    expect(page.get_by_role("banner")).to_contain_text(re.compile("Genk|Cultuurmonitor"))
