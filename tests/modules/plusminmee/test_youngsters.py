"""Jongeren: added and changed by every member, sealed in the database, seen by nobody outside the group (W18, W19, W20)."""

import io
import json
import re
import uuid
import zipfile
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from modules.plusminmee.keep_intervention import InterventionFields, add_intervention
from modules.plusminmee.keeping import keeping
from modules.plusminmee.make_proposal import make_proposal
from modules.plusminmee.model import Professional
from tests.modules.plusminmee.numbers import BSN
from tests.modules.plusminmee.pictures import telephone_photo
from tests.modules.plusminmee.visitors import GROUPS, Visitor

ALL_FIELDS = {
    "name": "Yassin el Amrani",
    "born": "2009-12-01",
    "kenteken": "ab123c",
    "kopstuk": "1",
    "description": "Komt elke vrijdag op het plein.",
    "checked_on": "2026-11-02",
    "document_kind": "id_card",
    "document_number": "IW2C45671",
}


def test_only_the_name_is_required_and_age_is_shown_when_it_is_known(member: Visitor, group: uuid.UUID) -> None:
    """W19; and any member adds (W18)."""
    member.get(f"{GROUPS}/{group}/jongeren/nieuw")
    assert member.post(f"{GROUPS}/{group}/jongeren/nieuw", {"name": " "}).status_code == 422
    member.add_youngster(group, "Lotte")
    member.add_youngster(group, "Sibe", born="2009-12-01")
    page = member.get(f"{GROUPS}/{group}/jongeren").text
    assert re.search(r"Lotte</a>.*?Leeftijd\">–<", page, re.DOTALL)
    assert "16 jaar" in page
    assert "buiten methode" in page


def test_every_field_of_the_seed_is_kept_and_changed(member: Visitor, group: uuid.UUID) -> None:
    youngster = member.add_youngster(group, **ALL_FIELDS)
    page = member.get(f"{GROUPS}/{group}/jongeren/{youngster}").text
    for shown in ("Yassin el Amrani", "1 december 2009", "AB-123-C", "vrijdag op het plein", "IW2C45671", "ID-kaart"):
        assert shown in page
    form = member.get(f"{GROUPS}/{group}/jongeren/{youngster}/wijzigen").text
    assert 'value="Yassin el Amrani"' in form
    changed = {**ALL_FIELDS, "name": "Yassin Amrani", "version": "1"}
    assert "Yassin Amrani" in member.post(f"{GROUPS}/{group}/jongeren/{youngster}/wijzigen", changed).text
    member.get(f"{GROUPS}/{group}/jongeren/{youngster}/wijzigen")
    assert member.post(f"{GROUPS}/{group}/jongeren/{youngster}/wijzigen", changed).status_code == 409


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", f"Jan {BSN}"),
        ("description", f"Zijn nummer is {BSN}."),
        ("kenteken", BSN),
        ("document_number", BSN),
        ("born", "2030-01-01"),
        ("born", "gisteren"),
        ("document_number", "12"),
        ("checked_on", ""),
        ("document_kind", ""),
    ],
)
def test_what_cannot_be_kept_is_said_at_its_field_and_the_rest_stays(
    member: Visitor, group: uuid.UUID, field: str, typed: str
) -> None:
    member.get(f"{GROUPS}/{group}/jongeren/nieuw")
    page = member.post(f"{GROUPS}/{group}/jongeren/nieuw", {**ALL_FIELDS, field: typed})
    assert page.status_code == 422
    at = "document_number" if field == "document_kind" else field
    assert f'id="{at}-fout"' in page.text
    assert ("vrijdag op het plein" in page.text) or field == "description"
    assert "Yassin" not in member.get(f"{GROUPS}/{group}/jongeren").text


@pytest.mark.parametrize("half", ["checked_on", "document_kind"])
def test_an_identity_check_is_whole_or_not_there(member: Visitor, group: uuid.UUID, half: str) -> None:
    """Else the day, or what was looked at, would be kept or dropped without anybody seeing it."""
    member.get(f"{GROUPS}/{group}/jongeren/nieuw")
    page = member.post(f"{GROUPS}/{group}/jongeren/nieuw", {"name": "Lotte", half: ALL_FIELDS[half]})
    assert page.status_code == 422
    assert 'id="document_number-fout"' in page.text
    assert f'value="{ALL_FIELDS[half]}"' in page.text
    assert "Lotte" not in member.get(f"{GROUPS}/{group}/jongeren").text


def test_sensitive_words_are_pointed_out_and_never_a_block(member: Visitor, group: uuid.UUID) -> None:
    member.get(f"{GROUPS}/{group}/jongeren/nieuw")
    page = member.post(f"{GROUPS}/{group}/jongeren/nieuw", {"name": "Noor", "description": "Zit vol schulden."}).text
    assert "Noor staat bij de groep" in page
    assert "Kijk nog eens na wat u schreef" in page


def test_nothing_of_a_youngster_can_be_read_in_the_database(member: Visitor, group: uuid.UUID, engine: Engine) -> None:
    member.add_youngster(group, **ALL_FIELDS)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM youngsters")).all()
        log = connection.execute(text("SELECT * FROM log_entries")).all()
    written = b" ".join(
        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
        for row in [*rows, *log]
        for value in row
    )
    for secret in (b"Yassin", b"2009-12", b"AB-123", b"vrijdag", b"IW2C45671"):
        assert secret not in written


