"""The desk, in a browser: the people of an organisation; standing in, coming back, reporting, leaving (issue "the desk")."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from tests.e2e.browser_visitor import BrowserVisitor
from tests.e2e.cast import newcomer
from tests.e2e.http_visitor import give_right
from tests.e2e.links import LB_INVOERDER, LB_RAADPLEGER
from tests.e2e.looked_at import console_of, look_at
from tests.worlds.browser import Live

BRUSSELS = ZoneInfo("Europe/Brussels")
Visitor = Callable[..., BrowserVisitor]


def test_a_long_absence_from_the_list_of_people_to_the_leaving(live: Live, visitor: Visitor) -> None:
    zoe, an = newcomer("Zoe"), newcomer("An")
    give_right(live, zoe, LB_INVOERDER)
    give_right(live, an, LB_RAADPLEGER)
    in_two_months = datetime.now(BRUSSELS).date() + timedelta(days=60)
    karim = visitor("karim.benali")
    page = karim.page
    karim.sign_in("/mensen")
    with console_of(page) as complaints:
        look_at(page)
        page.get_by_role("link", name=zoe.full_name, exact=True).click()
        expect(page.get_by_role("heading", name=zoe.full_name)).to_be_visible()
        look_at(page)
        page.get_by_label("E-mailadres van de dienst").fill("cultuur@voorbeeld.test")
        page.get_by_role("button", name="Bewaar", exact=True).click()
        expect(page.get_by_text("De contactgegevens zijn bewaard.")).to_be_visible()

        page.get_by_role("link", name=re.compile("Draag over")).click()
        look_at(page)
        page.get_by_label(re.compile("^Collega van")).select_option(label=an.full_name)
        page.get_by_label("Tot en met welke dag?").fill(in_two_months.isoformat())
        page.get_by_label("Waarom?").fill("Lang afwezig.")
        page.get_by_role("button", name="Draag het recht over").click()
        refusal = page.get_by_text("Iemand kan maar één rol hebben")
        expect(refusal.first).to_be_visible()  # one role per user: who is Raadpleger cannot stand in as Invoerder

        page.goto(page.url.replace("/overdragen", "/schorsen"))
        look_at(page)
        page.get_by_label("Waarom?").fill("Lang afwezig.")
        page.get_by_role("button", name="Schors dit recht nu").click()
        expect(page.get_by_text("is geschorst")).to_be_visible()
        look_at(page)
        page.get_by_role("link", name="Hervat…").click()
        look_at(page)
        page.get_by_role("button", name="Laat het weer werken").click()
        expect(page.get_by_text("werkt weer")).to_be_visible()

        page.goto(f"{live.broker}/mensen?zoek={zoe.family_name}")
        page.get_by_role("link", name=zoe.full_name, exact=True).click()
        page.get_by_role("link", name="Meld het vertrek…").click()
        look_at(page)
        page.get_by_role("button", name="Meld het vertrek").click()
        expect(page.get_by_text("werkt hier niet meer")).to_be_visible()
    assert complaints == []


def test_a_holder_reports_a_colleague_and_the_administrator_ends_the_right(live: Live, visitor: Visitor) -> None:
    zoe, bo = newcomer("Zoe"), newcomer("Bo")
    give_right(live, zoe, LB_INVOERDER)
    give_right(live, bo, LB_RAADPLEGER)
    reporter = visitor(zoe)
    page = reporter.page
    reporter.sign_in("/mijn-profiel")
    page.get_by_role("link", name=re.compile("Meld een collega")).first.click()
    look_at(page)
    page.get_by_role("radio", name=re.compile(bo.full_name)).check()
    page.get_by_label("Waarom?").fill("Werkt sinds de zomer elders.")
    page.get_by_role("button", name="Verstuur de melding").click()
    expect(page.get_by_text("Uw melding is verstuurd.")).to_be_visible()

    karim = visitor("karim.benali")
    desk = karim.page
    karim.sign_in("/taken")
    desk.get_by_role("row").filter(has_text="een recht niet meer nodig").get_by_role("button", name="Neem op").click()
    expect(desk.get_by_role("heading", name=f"Heeft {bo.full_name} dit recht nog nodig?")).to_be_visible()
    look_at(desk)
    desk.get_by_role("radio", name="Stop het recht").check()
    desk.get_by_label("Waarom stopt het?").fill("U werkt hier niet meer.")
    desk.get_by_role("button", name="Bevestig uw beslissing").click()
    expect(desk.get_by_text("Het recht is gestopt.")).to_be_visible()
