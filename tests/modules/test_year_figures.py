"""Entering, submitting, comparing and downloading the figures of a year."""

import csv
import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from modules.cultuurmonitor.errors import ChangedMeanwhileError
from modules.cultuurmonitor.figures import FIGURES, write_number
from modules.cultuurmonitor.model import Centre, FigureEvent, YearFigures
from modules.cultuurmonitor.save_figures import save_figures
from modules.cultuurmonitor.submit_figures import submit_figures
from modules.kit import SignedIn
from modules.kit.database import Database
from modules.kit.spreadsheet import safe_cell
from tests.modules.conftest import Browser
from tests.modules.fake_broker import ILSE, NELE, ORG, RAADPLEGER, FakeBroker, person
from tests.modules.test_centres import add
from tests.modules.test_figures import IN_ORDER

TYPED = {code: write_number(FIGURES[code], amount) for code, amount in IN_ORDER.items()}


def fill_in(browser: Browser, address: str, **changes: str) -> str:
    """Open the form, fill it in, save; the answer as text."""
    version = version_of(browser.get(f"{address}/invullen").text)
    return browser.post(f"{address}/invullen", {**TYPED, "version": version, **changes}).text


def submit(browser: Browser, address: str) -> str:
    """Submit what the page shows; the answer as text."""
    version = version_of(browser.get(address).text)
    return browser.post(f"{address}/indienen", {"version": version}).text