def test_a_photo_is_made_anew_and_shown_to_members_only(member: Visitor, sanne: Visitor, group: uuid.UUID) -> None:
    youngster = member.add_youngster(group, "Ella")
    path = f"{GROUPS}/{group}/jongeren/{youngster}"
    member.get(f"{path}/wijzigen")
    form = {"name": "Ella", "version": "1", "photo": (io.BytesIO(telephone_photo()), "../../etc/passwd.jpg")}
    assert member.post(f"{path}/wijzigen", form).status_code == 200
    for address in (f"{path}/foto", f"{path}/foto/klein"):
        shown = member.get(address)
        assert shown.status_code == 200
        assert shown.mimetype == "image/jpeg"
        assert shown.headers["Cache-Control"] == "private, no-store"
        assert "sandbox" in shown.headers["Content-Security-Policy"]
        assert sanne.get(address).status_code == 404
    member.get(path)
    member.post(f"{path}/foto/verwijderen")
    assert member.get(f"{path}/foto").status_code == 404


def test_what_is_no_photo_is_refused_and_what_was_typed_stays(member: Visitor, group: uuid.UUID) -> None:
    member.get(f"{GROUPS}/{group}/jongeren/nieuw")
    form = {"name": "Ella", "photo": (io.BytesIO(b"<svg onload=alert(1)>"), "foto.jpg")}
    page = member.post(f"{GROUPS}/{group}/jongeren/nieuw", form)
    assert page.status_code == 422
    assert 'id="photo-fout"' in page.text
    assert 'value="Ella"' in page.text


def test_a_form_without_a_file_may_not_be_as_large_as_one_with(member: Visitor, group: uuid.UUID) -> None:
    member.get("/plusminmee/help")
    big = {"subject": "x", "question": "x" * 70_000}
    assert member.post("/plusminmee/help", big).status_code == 413


def test_a_youngster_of_another_group_is_not_found_by_a_member_of_this_one(
    fatima: Visitor, member: Visitor, group: uuid.UUID
) -> None:
    other = fatima.make_group("Groep Park")
    hidden = fatima.add_youngster(other, "Dwayne")
    assert member.get(f"{GROUPS}/{group}/jongeren/{hidden}").status_code == 404
    assert member.get(f"{GROUPS}/{other}/jongeren/{hidden}").status_code == 404


def test_the_list_opens_by_double_click_enter_and_button(member: Visitor, group: uuid.UUID) -> None:
    """W20."""
    youngster = member.add_youngster(group, "Mohamed")
    page = member.get(f"{GROUPS}/{group}/jongeren").text
    address = f"{GROUPS}/{group}/jongeren/{youngster}"
    assert f'data-open="{address}"' in page
    assert page.count(f'href="{address}"') == 2, "the name, for Enter, and the button"


def test_the_copy_holds_all_that_was_done_and_proposed_where_the_page_shows_the_last_hundred(
    tool: Flask, fatima: Visitor, member: Visitor, group: uuid.UUID, engine: Engine
) -> None:
    """AVG, art. 15: nothing is left out of the copy."""
    youngster = member.add_youngster(group, "Ella")
    with tool.app_context(), Session(engine.execution_options(changing=True)) as session, session.begin():
        anton = session.query(Professional).filter_by(full_name="Anton Bos").one().id
        fields = InterventionFields("plus", youngster, "Thuisgesprek", anton, True, date(2026, 12, 1), None)
        for _number in range(103):
            add_intervention(session, keeping(), anton, group, fields)
            make_proposal(session, keeping(), anton, group, youngster, None, "Praten.")
    fatima.get(f"{GROUPS}/{group}/jongeren/{youngster}")
    answer = fatima.post(f"{GROUPS}/{group}/jongeren/{youngster}/afschrift")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as files:
        copy = json.loads(files.read("afschrift.json"))
    assert (len(copy["interventions"]), len(copy["proposals"])) == (103, 103)
    assert copy["interventions"][0].items() >= {"street_value": True, "remind_on": "2026-12-01"}.items()
    assert copy["proposals"][0]["kind"] == "talk"


def test_the_beheerder_makes_a_copy_of_all_that_is_kept_and_the_logbook_says_so(
    fatima: Visitor, member: Visitor, group: uuid.UUID
) -> None:
    youngster = member.add_youngster(group, **ALL_FIELDS, photo=(io.BytesIO(telephone_photo()), "foto.jpg"))
    fatima.place(group, youngster, "mee", "Loopt mee.")
    path = f"{GROUPS}/{group}/jongeren/{youngster}/afschrift"
    member.get(f"{GROUPS}/{group}/jongeren/nieuw")
    assert member.post(path).status_code == 403
    fatima.get(f"{GROUPS}/{group}/jongeren/{youngster}")
    answer = fatima.post(path)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as files:
        copy = json.loads(files.read("afschrift.json"))
        assert files.read(copy["photo"]) == member.get(f"{GROUPS}/{group}/jongeren/{youngster}/foto").data
    assert (copy["name"], copy["born"], copy["document_number"]) == ("Yassin el Amrani", "2009-12-01", "IW2C45671")
    assert [each["why"] for each in copy["places"]] == ["Loopt mee.", None]
    assert "Fatima Haddad maakte een afschrift" in member.get(f"{GROUPS}/{group}/logboek").text
    without = member.add_youngster(group, "Lotte")
    fatima.get(f"{GROUPS}/{group}/jongeren/{without}")
    with zipfile.ZipFile(io.BytesIO(fatima.post(f"{GROUPS}/{group}/jongeren/{without}/afschrift").data)) as files:
        assert files.namelist() == ["afschrift.json"]
        assert json.loads(files.read("afschrift.json"))["photo"] is None
