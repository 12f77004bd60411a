"""What an administrator does less often, in a browser: standing in that succeeds, a right given back, a number that is shown,
another role, and somebody known as working here.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from tests.e2e.browser_visitor import BrowserVisitor
from tests.e2e.cast import newcomer
from tests.e2e.http_visitor import give_right
from tests.e2e.links import LB_INVOERDER, LB_RAADPLEGER
from tests.e2e.looked_at import console_of, look_at
from tests.e2e.test_desk_rights import give
from tests.worlds.browser import Live

Visitor = Callable[..., BrowserVisitor]


def test_who_gives_a_right_back_can_stand_in_for_a_colleague(live: Live, visitor: Visitor) -> None:
    wout, bea = newcomer("Wout"), newcomer("Bea")
    give_right(live, wout, LB_INVOERDER)
    give_right(live, bea, LB_RAADPLEGER)
    colleague = visitor(bea)
    page = colleague.page
    with console_of(page) as complaints:
        colleague.sign_in("/mijn-profiel")
        page.get_by_role("link", name=re.compile("Geef terug")).first.click()
        page.get_by_role("button", name="Ja, geef mijn recht terug").click()
        expect(page.get_by_role("status")).to_be_visible()
        look_at(page)
    assert complaints == []
    karim = visitor("karim.benali")
    page = karim.page
    with console_of(page) as complaints:
        karim.sign_in(f"/mensen?zoek={wout.family_name}")
        page.get_by_role("link", name=wout.full_name, exact=True).click()
        page.get_by_role("link", name=re.compile("Draag over")).click()
        page.get_by_label(re.compile("^Collega van")).select_option(label=bea.full_name)
        page.get_by_label("Tot en met welke dag?").fill((datetime.now(UTC) + timedelta(days=60)).date().isoformat())
        page.get_by_label("Waarom?").fill("Lang afwezig.")
        page.get_by_role("button", name="Draag het recht over").click()
        expect(page.get_by_role("status")).to_contain_text("Het recht is overgedragen")
        look_at(page)
    assert complaints == []
    colleague.page.goto(f"{live.broker}/mijn-profiel")
    expect(colleague.page.locator("#rechten")).to_contain_text("Cultuurmonitor Invoerder")


def test_a_number_is_shown_for_a_purpose_and_a_role_is_changed(live: Live, visitor: Visitor) -> None:
    karim, new = visitor("karim.benali"), newcomer("Nand")
    page = karim.page
    with console_of(page) as complaints:
        karim.sign_in("/rechten/nieuw")
        give(karim, new)
        page.goto(f"{live.broker}/mensen?zoek={new.family_name}")
        page.get_by_role("link", name=new.full_name, exact=True).click()
        page.get_by_role("button", name="Toon het nummer").click()
        expect(page.get_by_label("Waarvoor?")).to_be_visible()
        page.get_by_label("Waarvoor?").select_option(label="Ik kijk na of het nummer juist getypt is")
        page.get_by_role("button", name="Toon het nummer").click()
        expect(page.get_by_text(f"{new.number[:2]}.{new.number[2:4]}.{new.number[4:6]}-")).to_be_visible()
        assert new.number not in page.url
        page.get_by_role("link", name="Verberg").click()
        expect(page.get_by_text("••.••.••")).to_be_visible()
        page.goto(f"{live.broker}/rechten/nieuw")
        page.get_by_label("Rijksregisternummer").fill(new.number)
        page.get_by_role("button", name="Zoek met dit nummer").click()
        page.get_by_role("radio", name="Cultuurmonitor Invoerder").check()
        page.get_by_role("button", name="Kijk na").click()
        expect(page.get_by_role("heading", name="Wisselen van rol?")).to_be_visible()
        look_at(page)
        page.get_by_role("button", name="Bekijk de wissel").click()
        page.get_by_role("button", name="Geef dit recht").click()
        expect(page.get_by_text("Het recht is gegeven")).to_be_visible()
    assert complaints == []


def test_somebody_asks_to_be_known_as_working_here(live: Live, visitor: Visitor) -> None:
    """The link of an affiliation alone: one picks the kind of organisation, and gets no right by it."""
    new = newcomer("Siel")
    asking = visitor(new)
    page = asking.page
    with console_of(page) as complaints:
        page.goto(f"{live.broker}/user/aanvraag_werkrelatie?dg=LB")
        look_at(page)
        page.get_by_role("link", name=re.compile("Vlaamse gemeente")).first.click()
        page.get_by_role("link", name="Aanmelden met een digitale sleutel").click()
        asking.use_key()
        page.get_by_label("E-mailadres op het werk").fill(new.email)
        asking.choose_organisation("Gemeente Genk", "Genk")
        look_at(page)
        asking.send()
        expect(page.get_by_role("heading", name="Kijk in uw mailbox")).to_be_visible()
    assert complaints == []
    asking.confirm_address()
    karim = visitor("karim.benali")
    karim.sign_in()
    karim.open_task(new.full_name)
    look_at(karim.page)
    karim.approve()
    expect(karim.page.get_by_role("status")).to_contain_text("staat nu als medewerker bij ons")
    page.goto(f"{live.broker}/mijn-profiel")
    expect(page.get_by_role("main")).to_contain_text("Gemeente Genk")