def version_of(text: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', text)
    assert found, text
    return found[1]


@pytest.fixture
def year(browser_of_nele: Browser) -> str:
    """The address of the figures over 2025 of a centre of Gemeente Genk."""
    return add(browser_of_nele) + "/2025"


def test_the_first_year_is_explained(browser_of_nele: Browser, year: str) -> None:
    page = browser_of_nele.get(year.removesuffix("/2025"))
    assert "Nog geen cijfers van dit centrum" in page.text
    assert "nu gevraagd" in page.text
    assert "Nog niets ingevuld over 2025" in browser_of_nele.get(year).text


def test_figures_go_from_draft_to_submitted_and_a_raadpleger_reads_them_then(
    browser_of_nele: Browser, new_browser: Callable[[], Browser], year: str
) -> None:
    reader = new_browser()
    reader.sign_in(person(ILSE, RAADPLEGER))
    saved = fill_in(browser_of_nele, year)
    assert "bewaard als concept" in saved
    assert "Dien de cijfers in" in saved
    assert "4.000" in saved
    hidden = reader.get(year)
    assert "nog niet ingediend" in hidden.text
    assert "4.000" not in hidden.text
    assert "zijn ingediend" in submit(browser_of_nele, year)
    shown = reader.get(year)
    assert "€\u00a0141.000,50" in shown.text
    assert "Nele Vercauteren diende in" in shown.text
    assert "Heropen" not in shown.text


def test_half_a_form_is_kept_and_what_lacks_is_named(browser_of_nele: Browser, year: str) -> None:
    page = fill_in(browser_of_nele, year, hirings_total="", staff_total="7")
    assert "Nog 2 dingen in orde te brengen" in page
    assert "Alle verhuringen: nog niet ingevuld" in page
    assert "u vulde 7 VTE in, maar de delen samen zijn 6,5 VTE" in page
    assert "Dien de cijfers in" not in page
    refused = browser_of_nele.post(f"{year}/indienen", {"version": "1"})
    assert refused.status_code == 422
    assert "Concept" in refused.text


def test_every_mistake_is_told_at_its_field_and_above_and_all_that_was_typed_stays(
    browser_of_nele: Browser, year: str
) -> None:
    browser_of_nele.get(f"{year}/invullen")
    wrong = {"visitors_total": "veel volk", "income_own": "-5", "staff_total": "6.5"}
    page = browser_of_nele.post(f"{year}/invullen", {**TYPED, **wrong, "version": "0", "remark": "Zaal dicht in mei."})
    assert page.status_code == 422
    assert "<title>Fout:" in page.text
    assert "Nog 3 dingen in orde te brengen" in page.text
    for code, typed in {**TYPED, **wrong}.items():
        assert re.search(rf'id="{code}"[^>]* value="{re.escape(typed)}"', page.text), code
    assert "Zaal dicht in mei." in page.text
    assert page.text.count("Bezoekers: vul een heel getal in") == 2
    assert 'href="#visitors_total"' in page.text
    assert 'aria-describedby="visitors_total-fout"' in page.text
    assert "Nog niets ingevuld" in browser_of_nele.get(year).text


def test_two_who_edit_at_once_both_see_what_the_other_did(
    browser_of_nele: Browser, new_browser: Callable[[], Browser], year: str
) -> None:
    fill_in(browser_of_nele, year)
    ilse = new_browser()
    ilse.sign_in(person(ILSE))
    version = version_of(ilse.get(f"{year}/invullen").text)
    fill_in(browser_of_nele, year, visitors_total="4.100")
    page = ilse.post(
        f"{year}/invullen", {**TYPED, "version": version, "visitors_total": "4.200", "remark": "Van Ilse."}
    )
    assert page.status_code == 409
    assert "Nele Vercauteren bewaarde andere cijfers" in page.text
    assert "4.100" in page.text
    assert 'value="4.200"' in page.text
    assert "Van Ilse." in page.text
    again = ilse.post(f"{year}/invullen", {**TYPED, "version": version_of(page.text), "visitors_total": "4.200"})
    assert again.status_code == 200
    assert "4.200" in again.text


def test_the_same_form_sent_twice_is_saved_once(browser_of_nele: Browser, year: str, monitor: Flask) -> None:
    browser_of_nele.get(f"{year}/invullen")
    for _click in range(2):
        assert browser_of_nele.post(f"{year}/invullen", {**TYPED, "version": "0"}).status_code == 200
    with monitor.extensions["kit_database"].engine.connect() as connection:
        assert len(connection.execute(select(FigureEvent.__table__)).all()) == 1


def test_who_saves_after_a_colleague_submitted_is_told_and_keeps_what_was_typed(
    browser_of_nele: Browser, new_browser: Callable[[], Browser], year: str
) -> None:
    fill_in(browser_of_nele, year)
    ilse = new_browser()
    ilse.sign_in(person(ILSE))
    version = version_of(ilse.get(f"{year}/invullen").text)
    submit(browser_of_nele, year)
    page = ilse.post(f"{year}/invullen", {**TYPED, "version": version, "visitors_total": "4.200"})
    assert page.status_code == 409
    assert "Nele Vercauteren diende deze cijfers al in" in page.text
    assert "4.200" in page.text
    late = ilse.post(f"{year}/indienen", {"version": version})
    assert late.status_code == 409
    assert "diende deze cijfers al in" in late.text


def test_submitted_figures_are_reopened_on_purpose_and_the_log_says_so(browser_of_nele: Browser, year: str) -> None:
    fill_in(browser_of_nele, year)
    submit(browser_of_nele, year)
    assert browser_of_nele.get(f"{year}/invullen").request.path == year
    asked = browser_of_nele.get(f"{year}/heropenen")
    assert "heropenen?" in asked.text
    form = browser_of_nele.post(f"{year}/heropenen", {"version": version_of(asked.text)})
    assert form.request.path == f"{year}/invullen"
    assert "Heropend" in browser_of_nele.get(year).text


def test_a_year_that_is_not_over_is_filled_in_but_not_submitted(browser_of_nele: Browser, year: str) -> None:
    this_year = year.replace("/2025", "/2026")
    page = fill_in(browser_of_nele, this_year)
    assert "vanaf 1 januari 2027" in page
    assert browser_of_nele.post(f"{this_year}/indienen", {"version": "1"}).status_code == 422


@pytest.mark.parametrize("other", ["2014", "2027", "99999", "0", "-1"])
def test_a_year_that_nothing_is_asked_of_is_not_there(browser_of_nele: Browser, year: str, other: str) -> None:
    assert browser_of_nele.get(year.replace("/2025", f"/{other}")).status_code == 404


def test_what_was_typed_survives_a_sign_in_that_ran_out(
    browser_of_nele: Browser, year: str, clock: time_machine.Traveller, fake_broker: FakeBroker
) -> None:
    browser_of_nele.get(f"{year}/invullen")
    clock.shift(timedelta(minutes=12))
    page = browser_of_nele.post(f"{year}/invullen", {**TYPED, "version": "0", "visitors_total": "4.321"})
    assert page.status_code == 200
    assert page.request.path == f"{year}/invullen"
    assert fake_broker.asked[-1]["prompt"] == "none"
    assert "nog niet bewaard" in page.text
    assert 'value="4.321"' in page.text
    saved = browser_of_nele.post(
        f"{year}/invullen", {**TYPED, "version": version_of(page.text), "visitors_total": "4.321"}
    )
    assert "bewaard als concept" in saved.text
    assert "nog niet bewaard" not in browser_of_nele.get(f"{year}/invullen").text


def test_what_was_typed_survives_an_idle_session_but_only_for_the_same_person(
    browser_of_nele: Browser, year: str, clock: time_machine.Traveller, fake_broker: FakeBroker
) -> None:
    browser_of_nele.get(f"{year}/invullen")
    clock.shift(timedelta(hours=3))
    fake_broker.person = person(ILSE)
    page = browser_of_nele.post(f"{year}/invullen", {**TYPED, "version": "0", "visitors_total": "4.321"})
    assert "Ilse Maes" in page.text
    assert "4.321" not in page.text
    browser_of_nele.sign_in(person(NELE))
    assert "4.321" in browser_of_nele.get(f"{year}/invullen").text


def test_what_was_typed_is_kept_unreadable(
    browser_of_nele: Browser, year: str, clock: time_machine.Traveller, monitor: Flask
) -> None:
    browser_of_nele.get(f"{year}/invullen")
    clock.shift(timedelta(minutes=12))
    browser_of_nele.post(f"{year}/invullen", {**TYPED, "version": "0", "remark": "Zaal dicht in mei."})
    with monitor.extensions["kit_database"].engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT sealed_form FROM kit_kept_forms").scalar_one()
    assert "mei" not in kept


def test_years_are_compared_in_a_table_and_in_a_picture_with_words(browser_of_nele: Browser, year: str) -> None:
    for number, visitors in ((2023, "3.500"), (2024, "3.800"), (2025, "4.000")):
        address = year.replace("2025", str(number))
        fill_in(browser_of_nele, address, visitors_total=visitors)
        submit(browser_of_nele, address)
    page = browser_of_nele.get("/cultuurmonitor/vergelijken")
    assert "<svg" in page.text
    assert "2023: 3.500; 2024: 3.800; 2025: 4.000" in page.text
    assert "+200 (+5\u00a0%)" in page.text
    assert page.text.count('<rect class="cm-chart__column"') == 3
    assert "style=" not in page.text
    money = browser_of_nele.get("/cultuurmonitor/vergelijken?cijfer=income_total")
    assert "Alle inkomsten, per jaar" in money.text
    assert browser_of_nele.get("/cultuurmonitor/vergelijken?cijfer=onzin").status_code == 404


def test_a_raadpleger_compares_only_what_was_submitted(
    browser_of_nele: Browser, new_browser: Callable[[], Browser], year: str
) -> None:
    fill_in(browser_of_nele, year, visitors_total="4.987")
    reader = new_browser()
    reader.sign_in(person(ILSE, RAADPLEGER))
    for path in ("/cultuurmonitor/vergelijken", "/cultuurmonitor/cijfers.csv", "/cultuurmonitor/centra", year):
        assert "4.987" not in reader.get(path).text
        assert "4987" not in reader.get(path).text
    assert "Nog geen jaren om te vergelijken" in reader.get("/cultuurmonitor/vergelijken").text


def test_the_download_opens_in_a_spreadsheet_and_runs_nothing(browser_of_nele: Browser, year: str) -> None:
    """CU3: formula injection out."""
    centre = add(browser_of_nele, "=HYPERLINK(elders) Zaal")
    fill_in(browser_of_nele, f"{centre}/2024", remark='+cmd|" /C calc"!A0')
    answer = browser_of_nele.get("/cultuurmonitor/cijfers.csv")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert len(rows) == 1
    assert rows[0]["Centrum"] == "'=HYPERLINK(elders) Zaal"
    assert rows[0]["Opmerking"].startswith("'+cmd")
    assert rows[0]["Bezoekers: Bezoekers"] == "4000"
    assert rows[0]["Inkomsten: Alle inkomsten"] == "141000,50"
    assert rows[0]["Toestand"] == "Concept"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "\n=1", "＝1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    """CU3."""
    assert safe_cell(cell) == "'" + cell
    assert safe_cell("gewone tekst = goed") == "gewone tekst = goed"


def test_a_form_of_five_megabytes_is_refused_with_a_page(browser_of_nele: Browser, year: str) -> None:
    """SR8."""
    browser_of_nele.get(f"{year}/invullen")
    page = browser_of_nele.post(f"{year}/invullen", {**TYPED, "version": "0", "remark": "x" * 5_000_000})
    assert page.status_code in (400, 413)
    assert "Er is niets bewaard" in page.text


def test_hostile_text_stays_text(browser_of_nele: Browser, year: str) -> None:
    page = fill_in(browser_of_nele, year, remark="<script>alert(1)</script>")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


SIGNED_IN = SignedIn(
    sub=NELE["sub"],
    given_name="Nele",
    family_name="Vercauteren",
    organisation_code=ORG,
    organisation_name="Gemeente Genk",
    target_group="LB",
    rights=frozenset({"CultuurmonitorInvoerder"}),
    expires_at=None,  # type: ignore[arg-type]
)


def test_of_twenty_who_save_the_first_figures_at_once_one_wins(
    browser_of_nele: Browser, year: str, monitor: Flask
) -> None:
    """Both databases: nobody's figures are lost without being told."""
    database: Database = monitor.extensions["kit_database"]
    with database.engine.connect() as connection:
        centre_id = connection.execute(select(Centre.id)).scalar_one()

    def save(visitors: int) -> bool:
        values = {**IN_ORDER, "visitors_total": visitors}
        with monitor.app_context():
            try:
                database.perform(save_figures, SIGNED_IN, centre_id, 2025, seen_version=0, values=values, remark="")
            except ChangedMeanwhileError:
                return False
            return True

    with ThreadPoolExecutor(20) as pool:
        assert sorted(pool.map(save, range(4000, 4020))) == [False] * 19 + [True]
    with database.engine.connect() as connection:
        assert connection.execute(select(YearFigures.version)).scalars().all() == [1]


def test_saving_and_submitting_at_once_never_submits_what_was_not_seen(
    browser_of_nele: Browser, year: str, monitor: Flask
) -> None:
    fill_in(browser_of_nele, year)
    database: Database = monitor.extensions["kit_database"]
    with database.engine.connect() as connection:
        centre_id = connection.execute(select(Centre.id)).scalar_one()

    def act(number: int) -> str:
        with monitor.app_context():
            try:
                if number % 2:
                    database.perform(
                        submit_figures, SIGNED_IN, centre_id, 2025, seen_version=1, today=date(2026, 11, 17)
                    )
                    return "submitted"
                database.perform(
                    save_figures,
                    SIGNED_IN,
                    centre_id,
                    2025,
                    seen_version=1,
                    values={**IN_ORDER, "visitors_total": 9999},
                    remark="",
                )
            except ChangedMeanwhileError:
                return "told"
            return "saved"

    with ThreadPoolExecutor(10) as pool:
        outcomes = sorted(pool.map(act, range(10)))
    assert outcomes.count("told") == 9
    with database.engine.connect() as connection:
        row = connection.execute(select(YearFigures.state, YearFigures.visitors_total)).one()
    assert tuple(row) in (("submitted", 4000), ("draft", 9999))
