"""The search through what a house leaves behind finds what it must find; that nothing is there is held in conftest, at the end."""

import sqlite3
import zipfile
from email.message import EmailMessage
from pathlib import Path

from modules.tryout.house import House
from tests.e2e.left_behind import TAKEN, found_in, written

NUMBER = "85073003328"


def test_a_number_in_a_log_a_database_or_a_mail_is_found_however_it_is_written(tmp_path: Path) -> None:
    house = House(1, tmp_path)
    for folder in (house.logs, house.inbox, house.keys):
        folder.mkdir(parents=True)
    assert found_in(house, written(NUMBER)) == []
    (house.keys / "people.json").write_text(NUMBER)
    assert found_in(house, written(NUMBER)) == [], "the digital keys must know it"
    (house.logs / "broker.log").write_text(f'{{"path": "/x?nr={NUMBER}"}}')
    with sqlite3.connect(tmp_path / "broker.db") as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE t (words TEXT)")
        connection.execute("INSERT INTO t VALUES ('85.07.30-033.28')")
    mail = EmailMessage()
    mail.set_content("Uw nummer: 850730 033 28 " + "é" * 80, cte="base64")
    (house.inbox / "1.eml").write_bytes(mail.as_bytes())
    assert found_in(house, written(NUMBER)) == [
        "1.eml: 850730 033 28",
        "broker.db: 85.07.30-033.28",
        "broker.log: 85073003328",
    ]


def test_a_number_in_a_spreadsheet_that_somebody_took_along_is_found(tmp_path: Path) -> None:
    house = House(1, tmp_path)
    taken = house.data / TAKEN
    taken.mkdir(parents=True)
    with zipfile.ZipFile(taken / "mensen.xlsx", "w", zipfile.ZIP_DEFLATED) as folder:
        folder.writestr("xl/worksheets/sheet1.xml", f"<c><t>{NUMBER}</t></c>" + "<c/>" * 200)
    (taken / "rechten.csv").write_text("Nele;85.07.30-033.28\n", encoding="utf-8-sig")
    assert found_in(house, written(NUMBER)) == ["mensen.xlsx: 85073003328", "rechten.csv: 85.07.30-033.28"]
