"""An administrator takes a list along, prints the report and gives rights by a file, in a browser."""

import csv
import io
import re
import zipfile
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.browser_visitor import BrowserVisitor
from tests.e2e.cast import newcomer
from tests.e2e.looked_at import console_of, look_at


def test_lists_and_the_report(visitor: Callable[..., BrowserVisitor]) -> None:
    karim = visitor("karim.benali")
    page = karim.page
    with console_of(page) as complaints:
        karim.sign_in("/rechten")
        page.get_by_role("link", name="Lijsten").click()
        look_at(page)
        taken = karim.take_along(page.get_by_role("button", name="Haal als CSV")).decode("utf-8-sig")
        lines = csv.reader(io.StringIO(taken), delimiter=";")
        assert ["Benali", "Karim"] in [line[:2] for line in lines]
        page.get_by_role("radio", name="Geschiedenis").check()
        with zipfile.ZipFile(
            io.BytesIO(karim.take_along(page.get_by_role("button", name="Haal als Excel-bestand")))
        ) as folder:
            assert "Iemand werd beheerder" in folder.read("xl/worksheets/sheet1.xml").decode()
        page.get_by_role("button", name="Toon het verslag").click()
        expect(page.get_by_role("heading", name=re.compile("Jaarverslag .* van Gemeente Genk"))).to_be_visible()
        look_at(page)
        page.emulate_media(media="print")
        expect(page.get_by_text("Datum en handtekening")).to_be_visible()
        expect(page.get_by_text("Druk deze pagina af")).to_be_hidden()
    assert complaints == []


def test_from_a_file_to_a_right(visitor: Callable[..., BrowserVisitor]) -> None:
    karim, new = visitor("karim.benali"), newcomer("Wies")
    page = karim.page
    heads = "E-mailadres;Rijksregisternummer;Voornaam;Familienaam;Toepassing;Recht"
    lines = (
        f"{new.email};{new.number};{new.given_name};{new.family_name};cultuurmonitor;raadpleger",
        "karim.benali@voorbeeld.test;;;;cultuurmonitor;raadpleger",
        "niemand@voorbeeld.test;;;;cultuurmonitor;raadpleger",
    )
    file = "\r\n".join([heads, *lines]).encode("utf-8-sig")
    with console_of(page) as complaints:
        karim.sign_in("/lijsten/bestand")
        look_at(page)
        page.get_by_role("button", name="Kijk het bestand na").click()
        expect(page.locator("#fouten")).to_be_focused()
        look_at(page)
        page.set_input_files("input[type=file]", {"name": "rechten.csv", "mimeType": "text/csv", "buffer": file})
        page.get_by_role("button", name="Kijk het bestand na").click()
        checked = page.get_by_role("heading", name="Dit zou er gebeuren")
        expect(checked.or_(page.get_by_role("link", name="Toon hoe ver het staat"))).to_be_visible()
        while not checked.is_visible():
            page.reload()
        expect(page.get_by_text("wordt toegevoegd, onder de naam op deze regel")).to_be_visible()
        look_at(page)
        page.get_by_role("button", name="Ga verder met uw keuze").click()
        look_at(page)
        page.get_by_role("button", name="Voer deze regel uit").click()
        done = page.get_by_role("heading", name="Uw bestand is uitgevoerd")
        expect(done.or_(page.get_by_role("link", name="Toon hoe ver het staat"))).to_be_visible()
        while not done.is_visible():
            page.reload()
        look_at(page)
    assert complaints == []
    assert new.number not in page.url + page.content()
    page.get_by_role("link", name=re.compile("Bekijk")).first.click()
    expect(page.get_by_role("heading", name=new.full_name)).to_be_visible()
