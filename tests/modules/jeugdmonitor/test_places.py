"""SV6: one place cannot send without end, a busy one is told to the coordinator, and nothing of a place is kept."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from modules.jeugdmonitor.model import RateNote, Response, Round
from modules.jeugdmonitor.respondent import pages, places
from modules.jeugdmonitor.respondent.places import Places
from tests.modules.jeugdmonitor.visitors import ROUNDS, Coordinator, Respondent

NewRespondent = Callable[..., Respondent]
TODAY, TOMORROW = date(2026, 11, 17), date(2026, 11, 18)


def test_a_place_is_counted_by_survey_and_by_day() -> None:
    counted = Places()
    for _ in range(3):
        counted.count("sent", "203.0.113.7", "survey", TODAY)
    assert counted.so_far("sent", "203.0.113.7", "survey", TODAY) == 3
    assert counted.so_far("sent", "203.0.113.8", "survey", TODAY) == 0
    assert counted.so_far("sent", "203.0.113.7", "another", TODAY) == 0
    assert counted.so_far("begun", "203.0.113.7", "survey", TODAY) == 0
    assert counted.so_far("sent", "203.0.113.7", "survey", TOMORROW) == 0


def test_a_household_is_one_place_whichever_of_its_addresses_it_uses() -> None:
    counted = Places()
    counted.count("sent", "2001:db8:1:2::1", "survey", TODAY)
    assert counted.so_far("sent", "2001:db8:1:2:ffff::9", "survey", TODAY) == 1
    assert counted.so_far("sent", "2001:db8:1:3::1", "survey", TODAY) == 0
    assert counted.count("sent", None, "survey", TODAY) == 1


def test_what_is_in_memory_is_no_address_and_is_gone_the_next_day() -> None:
    counted = Places()
    counted.count("sent", "203.0.113.7", "survey", TODAY)
    kept = counted.__dict__["_counts"]
    assert all(isinstance(place, bytes) and len(place) == 32 for place in kept)
    before = set(kept)
    counted.count("sent", "203.0.113.7", "survey", TOMORROW)
    assert not before & set(counted.__dict__["_counts"])


def test_memory_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "MOST_KEPT", 10)
    counted = Places()
    for number in range(30):
        counted.count("sent", f"203.0.113.{number}", "survey", TODAY)
    assert len(counted.__dict__["_counts"]) <= 11


def test_one_place_cannot_send_without_end(
    open_round: Round, session: Session, new_respondent: NewRespondent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST_SENT", 2)
    for _ in range(2):
        new_respondent(open_round).take_part()
    stopped = new_respondent(open_round)
    stopped.begin()
    assert stopped.send().status_code == 429
    elsewhere = new_respondent(open_round, "203.0.113.99")
    assert "Dank je wel" in elsewhere.take_part().text
    assert len(session.scalars(select(Response.id)).all()) == 3


def test_nor_begin_without_end(
    open_round: Round, new_respondent: NewRespondent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST_BEGUN", 1)
    new_respondent(open_round).begin()
    assert new_respondent(open_round).post("").status_code == 429


def test_nor_guess_codes_without_end(
    nele: Coordinator, session: Session, new_respondent: NewRespondent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST_WRONG_CODES", 2)
    round_id = nele.begin_round(with_codes="1")
    nele.open_round(round_id)
    guesser = new_respondent(session.scalars(select(Round)).one())
    assert [guesser.post("", {"code": str(guess)}).status_code for guess in range(3)] == [422, 422, 429]


def test_a_strikingly_busy_place_is_told_to_the_coordinator_by_day_only(
    nele: Coordinator,
    open_round: Round,
    session: Session,
    new_respondent: NewRespondent,
    monkeypatch: pytest.MonkeyPatch,
    monitor: Flask,
) -> None:
    monkeypatch.setattr(pages, "STRIKING", 3)
    for _ in range(2):
        new_respondent(open_round).take_part()
    assert "opvallend veel antwoorden" not in nele.get(f"{ROUNDS}/{open_round.id}").text
    for _ in range(2):
        new_respondent(open_round).take_part()
    assert session.scalars(select(RateNote.day)).all() == [TODAY]
    page = nele.get(f"{ROUNDS}/{open_round.id}").text
    assert "Op dinsdag 17 november kwamen er opvallend veel antwoorden van één plek." in page
