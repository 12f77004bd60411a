"""The story of a Brussels municipality, in a browser: approved, waiting for the label, and begun by itself."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.browser_visitor import FIGURES, BrowserVisitor
from tests.e2e.links import BRUSSELS_INVOERDER, LIES
from tests.worlds.browser import Live

YEAR = 2025
LABEL = "Cultuurmonitor Afnemer"


def test_the_right_waits_for_the_label_and_begins_by_itself(live: Live, visitor: Callable[..., BrowserVisitor]) -> None:
    amina = visitor("amina.ouali")
    amina.ask(BRUSSELS_INVOERDER.path, "Gemeente Etterbeek", "De Maalbeek")
    followed = amina.page.url

    jan = visitor("jan.peeters")
    jan.sign_in()
    jan.open_task("Amina Ouali")
    expect(jan.page.locator("main")).to_contain_text("Het recht begint zodra Gemeente Etterbeek het label heeft.")
    jan.approve()
    expect(jan.page.get_by_role("status")).to_contain_text("label")

    # It waits, and everybody can see for whom: the applicant on her page, in her mail, and at the door of the module.
    amina.page.goto(followed)
    arch, here = amina.page.locator("aside"), amina.page.locator("[aria-current=step]")
    expect(arch).to_contain_text("label")
    expect(arch).to_contain_text("doelgroepverantwoordelijke")
    expect(arch).not_to_contain_text("Lies")
    expect(here).to_contain_text(LABEL)
    assert LABEL in amina.mail_about("label").text
    amina.enter_module()
    expect(amina.page.get_by_role("heading", name="U hebt nog geen recht")).to_be_visible()
    expect(amina.page.locator("main")).to_contain_text("label")
    expect(amina.page.get_by_role("link", name="Volg uw aanvraag")).to_be_visible()

    # Jan approves the right, not the label; Lies does, once for the whole organisation.
    jan.page.goto(f"{live.broker}/taken")
    expect(jan.page.locator("main")).not_to_contain_text(LABEL)
    lies = visitor(LIES)
    lies.sign_in()
    lies.open_task("Gemeente Etterbeek")
    expect(lies.page.locator("main")).to_contain_text("Amina Ouali")
    lies.approve()
    expect(lies.page.get_by_role("status")).to_contain_text("Gemeente Etterbeek")

    amina.page.goto(followed)
    expect(arch).to_contain_text("U hebt toegang")
    started = amina.mail_about("loopt vanaf nu").link_to(live.cultuurmonitor)

    amina.enter_module(started)
    expect(amina.page.get_by_role("banner")).to_contain_text("Gemeente Etterbeek")
    amina.add_centre("De Maalbeek")
    amina.fill_in_figures(YEAR, FIGURES)
    amina.page.get_by_role("button", name="Dien de cijfers in").click()
    expect(amina.page.locator("main")).to_contain_text("Amina Ouali diende in op")

    # Another organisation does not see it.
    tom = visitor("tom.bogaert")
    tom.enter_module()
    expect(tom.page.get_by_role("heading", name="Uw centra")).to_be_visible()
    expect(tom.page.locator("main")).not_to_contain_text("De Maalbeek")
    amina_at = amina.page.url
    there = tom.page.goto(amina_at)
    assert there is not None
    assert there.status == 404
