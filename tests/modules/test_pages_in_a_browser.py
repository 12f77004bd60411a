"""The pages of the applications in a real Chromium: for everybody, at every width, in light and dark, without JavaScript too."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from werkzeug.serving import make_server

from modules.cultuurmonitor import create_app
from modules.digital_keys import create_app as create_digital_keys
from modules.digital_keys.settings import KeySettings
from tests.modules.conftest import settings_for
from tests.modules.fake_broker import ILSE, NELE, RAADPLEGER, FakeBroker, person
from tests.modules.test_digital_keys import clients, request_of
from tests.modules.test_year_figures import TYPED
from tests.worlds.browser import assert_accessible

pytestmark = pytest.mark.browser

WIDTHS = (320, 390, 768, 1280)


@pytest.fixture
def address(fake_broker: FakeBroker, tmp_path: Path) -> Iterator[str]:
    """The Cultuurmonitor over real HTTP, at its own origin."""
    fake_broker.lifetime = 3600
    server = make_server("127.0.0.1", 0, Flask("not there yet"), threaded=True)
    origin = f"http://127.0.0.1:{server.server_port}"
    server.app = app = create_app(settings_for(fake_broker, f"sqlite:///{tmp_path / 'monitor.db'}", origin))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield origin
    server.shutdown()
    server.server_close()
    app.extensions["kit_database"].engine.dispose()


def look_at(page: Page) -> None:
    """No WCAG violation in light nor dark, and nothing sticks out at any width."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert_accessible(page)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        sticks_out = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert sticks_out <= 0, f"{page.url} at {width}: {sticks_out} px too wide"
    page.set_viewport_size({"width": 390, "height": 844})
    assert_accessible(page)
    page.set_viewport_size({"width": 1280, "height": 900})


def fill_in(page: Page, **changes: str) -> None:
    for code, typed in {**TYPED, **changes}.items():
        page.fill(f"#{code}", typed)


@pytest.mark.parametrize("java_script", [True, False], ids=["with JavaScript", "without"])
def test_a_year_of_figures_from_start_to_chart(
    address: str, fake_broker: FakeBroker, new_context: Callable[..., BrowserContext], java_script: bool
) -> None:
    page = new_context(java_script_enabled=java_script).new_page()
    look = look_at if java_script else lambda _page: None  # axe itself is JavaScript
    page.goto(f"{address}/ccinc")
    look(page)
    page.get_by_role("link", name="Meld u aan").click()
    look(page)
    page.get_by_role("link", name="Voeg een centrum toe").first.click()
    page.get_by_role("button", name="Voeg toe").click()
    look(page)
    page.get_by_label("Naam van het centrum").fill("De Werf")
    page.get_by_label("Cultuurcentrum", exact=True).check()
    page.get_by_role("button", name="Voeg toe").click()
    expect(page.get_by_role("heading", name="De Werf")).to_be_visible()
    look(page)
    for year in (2024, 2025):
        page.goto(page.url.split("/2024")[0] + f"/{year}/invullen")
        look(page)
        fill_in(page, visitors_total="veel", income_total="1.000.000")
        page.get_by_role("button", name="Bewaar en kijk na").click()
        expect(page.locator("#visitors_total")).to_have_value("veel")
        look(page)
        page.fill("#visitors_total", "4.000")
        page.get_by_role("button", name="Bewaar en kijk na").click()
        expect(page.get_by_text("de delen samen zijn")).to_be_visible()
        look(page)
        page.get_by_role("link", name="de delen samen zijn").click()
        page.fill("#income_total", TYPED["income_total"])
        page.get_by_role("button", name="Bewaar en kijk na").click()
        look(page)
        page.get_by_role("button", name="Dien de cijfers in").click()
        expect(page.get_by_text("zijn ingediend")).to_be_visible()
        look(page)
    page.get_by_role("link", name="Heropen").click()
    look(page)
    page.get_by_role("link", name="Vergelijken").first.click()
    page.get_by_label("Cijfer in de grafiek").select_option("income_total")
    page.get_by_role("button", name="Toon").click()
    expect(page.get_by_role("img", name="Alle inkomsten, per jaar")).to_be_visible()
    look(page)
    page.get_by_role("link", name="Uw centra").first.click()
    look(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download alles als CSV").click()
    assert download.value.suggested_filename == "cultuurmonitor-0999001218.csv"
    page.get_by_role("button", name="Afmelden").click()
    expect(page).to_have_url(f"{address}/cultuurmonitor/")
    expect(page.get_by_role("link", name="Meld u aan")).to_be_visible()


def test_two_who_edit_and_one_who_only_reads(
    address: str, fake_broker: FakeBroker, new_context: Callable[..., BrowserContext]
) -> None:
    nele, ilse, reader = (new_context().new_page() for _ in range(3))
    for page, claims in ((nele, person(NELE)), (ilse, person(ILSE)), (reader, person(ILSE, RAADPLEGER))):
        fake_broker.person = claims
        page.goto(f"{address}/cultuurmonitor/aanmelden")
    look_at(reader)
    nele.goto(f"{address}/cultuurmonitor/centra/nieuw")
    nele.get_by_label("Naam van het centrum").fill("De Werf")
    nele.get_by_label("Gemeenschapscentrum").check()
    nele.get_by_role("button", name="Voeg toe").click()
    expect(nele.get_by_role("heading", name="De Werf")).to_be_visible()
    centre = nele.url
    for page in (nele, ilse):
        page.goto(f"{centre}/2025/invullen")
    fill_in(nele, visitors_total="4.100")
    nele.get_by_role("button", name="Bewaar en kijk na").click()
    expect(nele.get_by_role("button", name="Dien de cijfers in")).to_be_visible()
    fill_in(ilse, visitors_total="4.200", remark="Zaal dicht in mei.")
    ilse.get_by_role("button", name="Bewaar en kijk na").click()
    expect(ilse.get_by_role("heading", name="Iemand wijzigde deze cijfers ook")).to_be_visible()
    look_at(ilse)
    ilse.get_by_role("button", name="Bewaar deze cijfers").click()
    expect(ilse.get_by_role("button", name="Dien de cijfers in")).to_be_visible()
    nele.get_by_role("button", name="Dien de cijfers in").click()
    expect(nele.get_by_text("Ilse Maes bewaarde intussen andere cijfers")).to_be_visible()
    look_at(nele)
    for path in (
        centre,
        f"{centre}/2025",
        f"{centre}/2025/invullen",
        f"{address}/cultuurmonitor/vergelijken",
        f"{centre}/1999",
    ):
        reader.goto(path)
        look_at(reader)
    nele.goto(f"{centre}/stopzetten")
    look_at(nele)


@pytest.mark.parametrize("path", ["/", request_of("eid"), request_of("eid", client_id="somebody")])
def test_the_digital_keys_are_for_everybody_too(path: str, tmp_path: Path, page: Page) -> None:
    app = create_digital_keys(KeySettings(base_url="http://localhost:8004", data=tmp_path, clients=clients()))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    page.goto(f"http://127.0.0.1:{server.server_port}{path}")
    look_at(page)
    if page.get_by_role("button", name="Meld aan").count():
        page.get_by_label("Iemand anders").check()
        page.get_by_role("button", name="Meld aan").click()
        expect(page.get_by_text("Nog 3 dingen in orde te brengen")).to_be_visible()
        look_at(page)
    server.shutdown()
    server.server_close()
