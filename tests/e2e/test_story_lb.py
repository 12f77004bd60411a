"""The story of a Flemish municipality, in a browser, from the link of the seed to figures in the Cultuurmonitor."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from tests.e2e.browser_visitor import FIGURES, BrowserVisitor
from tests.e2e.cast import newcomer
from tests.e2e.links import LB_INVOERDER
from tests.worlds.browser import Live

YEAR = 2025


def test_from_the_link_to_figures_in_the_cultuurmonitor(live: Live, visitor: Callable[..., BrowserVisitor]) -> None:
    nele = visitor("nele.vercauteren")
    nele.open_link(LB_INVOERDER.path)
    verified = nele.page.locator(".pw-verified")
    expect(verified).to_contain_text("Nele Vercauteren")
    expect(nele.page.get_by_label("Rijksregisternummer")).to_have_count(0)
    assert nele.who.number not in nele.page.content(), "PB: the number is never shown whole"

    # Typing is enough to find the organisation; the button is for who has no JavaScript.
    nele.page.get_by_label("E-mailadres op het werk").fill(nele.who.email)
    nele.page.get_by_label("Voor welke organisatie werkt u?").press_sequentially("gen")
    nele.page.get_by_role("radio", name="Gemeente Genk").check()
    assert nele.page.get_by_role("radio", name=re.compile("AGB|Etterbeek")).count() == 0, "only Flemish municipalities"
    nele.page.get_by_label("Voor welk cultuur- of gemeenschapscentrum?").fill("C-mine")
    nele.page.get_by_role("button", name="Verder naar nakijken").click()
    sheet = nele.page.locator("main")
    for words in ("Nele Vercauteren", "Cultuurmonitor Invoerder", "Cultuurcentra", "Gemeente Genk", "C-mine"):
        expect(sheet).to_contain_text(words)
    expect(sheet).to_contain_text("lokale beheerders van Gemeente Genk")
    nele.page.get_by_role("button", name="Bevestig en verstuur").click()
    expect(nele.page.get_by_role("heading", name="Kijk in uw mailbox")).to_be_visible()

    assert "Nele" not in nele.first_mail().text, "the first mail holds nothing that was typed"
    nele.confirm_address()
    expect(nele.page.locator("aside")).to_contain_text("een lokale beheerder van Gemeente Genk")
    assert re.search(r"/aanvraag/PW-\d{4}-[0-9A-Z]{6}$", nele.page.url), "the token is not in the address"
    followed = nele.page.url

    # Both administrators hear of it; Ilse is first, and Karim finds it among what is decided.
    karim, ilse = visitor("karim.benali"), visitor("ilse.maes")
    mailed = ilse.mail_about("Nele Vercauteren").link_to(live.broker)
    assert live.mails_to(karim.who.email)
    karim.sign_in()
    ilse.page.goto(mailed)
    ilse.use_key("eID")
    if "/taken/" not in ilse.page.url:
        ilse.open_task("Nele Vercauteren")
    expect(ilse.page.get_by_role("heading", name="Mag Nele Vercauteren cijfers invoeren")).to_be_visible()
    expect(ilse.page.get_by_text("Eén rol per persoon")).to_be_visible()
    ilse.approve()
    expect(ilse.page.get_by_role("status")).to_contain_text("Nele Vercauteren kreeg het recht Cultuurmonitor Invoerder")

    karim.page.goto(f"{live.broker}/taken")
    expect(karim.page.locator("main")).not_to_contain_text("Nele Vercauteren")
    karim.page.get_by_role("navigation", name="Welke taken").get_by_role("link", name="Beslist").click()
    decided = karim.page.get_by_role("row").filter(has_text="Nele Vercauteren")
    expect(decided).to_contain_text("Goedgekeurd")
    expect(decided).to_contain_text("Ilse Maes")

    nele.page.goto(followed)
    expect(nele.page.locator("aside")).to_contain_text("U hebt toegang")
    expect(nele.page.locator("main")).not_to_contain_text("Ilse")
    granted = nele.mail_about("U hebt toegang")
    for words in ("Nele", "Cultuurmonitor Invoerder", "Gemeente Genk"):
        assert words in granted.text, words
    assert live.mails_to("ccinc@vlaanderen.be"), "the owner of the application is told"

    # From the mail to the module, in a browser that was not there before; then the figures, draft and submitted.
    at_work = visitor("nele.vercauteren")
    at_work.enter_module(granted.link_to(live.cultuurmonitor))
    expect(at_work.page.get_by_role("heading", name="Uw centra")).to_be_visible()
    expect(at_work.page.get_by_role("banner")).to_contain_text("Gemeente Genk")
    at_work.add_centre("C-mine")
    at_work.fill_in_figures(YEAR, {**FIGURES, "tickets_total": "99"})
    expect(at_work.page.get_by_text("Concept", exact=True)).to_be_visible()
    expect(at_work.page.locator("main")).to_contain_text("u vulde 99 in, maar de delen samen zijn 10.250")
    at_work.page.get_by_role("link", name="Vul verder in").click()
    at_work.page.get_by_label("Alle tickets").fill(FIGURES["tickets_total"])
    at_work.page.get_by_role("button", name="Bewaar en kijk na").click()
    at_work.page.get_by_role("button", name="Dien de cijfers in").click()
    expect(at_work.page.locator("main")).to_contain_text(re.compile(r"Nele Vercauteren diende in op .*\d{4}"))
    expect(at_work.page.get_by_role("row", name="Bezoekers")).to_contain_text("12.500")

    # Who may only look, sees what was submitted, and no way to change it.
    tom = visitor("tom.bogaert")
    tom.enter_module()
    tom.page.get_by_role("link", name="C-mine", exact=True).click()
    tom.page.get_by_role("link", name=re.compile(rf"Bekijk\s*: {YEAR}")).click()
    expect(tom.page.get_by_role("row", name="Bezoekers")).to_contain_text("12.500")
    expect(tom.page.get_by_role("link", name="Heropen…")).to_have_count(0)


def test_a_rejection_is_read_with_its_reason_and_gives_no_access(
    live: Live, visitor: Callable[..., BrowserVisitor]
) -> None:
    asker, karim = visitor(newcomer("Wouter")), visitor("karim.benali")
    asker.ask(LB_INVOERDER.path, "Gemeente Genk")
    karim.sign_in()
    karim.open_task(asker.who.full_name)
    karim.reject("U werkt voor de bibliotheek, niet voor het cultuurcentrum.")
    expect(karim.page.get_by_role("status")).to_be_visible()
    asker.page.reload()
    expect(asker.page.locator("main")).to_contain_text("U werkt voor de bibliotheek, niet voor het cultuurcentrum.")
    expect(asker.page.get_by_role("link", name="Opnieuw vragen")).to_be_visible()
    assert asker.mail_about("U werkt voor de bibliotheek")
    asker.enter_module()
    expect(asker.page.get_by_role("heading", name="U hebt nog geen recht")).to_be_visible()


def test_a_typed_identity_gets_access_at_the_first_sign_in(live: Live, visitor: Callable[..., BrowserVisitor]) -> None:
    """Approved first; the sign-in with a digital key then says that this is the person, and the right begins."""
    bram, karim = visitor(newcomer("Bram")), visitor("karim.benali")
    page = bram.page
    page.goto(live.broker + LB_INVOERDER.path)
    page.get_by_role("link", name="Verder zonder digitale sleutel").click()
    page.get_by_label("Voornaam").fill(bram.who.given_name)
    page.get_by_label("Familienaam").fill(bram.who.family_name)
    page.get_by_label("Rijksregisternummer").fill(bram.who.number)
    bram.fill_in("Gemeente Genk")
    bram.send()
    bram.confirm_address()
    followed = page.url

    karim.sign_in()
    karim.open_task(bram.who.full_name)
    expect(karim.page.locator("main")).to_contain_text("naam en nummer getypt, niet gecontroleerd")
    karim.approve()
    expect(karim.page.get_by_role("status")).to_be_visible()
    page.goto(followed)
    expect(page.locator("main")).to_contain_text("digitale sleutel")
    assert page.get_by_text("U hebt toegang").count() == 0, "not before it is known who this is"

    bram.enter_module(bram.mail_about("keurde uw aanvraag goed").link_to(live.cultuurmonitor))
    expect(page.get_by_role("heading", name="Uw centra")).to_be_visible()
    page.goto(followed)
    expect(page.locator("aside")).to_contain_text("U hebt toegang")


def test_the_way_to_the_module_carries_no_number_and_no_name_in_its_addresses(
    live: Live, visitor: Callable[..., BrowserVisitor]
) -> None:
    """Addresses end up in logs: of the whole sign-in nothing personal stands in one."""
    tom = visitor("tom.bogaert")
    seen: list[str] = []
    tom.page.on("request", lambda request: seen.append(request.url))
    tom.enter_module()
    expect(tom.page.get_by_role("heading", name="Uw centra")).to_be_visible()
    assert any("code=" in address for address in seen)
    for address in seen:
        assert tom.who.number not in address
        assert "bogaert" not in address.lower()
        assert "id_token" not in parse_qs(urlsplit(address).query)
