"""The Jeugdmonitor in a browser: the coordinator's way from start page to closed round, and the child's on a phone.

The child has no JavaScript; every page on both ways is looked at (axe, 390 and 1280, light and dark, the console, 320 pixels).
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import create_engine

from modules.jeugdmonitor.bank import BANK
from modules.jeugdmonitor.results.averages import MUNICIPALITIES
from tests.e2e.browser_visitor import BrowserVisitor
from tests.e2e.looked_at import console_of, look_at
from tests.modules.jeugdmonitor.towns import ONE, Towns
from tests.worlds.browser import Live

Visitor = Callable[..., BrowserVisitor]
NewContext = Callable[..., BrowserContext]
OPTIONS = "Een klimrek\nBomen en gras\nZitbanken"


@pytest.fixture
def lotte(live: Live, visitor: Visitor) -> BrowserVisitor:
    """Lotte Wouters, project coordinator of Gemeente Genk, with the overview of surveys before her."""
    coming = visitor("lotte.wouters")
    page = coming.page
    page.goto(f"{live.house.jeugdmonitor}/")
    look_at(page)
    page.get_by_role("link", name="Log in").click()
    coming.use_key()
    accept = page.get_by_role("button", name="Ik las het charter en ga akkoord")
    expect(accept.or_(page.get_by_role("heading", name="Uw bevragingen"))).to_be_visible()
    if accept.is_visible():  # once, at the first sign-in of all
        accept.click()
    expect(page.get_by_role("heading", name="Uw bevragingen")).to_be_visible()
    return coming


def test_a_survey_from_the_start_page_to_the_last_answer(
    live: Live, lotte: BrowserVisitor, new_context: NewContext
) -> None:
    page = lotte.page
    with console_of(page) as complaints:
        look_at(page)
        plan(page, "Wat vind jij van Genk?")
        add_own_question(page)
        page.get_by_role("button", name="Bewaar de vragen").click()
        look_at(page)
        preview(page)
        link = open_it(page)
        answered(new_context, link)
        close_it(page)
        for path in ("handleiding", "charter"):
            page.goto(f"{live.house.jeugdmonitor}/jeugdmonitor/{path}")
            look_at(page)
    assert complaints == []
    child = new_context(java_script_enabled=False).new_page()
    child.goto(link)
    expect(child.get_by_role("heading", name="Deze vragen zijn voorbij")).to_be_visible()


def test_a_survey_with_codes(lotte: BrowserVisitor, new_context: NewContext) -> None:
    page = lotte.page
    with console_of(page) as complaints:
        plan(page, "Met een code", codes=True)
        page.get_by_role("button", name="Bewaar de vragen").click()
        link = open_it(page)
        page.get_by_label("Hoeveel codes").fill("2")
        page.get_by_role("button", name="Maak codes om af te drukken").click()
        look_at(page)
        code = page.locator(".jm-codes li span").first.inner_text()
    assert complaints == []
    child = new_context(java_script_enabled=False).new_page()
    child.goto(link)
    child.get_by_role("button", name="Begin").click()
    expect(child.get_by_text("Deze code klopt niet")).to_be_visible()
    child.get_by_label("Jouw code").fill(code.upper())
    child.get_by_role("button", name="Begin").click()
    expect(child.get_by_text("Pagina 1 van")).to_be_visible()


def test_results_beside_the_survey_before_and_the_other_municipalities(live: Live, lotte: BrowserVisitor) -> None:
    """Charts, comparison, groups, file and paper; nothing that is too small."""
    surveyed(live)
    page = lotte.page
    with console_of(page) as complaints:
        page.goto(f"{live.house.jeugdmonitor}/jeugdmonitor/bevragingen")
        page.get_by_role("link", name="Spelen in Genk 2026", exact=True).click()
        page.get_by_role("link", name="Bekijk de resultaten").first.click()
        expect(page.get_by_role("heading", name="Resultaten")).to_be_visible()
        expect(page.get_by_text("Ongeveer 120 antwoorden.")).to_be_visible()
        expect(page.get_by_role("columnheader", name="Vorige bevraging")).to_be_visible()
        expect(page.get_by_role("columnheader", name="Andere gemeenten")).to_be_visible()
        expect(page.locator(".jm-bar").first).to_be_visible()
        look_at(page)
        for each in page.locator("details.jm-breakdown").all():
            each.locator("summary").click()
        look_at(page)
        table = lotte.take_along(page.get_by_role("link", name="Download als CSV")).decode("utf-8-sig")
        assert "40" in table
        assert lotte.take_along(page.get_by_role("link", name="Download als PDF")).startswith(b"%PDF")
    assert complaints == []


def surveyed(live: Live) -> None:
    """A closed round of Genk with the one before it, and five of other municipalities: as they stand after months of surveying."""
    with closing(sqlite3.connect(live.house.data / "broker.db")) as broker:
        [(genk,)] = broker.execute("SELECT code FROM organisations WHERE name = 'Gemeente Genk'").fetchall()
    engine = create_engine(f"sqlite:///{live.house.data / 'jeugdmonitor.db'}")
    towns, now = Towns(engine), datetime.now(UTC)
    first, second, third = (option.code for option in BANK[ONE].options)
    for number in range(MUNICIPALITIES):
        answers = {first: 20, second: 10, third: 10}
        towns.round(answers, organisation=f"999900000{number}", closed=now - timedelta(days=20))
    before = {first: 30, second: 30, third: 40}
    towns.round(before, organisation=genk, title="Spelen in Genk 2025", closed=now - timedelta(days=300))
    latest = {first: 48, second: 36, third: 36}
    towns.round(latest, organisation=genk, title="Spelen in Genk 2026", closed=now - timedelta(minutes=1))
    engine.dispose()


def plan(page: Page, title: str, *, codes: bool = False) -> None:
    """From the overview to the questions, by way of every mistake that a hurried coordinator makes."""
    page.get_by_role("link", name="Begin een bevraging").first.click()
    page.get_by_role("button", name="Bewaar en kies vragen").click()
    expect(page.get_by_role("alert")).to_contain_text("Geef de bevraging een titel.")
    look_at(page)
    page.get_by_label("Titel").fill(title)
    page.get_by_label("Van welke leeftijd").select_option("8")
    page.get_by_label("Tot en met welke leeftijd").select_option("14")
    today = page.evaluate("new Date().toLocaleDateString('sv-SE', {timeZone: 'Europe/Brussels'})")
    page.get_by_label("Eerste dag").fill(today)
    page.get_by_label("Alleen met een code").set_checked(codes)
    page.get_by_role("button", name="Bewaar en kies vragen").click()
    expect(page.get_by_role("heading", name="Kies de vragen")).to_be_visible()
    look_at(page)


def add_own_question(page: Page) -> None:
    """A question of the municipality itself, at first one that asks who a child is."""
    page.get_by_role("button", name="Bewaar en voeg een eigen vraag toe").click()
    page.get_by_label("De vraag").fill("In welke klas zit je?")
    page.get_by_label("Leefomgeving").check()
    page.get_by_label("Meer antwoorden kiezen").check()
    page.get_by_label("Antwoorden, elk op een regel").fill(OPTIONS)
    page.get_by_role("button", name="Bewaar de vraag").click()
    expect(page.get_by_text("Kan één kind hieraan te herkennen zijn?")).to_be_visible()
    look_at(page)
    page.get_by_label("De vraag").fill("Wat moet er op het nieuwe plein komen?")
    page.get_by_role("button", name="Bewaar de vraag").click()
    expect(page.get_by_text("Uw eigen vraag is bewaard.")).to_be_visible()


def preview(page: Page) -> None:
    """The form as children will see it, there and back."""
    page.get_by_role("link", name="Bekijk het voorbeeld").click()
    look_at(page)
    page.get_by_role("link", name="Verder").click()
    page.get_by_role("link", name="Terug naar de bevraging").click()


def open_it(page: Page) -> str:
    """Read, tick, open; returns the link of the respondents."""
    page.get_by_role("link", name="Open de bevraging…").click()
    page.get_by_role("button", name="Open de bevraging").click()
    look_at(page)
    page.get_by_label("Ik las deze punten en hou me eraan").check()
    page.get_by_label("Ik las het charter en hou me eraan").check()
    page.get_by_role("button", name="Open de bevraging").click()
    expect(page.get_by_text("Uw bevraging is open.")).to_be_visible()
    look_at(page)
    link = page.locator(".jm-link").inner_text()
    page.get_by_role("link", name="Open de affiche").click()
    expect(page.get_by_role("img", name="QR-code")).to_be_visible()
    look_at(page)
    page.get_by_role("link", name="Terug").click()
    return link


def answered(new_context: NewContext, link: str) -> None:
    """A child on a phone, without JavaScript: forth, back, forth, sent. Another looks at the same pages with axe."""
    child = new_context(java_script_enabled=False, viewport={"width": 390, "height": 844}).new_page()
    looker = new_context().new_page()
    for page in (child, looker):
        look = look_at if page is looker else lambda _page: None  # axe itself is JavaScript
        page.goto(link)
        look(page)
        page.get_by_role("button", name="Begin").click()
        look(page)
        page.get_by_label("Heel leuk", exact=True).check()
        page.get_by_label("Een klimrek").check()
        page.get_by_role("button", name="Verder").click()
        page.get_by_role("button", name="Terug").click()
        assert page.get_by_label("Heel leuk", exact=True).is_checked()
        assert page.get_by_label("Een klimrek").is_checked()
        done, on = page.get_by_role("heading", name="Klaar?"), page.get_by_role("button", name="Verder")
        expect(done.or_(on)).to_be_visible()
        while not done.is_visible():
            on.click()
            expect(done.or_(on)).to_be_visible()
        expect(page.get_by_text("Dat mag.")).to_be_visible()
        look(page)
        page.get_by_role("button", name="Verstuur mijn antwoorden").click()
        expect(page.get_by_role("heading", name="Dank je wel")).to_be_visible()
        look(page)
        page.goto(link)
        expect(page.get_by_role("heading", name="Dank je wel")).to_be_visible()


def close_it(page: Page) -> None:
    """From the invitation back to the round, and close it."""
    page.get_by_role("link", name="Wat vind jij van Genk?").click()
    expect(page.get_by_text("Er zijn nog te weinig antwoorden")).to_be_visible()
    look_at(page)
    page.get_by_role("link", name="Verzet de laatste dag").click()
    look_at(page)
    page.get_by_role("button", name="Bewaar").click()
    page.get_by_role("link", name="Sluit de bevraging…").click()
    look_at(page)
    page.get_by_role("button", name="Ja, sluit de bevraging").click()
    expect(page.get_by_text("De bevraging is gesloten.").first).to_be_visible()
    look_at(page)
