"""Every page of PlusMinMee and of a local account, looked at: axe at 390 and 1280, light and dark, the console, 320 pixels."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import BrowserContext, Page, expect

from modules.plusminmee.retention import today
from tests.e2e.cast import known, newcomer
from tests.e2e.http_visitor import HttpVisitor
from tests.e2e.looked_at import console_of, look_at
from tests.e2e.professional import PASSWORD, Professional, add_with_account, give_right_at
from tests.worlds.browser import Live

NewContext = Callable[..., BrowserContext]


def open_and_look(page: Page, address: str, status: int = 200) -> None:
    """Go there; it answers with `status`; it is in order."""
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == status, f"{address}: {answer.status}"
    look_at(page)


def press(page: Page, name: str) -> None:
    """The button with this word; where one stands above a form as well, the one under it."""
    page.get_by_role("button", name=name).last.click()


def look_at_errors(page: Page) -> None:
    """A form that came back: the summary has the focus."""
    expect(page.locator("#fouten")).to_be_visible()
    look_at(page)


def test_pages_of_a_local_account_to_the_first_page_of_the_tool(
    live: Live, new_context: NewContext, by_http: Callable[..., HttpVisitor]
) -> None:
    joost, bram = by_http("joost.vanrijn"), newcomer("Bram")
    joost.sign_in()
    address = add_with_account(joost, bram)
    who = Professional(live, new_context().new_page(), bram)
    page = who.page
    with console_of(page) as complaints:
        mailed = who.first_mail().link_to(live.broker, "/link/")
        open_and_look(page, mailed)
        press(page, "Bewaar het wachtwoord")
        look_at_errors(page)
        who.user_name = page.locator("input[name=username]").input_value()
        page.get_by_label("Nieuw wachtwoord").fill(PASSWORD)
        page.get_by_label("Nog een keer").fill(PASSWORD)
        press(page, "Bewaar het wachtwoord")
        expect(page.get_by_role("heading", name="Vul de code uit uw sms in")).to_be_visible()
        look_at(page)
        press(page, "Controleren")
        look_at_errors(page)
        who.type_code()
        expect(page.get_by_role("heading", name="U kunt inloggen")).to_be_visible()
        look_at(page)
        open_and_look(page, mailed, 410)
        give_right_at(joost, address)
        open_and_look(page, who.tool)
        page.get_by_role("link", name="Inloggen", exact=True).click()
        expect(page.get_by_role("heading", name="Inloggen")).to_be_visible()
        look_at(page)
        press(page, "Log In")
        look_at_errors(page)
        for path in ("aanmelden/account/vergeten", "aanmelden/account/vergeten/verstuurd"):
            open_and_look(page, f"{live.broker}/{path}")
        for document in ("voorwaarden", "gegevens"):
            open_and_look(page, f"{live.broker}/voorwaarden/plusminmee/{document}")
        who.log_in()
        expect(page.get_by_role("dialog", name="Wijzigingen")).to_be_visible()
        look_at(page)
        who.close_changes()
        look_at(page)
        open_and_look(page, f"{who.tool}/uitnodigingen")
        open_and_look(page, f"{live.broker}/mijn-profiel")
        open_and_look(page, f"{live.broker}/mijn-profiel/wachtwoord")
    assert complaints == []


def test_pages_of_the_tool(live: Live, new_context: NewContext) -> None:
    fatima = Professional(live, new_context().new_page(), known("fatima.haddad"))
    page = fatima.page
    fatima.enter_with_key()
    fatima.close_changes()
    with console_of(page) as complaints:
        for path in (
            "incidenten",
            "incidenten/nieuw",
            "zonder-beheerder",
            "profiel",
            "help",
            "incidenten",
            "incidenten/nieuw",
            "werkinstructies",
            "release-notes",
            "jeugdgroepen/nieuw",
            "jeugdgroepen/bewaartermijn",
        ):
            open_and_look(page, f"{fatima.tool}/{path}")
        page.goto(f"{fatima.tool}/profiel")
        page.get_by_role("link", name="Naar uw profiel bij Poortwachter").click()
        expect(page).to_have_url(f"{live.broker}/mijn-profiel")
        expect(page.get_by_role("heading", name="Mijn profiel")).to_be_visible()
        page.goto(f"{fatima.tool}/jeugdgroepen/nieuw")
        press(page, "Opslaan")
        look_at_errors(page)
        page.goto(f"{fatima.tool}/jeugdgroepen")
        fatima.make_group("Groep Winkelhof", "Winkelhof", today() + timedelta(days=200))
        fatima.invite("iemand@voorbeeld.test")
        look_at(page)
        group = page.url.rpartition("/")[0]
        look_at_empty_parts(page, group)
        fill(fatima, group)
        look_at_parts(page, group)
        look_at_forms(page, group)
        for path in ("jeugdgroepen", "logboek", "uitnodigingen"):
            open_and_look(page, f"{fatima.tool}/{path}")
        open_and_look(page, f"{group}/bestaat-niet", 404)
    assert complaints == []


def look_at_empty_parts(page: Page, group: str) -> None:
    """A group in which nothing is yet."""
    for part in ("methode", "jongeren", "interventies", "berichten", "voorstellen", "voorstellen/overleg"):
        open_and_look(page, f"{group}/{part}")


def fill(who: Professional, group: str) -> None:
    """A youngster, a proposal of each kind, an intervention, a message and a place."""
    page = who.page
    page.goto(f"{group}/jongeren")
    who.add_youngster("Ella Vos", kopstuk=True)
    page.goto(f"{group}/voorstellen")
    who.propose("Ella Vos", "een gesprek met de jongere", "Praten over de buurt.")
    page.goto(f"{group}/interventies")
    who.add_intervention("Ella Vos", "Thuisgesprek", today() + timedelta(days=7))
    page.goto(f"{group}/berichten")
    who.post("Rustige avond.", {"name": "verslag.txt", "mimeType": "text/plain", "buffer": b"Rustig."})
    page.goto(f"{group}/methode")
    page.get_by_label("Jongere", exact=True).select_option(index=1)
    page.get_by_role("radio", name="~ mee").check()
    press(page, "Bewaar de plaats")
    expect(page.get_by_text("De plaats is bewaard: ~ mee.")).to_be_visible()
    look_at(page)


def look_at_parts(page: Page, group: str) -> None:
    """Each list with something in it, and what its rows lead to."""
    yesterday = (today() - timedelta(days=1)).isoformat()
    for part in ("voorstellen/overleg", "logboek", "verlaten", "gegevens", f"methode?dag={yesterday}"):
        open_and_look(page, f"{group}/{part}")
    for part in ("jongeren", "interventies", "voorstellen"):
        open_and_look(page, f"{group}/{part}")
        page.locator("tr[data-open] a").first.click()
        expect(page.locator("tr[data-open]")).to_have_count(0)
        look_at(page)
    open_and_look(page, f"{group}/berichten")
    page.goto(f"{group}/professionals")
    page.get_by_role("link", name="Verwijderen…").click()
    expect(page.get_by_role("button", name="Ja, haal uit de groep")).to_be_visible()
    look_at(page)


def look_at_forms(page: Page, group: str) -> None:
    """Each form, empty and sent back, and those about one youngster."""
    for form in ("jongeren", "interventies", "berichten", "voorstellen"):
        open_and_look(page, f"{group}/{form}/nieuw")
        press(page, "Opslaan")
        look_at_errors(page)
    page.goto(f"{group}/jongeren")
    youngster = (page.locator("tr[data-open]").get_attribute("data-open") or "").rpartition("/")[2]
    of_method = f"{group}/methode/{youngster}"
    for path in (f"{of_method}/monitoren", f"{of_method}/verwijderen", f"{group}/jongeren/{youngster}/wijzigen"):
        open_and_look(page, path)
    page.goto(f"{of_method}/monitoren")
    press(page, "Zet op monitoren")
    look_at_errors(page)
    page.get_by_role("radio", name="1 maand").check()
    page.get_by_role("checkbox", name="Fatima Haddad").check()
    press(page, "Zet op monitoren")
    expect(page.get_by_text("staat op monitoren tot")).to_be_visible()
    look_at(page)
