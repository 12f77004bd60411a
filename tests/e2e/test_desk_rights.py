"""One right in a browser: it ends earlier, lasts longer again, and stops, each told to who has it; who then chooses a language."""

from collections.abc import Callable
from datetime import date, timedelta

from playwright.sync_api import expect

from tests.e2e.browser_visitor import BrowserVisitor
from tests.e2e.cast import Identity, newcomer
from tests.e2e.looked_at import console_of, look_at


def test_a_right_ends_earlier_lasts_longer_and_stops(visitor: Callable[..., BrowserVisitor]) -> None:
    karim, new = visitor("karim.benali"), newcomer("Oscar")
    page = karim.page
    with console_of(page) as complaints:
        karim.sign_in("/rechten/nieuw")
        give(karim, new)
        holder = visitor(new)
        holder.sign_in("/mijn-profiel")
        page.goto(f"{karim.live.broker}/rechten")
        page.get_by_role("link", name=new.full_name, exact=True).click()
        latest = page.get_by_label("Tot en met welke dag?").get_attribute("max") or ""
        earlier = date.fromisoformat(latest) - timedelta(days=60)
        page.get_by_label("Tot en met welke dag?").fill(earlier.isoformat())
        page.get_by_role("button", name="Bewaar de einddatum").click()
        expect(page.locator("#fouten")).to_be_focused()
        look_at(page)
        page.get_by_label("Waarom?").fill("Het project is vroeger klaar.")
        page.get_by_role("button", name="Bewaar de einddatum").click()
        expect(page.get_by_role("status")).to_be_visible()
        assert "vroeger klaar" in holder.mail_about("vroeger klaar").text
        page.get_by_label("Tot en met welke dag?").fill(latest)
        page.get_by_role("button", name="Bewaar de einddatum").click()
        expect(page.get_by_role("status")).to_be_visible()
        look_at(page)
        page.get_by_label("Waarom stopt het?").fill("Oscar werkt nu elders.")
        page.get_by_role("button", name="Stop dit recht nu").click()
        expect(page.get_by_role("status")).to_contain_text(new.full_name)
        look_at(page)
    assert complaints == []
    assert "werkt nu elders" in holder.mail_about("werkt nu elders").text
    choose_english(holder)


def give(administrator: BrowserVisitor, new: Identity) -> None:
    """Give somebody who is not known yet a right, from the page that looks for a number."""
    page = administrator.page
    page.get_by_label("Rijksregisternummer").fill(new.number)
    page.get_by_role("button", name="Zoek met dit nummer").click()
    page.get_by_label("Voornaam").fill(new.given_name)
    page.get_by_label("Familienaam").fill(new.family_name)
    page.get_by_label("E-mailadres op het werk").fill(new.email)
    page.get_by_role("button", name="Voeg toe").click()
    page.get_by_role("radio", name="Cultuurmonitor Raadpleger").check()
    page.get_by_role("button", name="Kijk na").click()
    page.get_by_role("button", name="Geef dit recht").click()
    expect(page.get_by_text("Het recht is gegeven")).to_be_visible()


def choose_english(holder: BrowserVisitor) -> None:
    """In the own profile; the pages speak it from then on."""
    page = holder.page
    page.goto(f"{holder.live.broker}/mijn-profiel")
    page.get_by_role("radio", name="English").check()
    page.get_by_role("button", name="Bewaar mijn taal").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto(f"{holder.live.broker}/mijn-aanvragen")
    expect(page.locator("html")).to_have_attribute("lang", "en")
