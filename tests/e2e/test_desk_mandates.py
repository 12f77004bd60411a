"""Administrators appoint, stand in for each other and stop, and the officer watches over it; in a browser, looked at by axe."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.browser_visitor import BrowserVisitor
from tests.e2e.looked_at import console_of, look_at

Visitor = Callable[..., BrowserVisitor]


def _search(page: Page, words: str, name: str) -> None:
    page.get_by_label("Zoek een collega").fill(words)
    page.get_by_role("button", name="Zoek", exact=True).click()
    look_at(page)
    page.get_by_role("radio", name=name).check()


def test_a_deputy_is_chosen_decides_and_stops(visitor: Visitor) -> None:
    """AP1: from "Afwezig of stoppen…" to the tasks of the deputy, and back."""
    ilse, tom = visitor("ilse.maes"), visitor("tom.bogaert")
    page = ilse.page
    with console_of(page) as complaints:
        ilse.sign_in("/beheerders")
        look_at(page)
        page.get_by_role("link", name=re.compile("Afwezig of stoppen")).click()
        look_at(page)
        _search(page, "bogaert", "Tom Bogaert")
        page.get_by_label("Tot en met welke dag?").fill(page.get_by_label("Vanaf welke dag?").input_value())
        page.get_by_role("button", name="Laat deze collega mij vervangen").click()
        expect(page.get_by_role("status")).to_contain_text("U hebt een plaatsvervanger.")
        look_at(page)
    assert complaints == []
    page = tom.page
    with console_of(page) as complaints:
        tom.sign_in("/taken")
        expect(page.get_by_text("U vervangt Ilse Maes bij Gemeente Genk")).to_be_visible()
        look_at(page)
        page.get_by_role("button", name=re.compile("Stop met vervangen")).click()
        expect(page.get_by_role("status")).to_contain_text("De plaatsvervanging is gestopt.")
    assert complaints == []


def test_a_head_appoints_and_ends_an_appointment(visitor: Visitor) -> None:
    karim = visitor("karim.benali")
    page = karim.page
    with console_of(page) as complaints:
        karim.sign_in("/beheerders")
        page.get_by_role("link", name=re.compile("Stel een beheerder aan")).click()
        look_at(page)
        _search(page, "wouters", "Lotte Wouters")
        page.get_by_role("button", name="Stel aan").click()
        expect(page.get_by_role("status")).to_contain_text("Lotte Wouters is nu lokale beheerder.")
        look_at(page)
        page.get_by_role("link", name="Lotte Wouters", exact=True).click()
        look_at(page)
        page.get_by_role("button", name="Beëindig de aanstelling").click()
        expect(page.get_by_role("status")).to_contain_text("De aanstelling is beëindigd.")
        page.goto(f"{karim.live.broker}/beheerders")
        page.get_by_role("link", name=re.compile("Afwezig of stoppen")).click()
        page.get_by_role("button", name="Stop als beheerder").click()
        expect(page.get_by_role("alert")).to_contain_text("Kies wie u opvolgt.")
        look_at(page)
    assert complaints == []


def test_what_an_officer_watches_over(visitor: Visitor) -> None:
    lies = visitor("lies.dewolf")
    page = lies.page
    with console_of(page) as complaints:
        lies.sign_in("/verantwoordelijke")
        look_at(page)
        for name, heading in (
            ("Zonder beheerder", "Organisaties zonder beheerder"),
            ("Aanstellingen", "Aanstellingen"),
            ("Labels", "Labels"),
        ):
            page.get_by_role("link", name=name, exact=True).click()
            expect(page.get_by_role("heading", name=heading, exact=True, level=1)).to_be_visible()
            look_at(page)
            if page.get_by_role("link", name=re.compile("^Bekijk")).count():
                page.get_by_role("link", name=re.compile("^Bekijk")).first.click()
                look_at(page)
                page.go_back()
    assert complaints == []
