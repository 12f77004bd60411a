"""Somebody who answers: page by page, back and forth, once, and only while the round takes answers."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from modules.jeugdmonitor.model import Answer, EntryCode, PartialResponse, Response, Round, TextAnswer
from tests.modules.jeugdmonitor.conftest import found
from tests.modules.jeugdmonitor.test_rounds import OWN
from tests.modules.jeugdmonitor.visitors import BASE, ROUNDS, Coordinator, Respondent

NewRespondent = Callable[..., Respondent]


def count(session: Session, table: type) -> int:
    """How many rows there are."""
    return session.scalar(select(func.count()).select_from(table)) or 0


# When


def test_a_link_that_leads_nowhere_and_one_of_a_draft_are_the_same(monitor: Flask, draft: Round) -> None:
    client = monitor.test_client()
    unknown, not_opened = (client.get(f"/v/{key}", base_url=BASE) for key in ("zzzzzzzzzz", draft.link_key))
    for odd in ("%00%00%00", "z" * 5000, "ZZZZZZZZZZ", "zzzzzzzzz'"):
        assert client.get(f"/v/{odd}", base_url=BASE).status_code == 404
    assert unknown.status_code == not_opened.status_code == 404
    assert unknown.text == not_opened.text
    assert "Deze link klopt niet" in unknown.text


def test_before_the_first_day_one_is_told_when(
    nele: Coordinator, session: Session, new_respondent: NewRespondent
) -> None:
    round_id = nele.begin_round(first_day="2026-11-30")
    nele.open_round(round_id)
    early = new_respondent(found(session, round_id))
    assert "maandag 30 november" in early.page.text
    assert early.post("", token=False).status_code == 400
    assert count(session, PartialResponse) == 0


def test_after_closing_nothing_is_taken_any_more(
    nele: Coordinator, open_round: Round, session: Session, new_respondent: NewRespondent
) -> None:
    """SV4: what was not sent is erased when the round closes."""
    child = new_respondent(open_round)
    child.begin()
    child.answer()
    assert count(session, PartialResponse) == 1
    nele.close_round(open_round.id)
    assert count(session, PartialResponse) == 0
    assert child.get("/klaar").status_code in (303, 410)
    assert child.post("/klaar").status_code == 410
    assert child.post("/1", {"to": "on"}).status_code == 410
    assert "Deze vragen zijn voorbij" in child.get().text
    assert count(session, Response) == 0


def test_past_the_last_day_nothing_is_taken_though_nobody_closed_it_yet(
    open_round: Round, session: Session, new_respondent: NewRespondent, clock: time_machine.Traveller
) -> None:
    child = new_respondent(open_round)
    child.begin()
    child.answer()
    clock.shift(timedelta(days=32))
    assert child.post("/klaar").status_code == 410
    assert (count(session, Response), count(session, PartialResponse)) == (0, 0)


# How


def test_it_goes_page_by_page_with_what_was_answered_before(open_round: Round, new_respondent: NewRespondent) -> None:
    child = new_respondent(open_round)
    first = child.begin()
    assert "Pagina 1 van 6" in first.text
    asked = _field(first.text)
    second = child.follow(child.post("/1", {asked: "good", "to": "on"}))
    assert "Pagina 2 van 6" in second.text
    back = child.follow(child.post("/2", {"to": "back"}))
    assert "Pagina 1 van 6" in back.text
    assert 'value="good" checked' in back.text
    undone = child.follow(child.post("/1", {asked: "", "to": "on"}))
    assert "Pagina 2 van 6" in undone.text
    assert "checked" not in child.get("/1").text


def test_every_question_may_be_skipped(open_round: Round, session: Session, new_respondent: NewRespondent) -> None:
    child = new_respondent(open_round)
    child.begin()
    child.answer(None)
    assert "Je sloeg 18 vragen over. Dat mag." in child.get("/klaar").text
    child.send()
    assert (count(session, Response), count(session, Answer)) == (1, 0)
    assert session.scalars(select(Response.age_group)).all() == [None]


def test_only_what_was_asked_is_kept(open_round: Round, session: Session, new_respondent: NewRespondent) -> None:
    child = new_respondent(open_round)
    asked = _field(child.begin().text)
    child.post("/1", {asked: ["good", "very", "made up"], "q_made_up": "x", "age_group": "9-11", "to": "on"})
    child.send()
    assert session.scalars(select(Answer.option_code)).all() == ["very"]
    assert session.scalars(select(Response.age_group)).all() == [None]


def test_only_ages_of_the_round_are_offered(open_round: Round, new_respondent: NewRespondent) -> None:
    child = new_respondent(open_round)
    child.begin()
    page = child.get("/6").text
    assert [group in page for group in ("6-8", "9-11", "12-14", "15-17")] == [True, True, True, False]


def test_who_has_not_begun_comes_to_the_beginning(open_round: Round, new_respondent: NewRespondent) -> None:
    child = new_respondent(open_round)
    for path in ("/1", "/2", "/klaar", "/dank", "/99"):
        assert child.get(path).status_code == 303
        assert "Begin" in child.follow(child.get(path)).text


def test_who_begins_twice_loses_nothing(open_round: Round, new_respondent: NewRespondent) -> None:
    child = new_respondent(open_round)
    asked = _field(child.begin().text)
    child.post("/1", {asked: "good", "to": "on"})
    assert "Ga verder" in child.get().text
    child.post("")
    assert 'value="good" checked' in child.get("/1").text


# Once


def test_one_browser_sends_once(open_round: Round, session: Session, new_respondent: NewRespondent) -> None:
    """SV6: the cookie of the survey says that it was sent; another browser is another respondent."""
    child = new_respondent(open_round)
    child.take_part()
    assert child.get().status_code == 303
    assert "Dank je wel" in child.follow(child.get()).text
    assert child.post("").status_code == 400
    assert child.post("/klaar").status_code == 400
    new_respondent(open_round).take_part()
    assert count(session, Response) == 2


def test_the_form_of_another_site_is_refused(
    open_round: Round, session: Session, new_respondent: NewRespondent
) -> None:
    child, other = new_respondent(open_round), new_respondent(open_round)
    assert child.post("", token=False).status_code == 400
    assert child.post("", {"teken": "0" * 64}, token=False).status_code == 400
    other.begin()
    assert child.post("", {"teken": other.__dict__["_token"]}, token=False).status_code == 400
    child.begin()
    for path in ("/1", "/klaar"):
        assert child.post(path, token=False).status_code == 400
    assert count(session, Response) == 0


def test_without_cookies_one_reads_what_to_do(open_round: Round, new_respondent: NewRespondent) -> None:
    child = new_respondent(open_round)
    child.client.delete_cookie(f"v_{open_round.link_key}", domain="localhost", path=child.link)
    page = child.post("")
    assert page.status_code == 400
    assert "Staan cookies uit?" in page.text


def test_a_form_larger_than_any_of_ours_is_refused(open_round: Round, new_respondent: NewRespondent) -> None:
    child = new_respondent(open_round)
    child.begin()
    answer = child.post("/1", {"x": "y" * 70_000})
    assert answer.status_code == 413
    assert "Dit is te veel tekst" in answer.text


# Codes


@pytest.fixture
def coded(nele: Coordinator, session: Session) -> Round:
    """An open round that asks a code of each respondent."""
    round_id = nele.begin_round(with_codes="1")
    nele.open_round(round_id)
    return found(session, round_id)


def make_codes(nele: Coordinator, round_: Round, how_many: int) -> list[str]:
    """The codes, as they are printed."""
    nele.get(f"{ROUNDS}/{round_.id}/uitnodigen")
    page = nele.post(f"{ROUNDS}/{round_.id}/codes", {"how_many": str(how_many)}).text
    return [code.replace("&nbsp;", " ") for code in re.findall(r'<li><span class="pw-mono">([^<]+)</span>', page)]


def test_a_code_serves_once(nele: Coordinator, coded: Round, session: Session, new_respondent: NewRespondent) -> None:
    """SV6: optional one-use codes; capitals and spaces do not count."""
    first, second = make_codes(nele, coded, 2)
    child = new_respondent(coded)
    for wrong in ("", "abcd efgh"):
        refused = child.post("", {"code": wrong})
        assert refused.status_code == 422
        assert "Deze code klopt niet" in refused.text
        assert f'name="code" value="{wrong}"' in refused.text
    assert "Dank je wel" in child.take_part(code=first.upper().replace(" ", "")).text
    other = new_respondent(coded)
    assert other.post("", {"code": first}).status_code == 422
    assert "Dank je wel" in other.take_part(code=second).text
    assert (count(session, Response), count(session, EntryCode)) == (2, 0)


def test_two_devices_with_one_code_send_one_answer(
    nele: Coordinator, coded: Round, session: Session, new_respondent: NewRespondent
) -> None:
    (code,) = make_codes(nele, coded, 1)
    children = [new_respondent(coded), new_respondent(coded)]
    for child in children:
        child.begin(code)
    assert "Dank je wel" in children[0].follow(children[0].send()).text
    assert children[1].send().status_code == 303
    assert count(session, Response) == 1


def test_a_shared_device_goes_on_with_the_next_code(
    nele: Coordinator, coded: Round, session: Session, new_respondent: NewRespondent
) -> None:
    codes = make_codes(nele, coded, 2)
    tablet = new_respondent(coded)
    tablet.take_part(code=codes[0])
    assert "Iemand anders begint met een nieuwe code" in tablet.get("/dank").text
    tablet.get()
    tablet.take_part(code=codes[1])
    assert count(session, Response) == 2


def test_codes_are_told_once_and_kept_unreadable(nele: Coordinator, coded: Round, session: Session) -> None:
    codes = make_codes(nele, coded, 3)
    assert len(set(codes)) == 3
    kept = session.scalars(select(EntryCode.code_hash)).all()
    assert not {code.replace(" ", "") for code in codes} & set(kept)
    page = nele.get(f"{ROUNDS}/{coded.id}/uitnodigen").text
    assert not any(code in page for code in codes)
    nele.close_round(coded.id)
    assert count(session, EntryCode) == 0


def test_how_many_codes_must_be_said(nele: Coordinator, coded: Round, session: Session) -> None:
    nele.get(f"{ROUNDS}/{coded.id}/uitnodigen")
    for how_many in ("", "0", "1001", "veel", "-1"):
        page = nele.post(f"{ROUNDS}/{coded.id}/codes", {"how_many": how_many})
        assert page.status_code == 422
        assert "Vul een getal in van 1 tot 1000." in page.text
    assert count(session, EntryCode) == 0


# Own words


@pytest.fixture
def with_text(nele: Coordinator, draft: Round, session: Session) -> Round:
    """An open round with a question to answer in own words, where the installation allows that."""
    nele.client.application.config["JEUGDMONITOR_FREE_TEXT"] = True
    nele.get(f"{ROUNDS}/{draft.id}/vragen/eigen")
    nele.post(f"{ROUNDS}/{draft.id}/vragen/eigen", {**OWN, "kind": "text"})
    nele.open_round(draft.id)
    return found(session, draft.id)


def test_what_somebody_writes_stands_apart_from_all_the_rest(
    with_text: Round, session: Session, new_respondent: NewRespondent
) -> None:
    """SV5: no way leads from a text to the other answers of who wrote it."""
    child = new_respondent(with_text)
    child.begin()
    child.answer(texts="Een boom om in te klimmen")
    child.send()
    (text,) = session.scalars(select(TextAnswer)).all()
    assert text.words == "Een boom om in te klimmen"
    assert {column.name for column in TextAnswer.__table__.columns} == {"id", "question_id", "words"}
    assert text.id not in set(session.scalars(select(Response.id)))


TELL_WHO = ("mail naar sam@voorbeeld.be", "bel 0470 12 34 56", "kijk op www.sam.be", "volg @sam_2014", "x" * 501)


def test_a_text_that_tells_who_wrote_it_is_given_back(
    with_text: Round, session: Session, new_respondent: NewRespondent
) -> None:
    """SV5: an address, a number, an account."""
    child = new_respondent(with_text)
    page = child.begin().text
    field = page.split("<textarea")[1].split('name="')[1].split('"')[0]
    for words in TELL_WHO:
        answer = child.post("/1", {field: words, "to": "on"})
        assert answer.status_code == 422
        assert words in answer.text
    assert count(session, TextAnswer) == 0


def _field(page: str) -> str:
    """The name of the first question on a page."""
    return page.split('name="q_')[1].split('"')[0].join(("q_", ""))
