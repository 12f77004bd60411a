"""Methode: who stands where, who may move them, how it was at any earlier date, and what becomes of who is out of sight."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from itertools import combinations

import pytest
import time_machine
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from modules.kit.database import database
from modules.plusminmee.circle import CENTRE, RADIUS, draw
from modules.plusminmee.clockwork import follow_days, tick
from modules.plusminmee.open_youngster import Known
from modules.plusminmee.youngster_model import Youngster
from tests.modules.plusminmee.conftest import FATIMA
from tests.modules.plusminmee.visitors import GROUPS, Visitor

NewVisitor = Callable[..., Visitor]
WHAT_A_MOVE_WRITES = (
    "SELECT (SELECT count(*) FROM placements), (SELECT count(*) FROM log_entries),"
    " (SELECT sum(version) FROM youngsters), (SELECT count(*) FROM letters)"
)


def in_words(page: str, place: str) -> str:
    found = re.search(rf"<dt>{re.escape(place)}</dt><dd>(.*?)</dd>", page, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_beheerder_places_and_everybody_sees_it(fatima: Visitor, member: Visitor, group: uuid.UUID) -> None:
    brent = member.add_youngster(group, "Brent", kopstuk="1")
    lotte = member.add_youngster(group, "Lotte")
    fatima.place(group, brent, "min", "Zet anderen aan.")
    fatima.place(group, lotte, "plus")
    page = member.get(f"{GROUPS}/{group}/methode").text
    assert "Brent (kopstuk)" in in_words(page, "− negatief")
    assert "Lotte" in in_words(page, "+ positief")
    assert 'aria-label="Brent, kopstuk: − negatief"' in page
    assert "Fatima Haddad plaatste Brent: − negatief" in member.get(f"{GROUPS}/{group}/logboek").text
    assert "Zet anderen aan." in member.get(f"{GROUPS}/{group}/jongeren/{brent}").text


def test_a_member_moves_nobody(fatima: Visitor, member: Visitor, group: uuid.UUID) -> None:
    """W18."""
    youngster = member.add_youngster(group, "Ella")
    seen = member.get(f"{GROUPS}/{group}/methode").text
    assert "Plaats wijzigen" not in seen
    assert "data-youngster" not in seen
    assert f'data-youngster="{youngster}"' in fatima.get(f"{GROUPS}/{group}/methode").text, "to be dragged"
    assert member.place(group, youngster, "min").status_code == 403
    for path in (f"{youngster}/monitoren", f"{youngster}/verwijderen"):
        assert member.get(f"{GROUPS}/{group}/methode/{path}").status_code == 403
        assert member.post(f"{GROUPS}/{group}/methode/{path}", {"recorded": "1"}).status_code == 403
    assert "Ella" in in_words(fatima.get(f"{GROUPS}/{group}/methode").text, "buiten methode")


def test_what_is_wrong_with_the_form_is_said_and_nothing_moves(fatima: Visitor, group: uuid.UUID) -> None:
    fatima.add_youngster(group, "Ella")
    fatima.get(f"{GROUPS}/{group}/methode")
    page = fatima.post(f"{GROUPS}/{group}/methode/plaats", {"youngster": "", "place": "elders", "why": "Omdat."})
    assert page.status_code == 422
    assert "Kies een jongere." in page.text
    assert "Omdat." in page.text


def test_a_youngster_of_another_group_is_moved_by_no_form_and_nothing_is_written(
    fatima: Visitor, group: uuid.UUID, engine: Engine
) -> None:
    youngster = fatima.add_youngster(group, "Ella")
    other = fatima.make_group("Groep Park")
    with engine.connect() as connection:
        before = connection.execute(text(WHAT_A_MOVE_WRITES)).all()
    for chosen in (youngster, uuid.uuid4()):
        assert fatima.place(other, chosen, "min", "Omdat.").status_code == 404
        followed = fatima.place(other, chosen, "monitoring")
        assert followed.status_code == 404
    with engine.connect() as connection:
        assert connection.execute(text(WHAT_A_MOVE_WRITES)).all() == before
    assert "Ella" in in_words(fatima.get(f"{GROUPS}/{group}/methode").text, "buiten methode")


def test_the_circle_of_an_earlier_day_is_as_it_was(
    fatima: Visitor, new_visitor: NewVisitor, group: uuid.UUID, clock: time_machine.Traveller
) -> None:
    lotte = fatima.add_youngster(group, "Lotte")
    fatima.place(group, lotte, "min")
    clock.shift(timedelta(days=3))
    later = new_visitor(FATIMA, "PMMBeheerder")
    later.place(group, lotte, "plus")
    later.add_youngster(group, "Sibe")
    today = later.get(f"{GROUPS}/{group}/methode").text
    assert "Lotte" in in_words(today, "+ positief")
    before = later.get(f"{GROUPS}/{group}/methode?dag=2026-11-18").text
    assert "U ziet de cirkel van woensdag 18 november 2026" in before
    assert "Lotte" in in_words(before, "− negatief")
    assert "Sibe" not in before
    assert "Plaats wijzigen" not in before
    assert "Lotte" not in later.get(f"{GROUPS}/{group}/methode?dag=2026-11-16").text
    assert later.get(f"{GROUPS}/{group}/methode?dag=vroeger").status_code == 422


def test_monitoring_is_agreed_with_somebody_and_ends_with_a_mail_and_nothing_else(
    tool: Flask,
    fatima: Visitor,
    member: Visitor,
    new_visitor: NewVisitor,
    group: uuid.UUID,
    clock: time_machine.Traveller,
) -> None:
    """W21."""
    kiara = fatima.add_youngster(group, "Kiara")
    path = f"{GROUPS}/{group}/methode/{kiara}/monitoren"
    page = fatima.place(group, kiara, "monitoring")
    assert "Met wie hebt u dit afgesproken?" in page.text
    (with_anton,) = re.findall(r'value="([0-9a-f-]{36})"[^>]*>\s*<label[^>]*>Anton Bos', page.text)
    assert fatima.post(path, {"months": "2", "agreed": with_anton}).status_code == 422
    assert fatima.post(path, {"months": "1"}).status_code == 422
    assert fatima.post(path, {"months": "1", "agreed": str(uuid.uuid4())}).status_code == 422
    assert "17 december 2026" in fatima.post(path, {"months": "1", "agreed": with_anton}).text
    listed = f"{GROUPS}/{group}/jongeren"
    assert "afgesproken met Anton Bos" in member.get(f"{listed}/{kiara}").text
    assert "uit beeld, tot 17 december 2026" in fatima.get(listed).text
    clock.shift(timedelta(days=29))
    assert mails(tool) == [], "the month is not over"
    clock.shift(timedelta(days=2))
    (mail,) = mails(tool)
    assert mail["To"] == "fatima@voorbeeld.test"
    words = mail.get_body(("plain",))
    assert words is not None
    assert "Groep Stationsplein" in words.get_content()
    assert "Kiara" not in mail.as_string()
    assert mails(tool) == [], "told once"
    later = new_visitor(FATIMA, "PMMBeheerder")
    page_later = later.get(f"{GROUPS}/{group}/methode").text
    assert "Kiara" in in_words(page_later, "monitoren")
    assert "Periode voorbij" in page_later
    assert "Periode voorbij" in later.get(listed).text, "a mark in the list"
    later.get(path)
    later.post(path, {"months": "3", "agreed": with_anton})
    for each in (f"{GROUPS}/{group}/methode", listed):
        assert "Periode voorbij" not in later.get(each).text
    clock.shift(timedelta(days=85))
    assert mails(tool) == [], "three months are not over"
    clock.shift(timedelta(days=6))
    assert [mail["To"] for mail in mails(tool)] == ["fatima@voorbeeld.test"]
    at_last = new_visitor(FATIMA, "PMMBeheerder")
    assert "Kiara" in in_words(at_last.get(f"{GROUPS}/{group}/methode").text, "monitoren")
    at_last.place(group, kiara, "mee")
    assert "Kiara" in in_words(at_last.get(f"{GROUPS}/{group}/methode").text, "~ mee")


def mails(tool: Flask) -> list[EmailMessage]:
    sent: list[EmailMessage] = []
    with tool.app_context():
        follow_days(database())
        tick(database(), sent.append, sender="tool@voorbeeld.test", address="http://localhost:8003/plusminmee")
    return [mail for mail in sent if "monitoren" in mail["Subject"]]


def test_what_was_chosen_for_monitoring_is_there_again_after_a_sign_in_that_ran_out(
    fatima: Visitor, group: uuid.UUID, clock: time_machine.Traveller
) -> None:
    kiara = fatima.add_youngster(group, "Kiara")
    path = f"{GROUPS}/{group}/methode/{kiara}/monitoren"
    (herself,) = re.findall(r'value="([0-9a-f-]{36})"[^>]*>\s*<label[^>]*>Fatima Haddad', fatima.get(path).text)
    clock.shift(timedelta(hours=2))
    page = fatima.post(path, {"months": "3", "agreed": herself}).text
    assert "nog niet bewaard" in page
    assert re.search(r'name="months"[^>]*value="3"[^>]*checked', page)
    assert re.search(rf'value="{herself}"[^>]*checked', page)
    assert "17 februari 2027" in fatima.post(path, {"months": "3", "agreed": herself}).text
    assert "nog niet bewaard" not in fatima.get(path).text


def test_removing_for_good_stores_no_reason_and_leaves_no_name(
    fatima: Visitor, member: Visitor, group: uuid.UUID, engine: Engine, clock: time_machine.Traveller
) -> None:
    """C1."""
    dwayne = member.add_youngster(group, "Dwayne", description="Hangt rond.", born="2010-02-03")
    fatima.place(group, dwayne, "min", "Trekt anderen mee.")
    path = f"{GROUPS}/{group}/methode/{dwayne}/verwijderen"
    asked = fatima.get(path).text
    assert "eigen ICT-omgeving van de gemeente" in asked
    for gone in ("geboortedatum", "de foto", "interventies en voorstellen"):
        assert gone in asked, "said before it is done"
    assert "<textarea" not in asked
    assert fatima.post(path).status_code == 422
    fatima.post(path, {"recorded": "1"})
    assert member.get(f"{GROUPS}/{group}/jongeren/{dwayne}").status_code == 404
    log = member.get(f"{GROUPS}/{group}/logboek").text
    assert "Fatima Haddad verwijderde een jongere definitief" in log
    assert "een verwijderde jongere" in log
    assert "Dwayne" not in log
    with engine.connect() as connection:
        row = connection.execute(text("SELECT name, born, description, photo FROM youngsters")).one()
        why = connection.execute(text("SELECT why FROM placements WHERE why IS NOT NULL")).all()
    assert tuple(row) == (None, None, None, None)
    assert why == []


@pytest.mark.parametrize("place", ["plus", "mee", "min"])
@settings(deadline=None, max_examples=30)
@given(count=st.integers(min_value=0, max_value=120))
def test_no_two_dots_lie_over_each_other_and_all_lie_within_the_circle(place: str, count: int) -> None:
    youngsters = [Known(Youngster(id=uuid.uuid4(), kopstuk=False), f"Jongere {n}", None) for n in range(count)]
    (sector,) = [each for each in draw({place: youngsters}) if each.place == place]
    assert len(sector.dots) == count
    for one, other in combinations(sector.dots, 2):
        apart = ((one.x - other.x) ** 2 + (one.y - other.y) ** 2) ** 0.5
        assert apart >= one.r + other.r - 0.5
    for dot in sector.dots:
        from_centre = ((dot.x - CENTRE) ** 2 + (dot.y - CENTRE) ** 2) ** 0.5
        assert dot.r + 58 <= from_centre <= RADIUS - dot.r


def test_each_reader_chooses_a_place_in_their_own_language(fatima: Visitor, group: uuid.UUID) -> None:
    """Also after somebody with another language was the first to ask for the page."""
    fatima.add_youngster(group, "Ella")
    dutch = fatima.get(f"{GROUPS}/{group}/methode").text
    english = fatima.get(f"{GROUPS}/{group}/methode?taal=en").text
    assert "+ positief" in dutch
    assert "+ positief" not in english
    assert "+ positive" in english


def test_a_sign_in_that_ran_out_leads_back_to_what_was_chosen(
    fatima: Visitor, member: Visitor, group: uuid.UUID
) -> None:
    """No address that only takes a form is a dead end after signing in again; another's is no more there than before."""
    for path in ("methode/plaats", "professionals/uitnodigen", "berichten/niemand", "professionals/bevestigen"):
        assert fatima.get(f"{GROUPS}/{group}/{path}").status_code in (200, 303), path
    assert member.get(f"{GROUPS}/{group}/methode/plaats").status_code == 403
