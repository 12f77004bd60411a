"""An account asked for a colleague, in a browser: from PlusMinMee's invite page to the form of the administrator and the answer
by mail (seed-sentences M11)."""

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import BrowserContext, expect

from modules.plusminmee.retention import today
from tests.e2e.cast import known, newcomer
from tests.e2e.looked_at import console_of, look_at
from tests.e2e.professional import Professional
from tests.worlds.browser import Live

WHY = "Zij werkt mee aan de groep rond het station."


def test_a_beheerder_asks_an_account_and_the_administrator_adds_the_colleague(
    live: Live, new_context: Callable[..., BrowserContext]
) -> None:
    noor = newcomer("Noor")
    fatima = Professional(live, new_context().new_page(), known("fatima.haddad"))
    joost = Professional(live, new_context().new_page(), known("joost.vanrijn"))
    with console_of(fatima.page) as complaints, console_of(joost.page) as complaints_of_joost:
        asks(fatima, noor.given_name, noor.family_name, noor.email)
        adds(joost, noor.full_name, noor.mobile)
    assert complaints == complaints_of_joost == []
    assert fatima.mail_about(f"{noor.full_name} krijgt een account")
    assert Professional(live, fatima.page, noor).first_mail().link_to(live.broker, "/link/")


def asks(fatima: Professional, given_name: str, family_name: str, email: str) -> None:
    page = fatima.page
    fatima.enter_with_key()
    fatima.close_changes()
    fatima.make_group(f"Groep van {family_name}", "Stationsplein", today() + timedelta(days=200))
    page.get_by_role("link", name="Account aanvragen").click()
    expect(page.get_by_role("heading", name="Account aanvragen voor een collega")).to_be_visible()
    page.get_by_label("Voor welke organisatie werkt uw collega?").fill("Elzevoorde")
    page.get_by_role("button", name="Zoek", exact=True).click()
    look_at(page)
    page.get_by_role("link", name="Gemeente Elzevoorde", exact=True).click()
    page.get_by_role("button", name="Vraag het account aan").click()
    look_at(page)
    page.get_by_label("Voornaam").fill(given_name)
    page.get_by_label("Familienaam").fill(family_name)
    page.get_by_label("E-mailadres op het werk").fill(email)
    page.get_by_label("Waarvoor heeft deze collega het nodig?").fill(WHY)
    page.get_by_role("button", name="Vraag het account aan").click()
    expect(page.get_by_text("Uw vraag is verstuurd.")).to_be_visible()
    page.get_by_role("link", name="Terug naar PlusMinMee").click()
    expect(page).to_have_url(re.compile(f"^{re.escape(fatima.tool)}"))


def adds(joost: Professional, full_name: str, mobile: str) -> None:
    page = joost.page
    page.goto(joost.mail_about("Een account voor een collega van").link_to(joost.live.broker))
    joost.use_key()
    expect(page.get_by_role("heading", name=f"Krijgt {full_name} een account voor PlusMinMee?")).to_be_visible()
    expect(page.get_by_text(WHY)).to_be_visible()
    look_at(page)
    page.get_by_role("link", name="Voeg toe…").click()
    look_at(page)
    page.get_by_label("Mobiel nummer").fill(mobile)
    page.get_by_role("button", name="Voeg toe", exact=True).click()
    expect(page.get_by_text(f"{full_name} is toegevoegd")).to_be_visible()
