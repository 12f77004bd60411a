"""The yearly check of who still needs a right, and a merger, in a browser, looked at by axe."""

import re
import subprocess
from collections.abc import Callable

from playwright.sync_api import expect

from modules.tryout.demo_secrets import demo_secrets
from modules.tryout.house import REPOSITORY
from modules.tryout.programs import broker_environment, poortwachter
from tests.e2e.browser_visitor import BrowserVisitor
from tests.e2e.looked_at import console_of, look_at
from tests.worlds.browser import Live

Visitor = Callable[..., BrowserVisitor]
APPLICATION = "jeugdmonitor"  # its one right at Genk is that of somebody in no other story


def open_campaigns(live: Live) -> None:
    """As an operator does."""
    subprocess.run(
        poortwachter("campaigns", "open", APPLICATION),
        cwd=REPOSITORY,
        env=broker_environment(live.house, demo_secrets(live.house.data)),
        check=True,
        capture_output=True,
        timeout=120,
    )


def test_an_administrator_confirms_and_the_owner_sees_how_far_it_is(live: Live, visitor: Visitor) -> None:
    open_campaigns(live)
    ilse = visitor("ilse.maes")
    page = ilse.page
    with console_of(page) as complaints:
        page.goto(ilse.mail_about("bevestig").link_to(live.broker))
        ilse.use_key()
        expect(page.get_by_role("row").filter(has_text="Lotte Wouters")).to_contain_text("DCJM Jeugdmonitor")
        look_at(page)
        page.get_by_role("button", name="Stop alles…").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("stoppen?")
        look_at(page)
        page.get_by_role("link", name="Nee, ga terug").click()
        page.get_by_role("button", name=re.compile("Behouden.*Lotte Wouters")).click()
        expect(page.get_by_role("status")).to_contain_text("1 recht is bevestigd.")
        look_at(page)
        page.get_by_role("link", name=re.compile("^Alles")).first.click()
        expect(page.get_by_role("row").filter(has_text="Lotte Wouters")).to_contain_text("door Ilse Maes")
        look_at(page)
        page.goto(f"{live.broker}/nazicht")
        look_at(page)
    assert complaints == []
    lut = visitor("lut.verbeke")
    page = lut.page
    with console_of(page) as complaints:
        lut.sign_in("/nazicht/voortgang")
        expect(page.get_by_role("row").filter(has_text="Jeugdmonitor")).to_be_visible()
        look_at(page)
        page.get_by_role("link", name=re.compile("Per organisatie.*Jeugdmonitor")).click()
        # Another story may have given a right there meanwhile, which nobody confirmed.
        genk = page.get_by_role("row").filter(has_text="Gemeente Genk")
        expect(genk).to_contain_text(re.compile(r"Alles bevestigd|1 van \d"))
        look_at(page)
        page.goto(f"{live.broker}/nazicht/wederzijds")
        look_at(page)
    assert complaints == []


def test_an_officer_lets_one_organisation_go_up_in_another(live: Live, visitor: Visitor) -> None:
    marc = visitor("marc.claes")
    page = marc.page
    with console_of(page) as complaints:
        marc.sign_in("/verantwoordelijke/fusie")
        look_at(page)
        page.get_by_label("Welke organisaties gaan op?").fill("Gemeente Lint")
        page.get_by_label("Welke organisatie gaat verder?").fill("Nergens")
        page.get_by_role("button", name="Bekijk wat er gebeurt").click()
        expect(page.get_by_role("alert")).to_contain_text("Nergens")
        look_at(page)
        page.get_by_label("Welke organisatie gaat verder?").fill("Gemeente Kontich")
        page.get_by_role("button", name="Bekijk wat er gebeurt").click()
        expect(page.get_by_role("heading", name="Gemeente Lint gaat op in Gemeente Kontich")).to_be_visible()
        look_at(page)
        page.get_by_label("Nummer van de beslissing").fill("BVR-2026/114")
        page.get_by_role("button", name="Voer de fusie uit").click()
        expect(page.get_by_role("heading", name="De fusie is uitgevoerd")).to_be_visible()
        look_at(page)
    assert complaints == []
