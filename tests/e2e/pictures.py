"""The pictures of the documentation and of the help: `python -m tests.e2e.pictures docs/pictures broker/web/static/help`.

Starts a house of its own with the demo world, lets the story happen in it, and takes each picture where it belongs. Owns which
pages are shown, how wide, and in which theme.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.e2e.browser_visitor import FIGURES, BrowserVisitor
from tests.e2e.cast import Identity, known
from tests.e2e.http_visitor import HttpVisitor
from tests.e2e.links import BRUSSELS_INVOERDER, LB_INVOERDER, LB_RAADPLEGER, Link
from tests.e2e.own_house import BROKER, CULTUURMONITOR, DIGITAL_KEYS, OUTBOX, OwnHouse, build_house
from tests.worlds.browser import CHROMIUM, free_ports

_WIDE: ViewportSize = {"width": 1280, "height": 900}
_BELOW = 40
_PHONE: ViewportSize = {"width": 390, "height": 844}
_COLLEAGUES = (
    (Identity("Mehmet", "Tas", "87042199833", "mehmet.tas@voorbeeld.test"), LB_INVOERDER, "C-mine"),
    (Identity("Lien", "Hermans", "92091599862", "lien.hermans@voorbeeld.test"), LB_RAADPLEGER, "C-mine"),
    (Identity("Wim", "Goossens", "78110399845", "wim.goossens@voorbeeld.test"), LB_RAADPLEGER, "De Loods"),
)
_VISITORS_OF = {2023: ("9.800", "8.100"), 2024: ("11.900", "9.950"), 2025: ("12.500", "10.250")}


def main(folder: Path, help_folder: Path) -> None:
    """Take all six into `folder`, and those that the help shows into `help_folder`."""
    for each in (folder, help_folder):
        each.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        house = build_house(free_ports(6), Path(data) / "house", a_role_at_each_organisation=False)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        try:
            for program in (BROKER, OUTBOX, DIGITAL_KEYS, CULTUURMONITOR):
                house.start(program)
            _Story(house, browser, folder, help_folder).tell()
        finally:
            browser.close()
            house.stop_all()


class _Story:
    def __init__(self, house: OwnHouse, browser: Browser, folder: Path, help_folder: Path) -> None:
        self._live = house.live
        self._browser = browser
        self._folder = folder
        self._help = help_folder

    def tell(self) -> None:
        for who, link, centre in _COLLEAGUES:
            self._by_http(who).ask(link, centre)
        self._ask()
        self._decide()
        self._enter_figures()
        self._follow()
        self._desk()

    def _ask(self) -> None:
        nele = self._visitor(known("nele.vercauteren"))
        nele.open_link(LB_INVOERDER.path)
        nele.fill_in("Gemeente Genk", "C-mine", search="gen")
        self._take(nele.page, "01-toegang-vragen", until=".pw-field:has(#gevonden)", in_help="formulier")
        nele.send()
        nele.confirm_address()

    def _decide(self) -> None:
        karim = self._visitor(known("karim.benali"))
        karim.sign_in()
        karim.open_task("Nele Vercauteren")
        karim.page.goto(f"{self._live.broker}/taken")
        for name in ("Mehmet Tas", "Lien Hermans"):
            karim.page.get_by_role("checkbox", name=f"Kies {name}").check()
        self._take(karim.page, "03-mijn-taken", until=".pw-pager", in_help="mijn-taken")
        karim.page.get_by_role("row").filter(has_text="Nele").get_by_role("link", name="Open").click()
        karim.page.get_by_role("radio", name="Goedkeuren").check()
        self._take(karim.page, "04-beslissen", until=".pw-rules__row:nth-child(4)", in_help="beslissen")
        karim.approve()
        granted = self._visitor(known("nele.vercauteren")).mail_about("U hebt toegang")
        page = self._page(_WIDE)
        page.set_content(granted.mail.html)
        self._take(page, "06-mail", until="body > table")

    def _enter_figures(self) -> None:
        nele = self._visitor(known("nele.vercauteren"))
        nele.enter_module()
        nele.add_centre("C-mine")
        centre = nele.page.url
        for year, (visitors, tickets) in _VISITORS_OF.items():
            paid = f"{int(tickets.replace('.', '')) - 1250}"
            nele.page.goto(centre)
            nele.fill_in_figures(
                year, FIGURES | {"visitors_total": visitors, "tickets_paid": paid, "tickets_total": tickets}
            )
            nele.page.get_by_role("button", name="Dien de cijfers in").click()
            expect(nele.page.locator("main")).to_contain_text("diende in op")
        nele.page.goto(centre)
        nele.page.get_by_role("link", name="Vergelijk de jaren").click()
        nele.page.get_by_label("Cijfer in de grafiek").select_option("visitors_total")
        nele.page.get_by_role("button", name="Toon").click()
        expect(nele.page.get_by_role("img")).to_be_visible()
        self._take(nele.page, "05-cultuurmonitor", until=".cm-years__total")

    def _follow(self) -> None:
        number = self._until_label(BRUSSELS_INVOERDER, known("amina.ouali"), "De Maalbeek")
        amina = self._visitor(known("amina.ouali"), _PHONE, "dark")
        amina.sign_in("/mijn-aanvragen")
        amina.page.goto(f"{self._live.broker}/aanvraag/{number}")
        self._take(amina.page, "02-aanvraag-volgen", until=".pw-sheet")
        on_light = self._visitor(known("amina.ouali"))
        on_light.sign_in("/mijn-aanvragen")
        on_light.page.goto(f"{self._live.broker}/aanvraag/{number}")
        self._take(on_light.page, "", until=".pw-sheet", in_help="volgen")

    def _desk(self) -> None:
        """Where an administrator gives a right, and sees the people."""
        karim = self._visitor(known("karim.benali"))
        karim.sign_in("/rechten/nieuw")
        self._take(karim.page, "", until=".pw-sheet", in_help="nieuw-recht")
        karim.page.goto(f"{self._live.broker}/mensen")
        self._take(karim.page, "", until=".pw-pager", in_help="mensen")

    def _until_label(self, link: Link, who: Identity, centre: str) -> str:
        number = self._by_http(who).ask(link, centre)
        administrator = self._by_http(known(link.administrator))
        administrator.sign_in()
        administrator.decide(administrator.task_about(who.full_name))
        return number

    def _by_http(self, who: Identity) -> HttpVisitor:
        return HttpVisitor(self._live, who)

    def _visitor(self, who: Identity, size: ViewportSize = _WIDE, theme: str = "light") -> BrowserVisitor:
        return BrowserVisitor(self._live, self._page(size, theme), who)

    def _page(self, size: ViewportSize, theme: str = "light") -> Page:
        open_context: Callable[..., object] = self._browser.new_context
        context = open_context(viewport=size, color_scheme=theme, locale="nl-BE", timezone_id="Europe/Brussels")
        page: Page = context.new_page()  # type: ignore[attr-defined]
        return page

    def _take(self, page: Page, name: str, until: str, *, in_help: str = "") -> None:
        """From the top of the page to just below the first element that `until` finds; `name` and `in_help` are where it goes."""
        size = page.viewport_size
        assert size is not None
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        box = page.locator(until).first.bounding_box()
        assert box is not None
        page.set_viewport_size({"width": size["width"], "height": round(box["y"] + box["height"]) + _BELOW})
        taken = page.screenshot(animations="disabled")
        if name:
            (self._folder / f"{name}.png").write_bytes(taken)
        if in_help:
            (self._help / f"{in_help}.png").write_bytes(taken)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
