"""What leaves the desk and what is wiped from it, in a browser: the owner's message to everybody, in a house of its own as the
other tests count their mails, and the applicant's own words, erased after the decision."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.e2e.browser_visitor import BrowserVisitor
from tests.e2e.cast import known, newcomer
from tests.e2e.http_visitor import HttpVisitor, give_right
from tests.e2e.links import LB_INVOERDER, LB_RAADPLEGER
from tests.e2e.looked_at import console_of, look_at
from tests.e2e.own_house import BROKER, DIGITAL_KEYS, OUTBOX, OwnHouse
from tests.worlds.browser import Live

Visitor = Callable[..., BrowserVisitor]
ByHttp = Callable[..., HttpVisitor]

WHY = "Ik neem de cijfers van een collega over."
SUBJECT = "De Cultuurmonitor is zaterdag dicht"


def test_an_owner_writes_to_everybody_who_uses_the_application(
    own_house: OwnHouse, new_context: Callable[..., BrowserContext]
) -> None:
    live, user = own_house.live, newcomer("Mirthe")
    for name in (DIGITAL_KEYS, BROKER, OUTBOX):
        own_house.start(name)
    give_right(live, user, LB_INVOERDER)
    own_house.stop(OUTBOX)
    lut = BrowserVisitor(live, new_context().new_page(), known("lut.verbeke"))
    page = lut.page
    with console_of(page) as complaints:
        lut.sign_in("/toepassingsbeheer/cultuurmonitor")
        page.get_by_role("link", name="Schrijf naar iedereen").click()
        page.get_by_role("button", name="Kijk na").click()
        expect(page.get_by_role("alert")).to_be_visible()
        look_at(page)
        page.get_by_label("Onderwerp", exact=True).fill(SUBJECT)
        page.get_by_label("Bericht", exact=True).fill(
            "Zaterdag werken wij aan de Cultuurmonitor.\n\nMaandag is ze er weer."
        )
        page.get_by_role("button", name="Kijk na").click()
        expect(page.get_by_role("heading", name="Kijk uw bericht na")).to_be_visible()
        look_at(page)
        page.get_by_role("button", name="Stuur een proef naar mij").click()
        expect(page.get_by_role("status")).to_contain_text("onderweg naar uw eigen adres")
        page.get_by_role("button", name="Verstuur naar iedereen").click()
        expect(page.get_by_role("status")).to_contain_text("Uw bericht vertrekt")
    assert complaints == []
    own_house.start(OUTBOX)
    lut.mail_about(SUBJECT)
    told = BrowserVisitor(live, page, user).mail_about(SUBJECT)
    assert "Maandag is ze er weer." in told.text


def test_an_administrator_erases_what_an_applicant_wrote(live: Live, visitor: Visitor, by_http: ByHttp) -> None:
    asker = by_http(newcomer("Warre"))
    asker.ask(LB_RAADPLEGER, message=WHY)
    karim = visitor("karim.benali")
    page = karim.page
    with console_of(page) as complaints:
        karim.sign_in()
        karim.open_task(asker.who.full_name)
        expect(page.get_by_role("main")).to_contain_text(WHY)
        karim.approve()
        expect(page.get_by_role("status")).to_contain_text("kreeg het recht")
        page.get_by_role("navigation", name="Welke taken").get_by_role("link", name="Beslist").click()
        page.get_by_role("row").filter(has_text=asker.who.full_name).get_by_role("link").first.click()
        expect(page.get_by_role("main")).to_contain_text(WHY)
        page.get_by_role("button", name="Wis motivatie en contactgegevens").click()
        expect(page.get_by_role("status")).to_contain_text("zijn gewist")
        expect(page.get_by_role("main")).not_to_contain_text(WHY)
        look_at(page)
    assert complaints == []
