"""Every page of the story, looked at: axe (WCAG 2.1 A and AA) at 390 and 1280, light and dark, the console, 320 pixels.

One house and one browser for all; what a page needs is brought about by HTTP. One test a kind of visitor.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from playwright.sync_api import Page, expect

from tests.e2e.browser_visitor import FIGURES, BrowserVisitor
from tests.e2e.cast import known, newcomer
from tests.e2e.http_visitor import SEARCH, HttpVisitor, form_of, give_right
from tests.e2e.links import EA_INVOERDER, LB_INVOERDER, LB_RAADPLEGER, LIES
from tests.e2e.looked_at import console_of, look_at
from tests.worlds.browser import Live

Visitor = Callable[..., BrowserVisitor]
ByHttp = Callable[..., HttpVisitor]
YEAR = 2024
WITHOUT_ADMINISTRATOR = replace(EA_INVOERDER, organisation="Gemeenschapscentrum Het Lage Land")
NOT_LISTED_KBO = "0999.200.463"


def open_and_look(page: Page, address: str, status: int = 200) -> None:
    """Go there; it answers with `status`; it is in order."""
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == status, f"{address}: {answer.status}"
    look_at(page)


def press(page: Page, name: str) -> None:
    """The button with this word."""
    page.get_by_role("button", name=name).click()


def test_pages_for_everybody(live: Live, visitor: Visitor) -> None:
    page = visitor(newcomer("Vera")).page
    with console_of(page) as complaints:
        for path in ("/", "/toepassingen/cultuurmonitor", "/privacy", "/toegankelijkheid", "/aanvraag", "/afmelden"):
            open_and_look(page, live.broker + path)
        open_and_look(page, f"{live.broker}/afgemeld")
        open_and_look(page, f"{live.broker}/link/niet-gevraagd")
        open_and_look(page, f"{live.broker}/deze/pagina/bestaat/niet", 404)
        open_and_look(page, f"{live.broker}/link/dit-is-geen-link", 404)
        page.goto(f"{live.broker}/aanvraag")
        press(page, "Mail mij een nieuwe link")
        expect(page.locator("#fouten")).to_be_focused()
        look_at(page)
    assert complaints == []


def test_pages_of_signing_in(live: Live, visitor: Visitor) -> None:
    page = visitor(newcomer("Vera")).page
    stopped = f"{live.broker}/aanmelden/gestopt?sleutel=itsme&code=0a1b2c3d&toepassing=cultuurmonitor&reden="
    with console_of(page) as complaints:
        open_and_look(page, f"{live.broker}/aanmelden?verder=/taken&toepassing=cultuurmonitor")
        for reason, status in (
            ("cancelled", 200),
            ("provider_down", 503),
            ("provider_answer_refused", 400),
            ("attempt_over", 400),
            ("level_not_reached", 403),
            ("doubted", 403),
            ("identity_conflict", 409),
        ):
            open_and_look(page, stopped + reason, status)
        open_and_look(page, f"{live.digital_keys}/")
        page.goto(f"{live.broker}/aanmelden?verder=/taken")
        page.get_by_role("button", name=re.compile("met itsme")).click()
        expect(page.get_by_role("heading", name="Aanmelden met itsme")).to_be_visible()
        look_at(page)
        page.get_by_role("radio", name="Iemand anders").check()
        press(page, "Meld aan")
        expect(page.get_by_role("alert")).to_be_visible()
        look_at(page)
        press(page, "Annuleer")
        expect(page.get_by_role("heading", name="U stopte met aanmelden")).to_be_visible()
    assert complaints == []


def test_the_form_without_a_key_from_empty_to_confirmed(live: Live, visitor: Visitor) -> None:
    asker = visitor(newcomer("Fatima"))
    page = asker.page
    with console_of(page) as complaints:
        for query, status in (
            ("dg=LB&ec=CJM_Cultuurmonitor_EA_CompEnt_Invoerder", 400),
            ("dg=LB&ec=bestaat_niet", 404),
            ("dg=LB&an=cultuurmonitor", 200),
        ):
            open_and_look(page, f"{live.broker}/user/aanvraag?{query}", status)
        open_and_look(page, live.broker + LB_RAADPLEGER.path)
        page.get_by_role("link", name="Verder zonder digitale sleutel").click()
        expect(page.get_by_label("Rijksregisternummer")).to_be_visible()
        look_at(page)
        press(page, "Verder naar nakijken")
        expect(page.locator("#fouten")).to_be_focused()
        assert page.title().startswith("Fout:")
        look_at(page)
        page.get_by_label("Voornaam").fill(asker.who.given_name)
        page.get_by_label("Familienaam").fill(asker.who.family_name)
        page.get_by_label("Rijksregisternummer").fill(asker.who.number)
        page.get_by_label("Voor welke organisatie werkt u?").fill("Bestaat helemaal niet")
        press(page, "Zoek")
        expect(page.get_by_text("Niets gevonden")).to_be_visible()
        look_at(page)
        asker.fill_in("Gemeente Genk", search="gen")
        look_at(page)
        press(page, "Verder naar nakijken")
        expect(page.get_by_role("heading", name="Controleer en bevestig")).to_be_visible()
        look_at(page)
        press(page, "Bevestig en verstuur")
        expect(page.get_by_role("heading", name="Kijk in uw mailbox")).to_be_visible()
        look_at(page)
        mailed = asker.first_mail().link_to(live.broker, "/link/")
        page.goto(mailed)
        expect(page.get_by_role("heading", name="Bevestig uw e-mailadres")).to_be_visible()
        look_at(page)
        press(page, "Ja, dit adres is van mij")
        expect(page.get_by_role("heading", name="Waar staat uw aanvraag?")).to_be_visible()
        look_at(page)
        open_and_look(page, mailed, 410)
    assert complaints == []


def test_pages_of_somebody_who_asks(live: Live, visitor: Visitor, by_http: ByHttp, in_browser: Visitor) -> None:
    asker = by_http(newcomer("Sara"))
    number = asker.ask(LB_INVOERDER, message="Ik vervang mijn collega.")
    page = in_browser(asker).page
    with console_of(page) as complaints:
        open_and_look(page, live.broker + LB_INVOERDER.path)
        open_and_look(page, f"{live.broker}/user/aanvraag?dg=EA&ec={EA_INVOERDER.code}")
        press(page, "Mijn organisatie staat niet in de lijst")
        expect(page.get_by_label("KBO-nummer")).to_be_visible()
        look_at(page)
        press(page, "Verder naar nakijken")
        expect(page.locator("#fouten")).to_be_focused()
        look_at(page)
        open_and_look(page, f"{live.broker}/")
        open_and_look(page, f"{live.broker}/mijn-aanvragen")
        open_and_look(page, f"{live.broker}/taken")
        open_and_look(page, f"{live.broker}/aanvraag/{number}")
        open_and_look(page, f"{live.broker}/aanvraag/{number}/intrekken")
        open_and_look(page, f"{live.cultuurmonitor}/cultuurmonitor/centra")
        expect(page.get_by_role("heading", name="U hebt nog geen recht")).to_be_visible()
        page.goto(f"{live.broker}/aanvraag/{number}/intrekken")
        press(page, "Ja, trek de aanvraag in")
        expect(page.get_by_text("Uw aanvraag is ingetrokken.")).to_be_visible()
        look_at(page)
        open_and_look(page, f"{live.broker}/afmelden")
    assert complaints == []

    tom = by_http("tom.bogaert")
    tom.sign_in()
    page = in_browser(tom).page
    with console_of(page) as complaints:
        for link, heading in ((LB_RAADPLEGER, "U hebt dit recht al"), (LB_INVOERDER, "U bent al")):
            answer = tom.submit(tom.get(link.path), tom.answers("Gemeente Genk"), press=SEARCH)
            assert form_of(answer, "/user/aanvraag")
            page.goto(live.broker + link.path)
            visiting = BrowserVisitor(live, page, tom.who)
            visiting.fill_in("Gemeente Genk")
            press(page, "Verder naar nakijken")
            expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
            look_at(page)
    assert complaints == []


def test_pages_of_who_decides(live: Live, visitor: Visitor, by_http: ByHttp, in_browser: Visitor) -> None:
    waiting = [by_http(newcomer(name)) for name in ("An", "Bert", "Cas", "Dirk")]
    numbers = [each.ask(LB_INVOERDER) for each in waiting]
    an, bert, cas, dirk = (each.who.full_name for each in waiting)
    karim = by_http("karim.benali")
    karim.sign_in()
    page = in_browser(karim).page
    tasks = f"{live.broker}/taken"
    with console_of(page) as complaints:
        open_and_look(page, tasks)
        open_and_look(page, f"{tasks}?lijst=van-mij")
        open_and_look(page, f"{tasks}?zoek=niemand+heet+zo")
        task = karim.task_about(an)
        open_and_look(page, live.broker + task)
        press(page, "Bevestig uw beslissing")
        expect(page.locator("#fouten")).to_be_focused()
        look_at(page)
        page.get_by_role("radio", name="Afkeuren").check()
        look_at(page)

        # Somebody else was first: 409, with who and when.
        ilse = by_http("ilse.maes")
        ilse.sign_in()
        page.get_by_role("radio", name="Goedkeuren").check()
        ilse.decide(task)
        press(page, "Bevestig uw beslissing")
        expect(page.get_by_role("alert")).to_contain_text("Ilse Maes")
        look_at(page)
        open_and_look(page, f"{tasks}?lijst=beslist")

        # Several at once: are you sure, a reason is missing, done.
        page.goto(tasks)
        for name in (bert, cas):
            page.get_by_role("checkbox", name=f"Kies {name}").check()
        expect(page.locator(".pw-bulk__words")).to_have_text("2 vragen gekozen")
        press(page, "Afkeuren…")
        expect(page.get_by_role("heading", level=1)).to_contain_text("afkeuren?")
        look_at(page)
        page.get_by_role("button", name=re.compile("Keur 2 vragen af")).click()
        expect(page.locator("#fouten")).to_be_focused()
        look_at(page)
        page.get_by_label("Waarom keurt u af?").fill("Deze mensen werken elders.")
        page.get_by_role("button", name=re.compile("Keur 2 vragen af")).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("2 vragen zijn afgekeurd")
        look_at(page)
        page.goto(tasks)
        page.get_by_role("checkbox", name=f"Kies {dirk}").check()
        press(page, "Goedkeuren…")
        expect(page.get_by_role("heading", level=1)).to_contain_text("goedkeuren?")
        look_at(page)
        page.get_by_role("button", name=re.compile("Keur deze vraag goed")).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("1 vraag is goedgekeurd")
    assert complaints == []

    for asked, place in ((waiting[0], 0), (waiting[1], 1)):  # what became of it, for who asked: a right, a refusal
        page = in_browser(asked).page
        with console_of(page) as complaints:
            open_and_look(page, f"{live.broker}/aanvraag/{numbers[place]}")
            if place == 0:
                open_and_look(page, f"{live.broker}/aanvraag/{numbers[place]}/teruggeven")
        assert complaints == []


def test_pages_of_the_officer(live: Live, visitor: Visitor, by_http: ByHttp, in_browser: Visitor) -> None:
    asker, lies = by_http(newcomer("Elif")), by_http(LIES)
    number = asker.ask(WITHOUT_ADMINISTRATOR)
    lies.sign_in()
    page, asking = in_browser(lies).page, in_browser(asker).page
    head = newcomer("Hilde")
    with console_of(page) as complaints, console_of(asking) as complaints_of_asker:
        open_and_look(asking, f"{live.broker}/aanvraag/{number}")
        open_and_look(page, f"{live.broker}/taken")
        open_and_look(page, live.broker + lies.task_about(asker.who.full_name))
        open_and_look(page, f"{live.broker}/verantwoordelijke?zoek=kaai")
        row = page.get_by_role("row").filter(has_text=WITHOUT_ADMINISTRATOR.organisation)
        row.get_by_role("link", name="Stel een beheerder aan").click()
        expect(page.get_by_label("Familienaam")).to_be_visible()
        look_at(page)
        press(page, "Stel aan")
        expect(page.locator("#fouten")).to_be_focused()
        look_at(page)
        page.get_by_label("Voornaam").fill(head.given_name)
        page.get_by_label("Familienaam").fill(head.family_name)
        page.get_by_label("Rijksregisternummer").fill(head.number)
        page.get_by_label("E-mailadres op het werk").fill(head.email)
        page.get_by_label("Waarop baseert u zich?").fill("Brief van de directeur van 16 november 2026.")
        press(page, "Stel aan")
        expect(page.get_by_role("heading", level=1)).to_contain_text("is aangesteld")
        look_at(page)

        # The one appointed signs in for the first time, and decides; then the label is up.
        new_head = by_http(head)
        new_head.sign_in()
        new_head.decide(new_head.task_about(asker.who.full_name))
        open_and_look(asking, f"{live.broker}/aanvraag/{number}")
        expect(asking.locator("aside")).to_contain_text("label")
        open_and_look(asking, f"{live.cultuurmonitor}/cultuurmonitor/centra")
        open_and_look(page, live.broker + lies.task_about(WITHOUT_ADMINISTRATOR.organisation))
        lies.decide(lies.task_about(WITHOUT_ADMINISTRATOR.organisation), "Dit centrum is gestopt met zijn werking.")
        open_and_look(asking, f"{live.broker}/aanvraag/{number}")
        expect(asking.locator("main")).to_contain_text("Dit centrum is gestopt met zijn werking.")

        # An organisation that is not in the list yet.
        proposer = visitor(newcomer("Gust"))
        proposer.open_link(EA_INVOERDER.path)
        proposing = proposer.page
        press(proposing, "Mijn organisatie staat niet in de lijst")
        proposing.get_by_label("E-mailadres op het werk").fill(proposer.who.email)
        proposing.get_by_label("KBO-nummer").fill(NOT_LISTED_KBO)
        proposing.get_by_label("Naam van de organisatie").fill("Kunstencentrum De Nachtwacht")
        proposing.get_by_label("Adres", exact=True).fill("Kade 1, 9000 Gent")
        proposing.get_by_label("Wie mag de organisatie vertegenwoordigen?").fill("De directeur")
        proposing.get_by_label("Voor welk cultuur- of gemeenschapscentrum?").fill("De Nachtwacht")
        press(proposing, "Verder naar nakijken")
        expect(proposing.get_by_role("heading", name="Controleer en bevestig")).to_be_visible()
        look_at(proposing)
        press(proposing, "Bevestig en verstuur")
        proposer.confirm_address()
        look_at(proposing)
        open_and_look(page, live.broker + lies.task_about("Kunstencentrum De Nachtwacht"))
    assert complaints == []
    assert complaints_of_asker == []


def test_pages_of_the_cultuurmonitor(live: Live, visitor: Visitor, by_http: ByHttp, in_browser: Visitor) -> None:
    nora = in_browser(give_right(live, newcomer("Nora"), LB_INVOERDER))
    page = nora.page
    with console_of(page) as complaints:
        open_and_look(page, f"{live.cultuurmonitor}/cultuurmonitor")
        open_and_look(page, f"{live.cultuurmonitor}/cultuurmonitor/bestaat-niet", 404)
        nora.enter_module()
        look_at(page)
        page.get_by_role("link", name="Voeg een centrum toe").click()
        press(page, "Voeg toe")
        expect(page.locator("#fouten")).to_be_focused()
        look_at(page)
        page.goto(f"{live.cultuurmonitor}/cultuurmonitor/centra")
        nora.add_centre("De Loods")
        look_at(page)
        centre = page.url
        open_and_look(page, f"{centre}/{YEAR}/invullen")
        page.locator("[name=visitors_total]").fill("veel")
        press(page, "Bewaar en kijk na")
        expect(page.locator("#fouten")).to_be_focused()
        look_at(page)
        page.goto(centre)
        nora.fill_in_figures(YEAR, {**FIGURES, "tickets_total": "1"})
        look_at(page)

        # A colleague saves in between: both are shown, nothing is lost.
        page.goto(f"{centre}/{YEAR}/invullen")
        colleague = in_browser(give_right(live, newcomer("Otto"), LB_INVOERDER))
        colleague.enter_module()
        colleague.page.goto(f"{centre}/{YEAR}/invullen")
        colleague.page.locator("[name=tickets_total]").fill(FIGURES["tickets_total"])
        press(colleague.page, "Bewaar en kijk na")
        expect(colleague.page.get_by_role("heading", name="Waar staat het?")).to_be_visible()
        page.locator("[name=visitors_total]").fill("12.600")
        press(page, "Bewaar en kijk na")
        expect(page.get_by_role("heading", name="Iemand wijzigde deze cijfers ook")).to_be_visible()
        look_at(page)
        page.goto(f"{centre}/{YEAR}")
        press(page, "Dien de cijfers in")
        expect(page.locator("main")).to_contain_text("diende in op")
        look_at(page)
        open_and_look(page, f"{centre}/{YEAR}/heropenen")
        page.goto(centre)
        nora.fill_in_figures(YEAR - 1, {"visitors_total": "11.900"})
        open_and_look(page, centre)
        open_and_look(page, f"{centre}/stopzetten")
        open_and_look(page, f"{centre}/wijzigen")
        open_and_look(page, f"{live.cultuurmonitor}/cultuurmonitor/centra")
        page.get_by_role("link", name="Vergelijk de jaren").click()
        expect(page.get_by_role("img")).to_be_visible()
        look_at(page)
    assert complaints == []

    reader = BrowserVisitor(live, visitor(known("tom.bogaert")).page, known("tom.bogaert"))
    with console_of(reader.page) as complaints:
        reader.enter_module()
        look_at(reader.page)
        open_and_look(reader.page, f"{centre}/{YEAR}")
        open_and_look(reader.page, f"{centre}/{YEAR - 1}")
        open_and_look(reader.page, f"{centre}/{YEAR}/invullen", 403)
    assert complaints == []


def test_pages_to_try_it_out(live: Live, visitor: Visitor, by_http: ByHttp) -> None:
    asker = by_http(newcomer("Paul"))
    asker.ask(LB_RAADPLEGER)
    page = visitor(newcomer("Vera")).page
    with console_of(page) as complaints:
        open_and_look(page, f"{live.start_page}/")
        open_and_look(page, f"{live.start_page}/postvak")
        open_and_look(page, f"{live.start_page}/postvak?zoek=niemand-heet-zo")
        open_and_look(page, f"{live.start_page}/postvak?zoek={asker.who.email}")
        page.get_by_role("link", name="Uw aanvraag is bezorgd").click()
        expect(page.get_by_role("heading", name="Als gewone tekst")).to_be_visible()
        look_at(page)
    assert complaints == []


def test_too_much_to_send_gets_a_page(live: Live, visitor: Visitor) -> None:
    """SR8: five megabytes are refused with a page that says so, and the browser reads it."""
    page = visitor(newcomer("Vera")).page
    page.goto(f"{live.broker}{LB_RAADPLEGER.path}&wie=getypt")
    with console_of(page) as complaints:
        page.get_by_label("Bericht aan de beheerder").evaluate("(box) => { box.value = 'x'.repeat(5 * 1024 * 1024); }")
        press(page, "Verder naar nakijken")
        expect(page.get_by_role("heading", name="Dit is te veel om te versturen")).to_be_visible()
        look_at(page)
    assert complaints == []
    page.go_back()
    expect(page.get_by_role("heading", name="Toegang vragen")).to_be_visible()
