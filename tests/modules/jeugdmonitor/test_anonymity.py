"""SV4: nothing leads from an answer to the child who gave it: not the tables, not the log, not a cookie, not a session."""

import json
import re
from collections.abc import Callable

import pytest
import structlog
from flask import Flask
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from modules.jeugdmonitor.model import Answer, Base, Response, Round, RoundQuestion, TextAnswer
from tests.modules.jeugdmonitor.conftest import found
from tests.modules.jeugdmonitor.visitors import BASE, Coordinator, Respondent

NewRespondent = Callable[..., Respondent]
OF_RESPONDENTS = ("responses", "answers", "text_answers", "partial_responses", "entry_codes")


def test_the_tables_of_respondents_hold_no_counter_no_moment_and_no_address(engine: Engine) -> None:
    """SV4: every key is random, and no column could hold more than what was answered."""
    kinds = {
        f"{table}.{column['name']}": str(column["type"]).split("(")[0]
        for table in OF_RESPONDENTS
        for column in inspect(engine).get_columns(table)
    }
    assert set(kinds.values()) <= {"CHAR", "UUID", "VARCHAR", "TEXT"}, kinds
    assert [str(column["type"]) for column in inspect(engine).get_columns("rate_notes") if column["name"] == "day"] == [
        "DATE"
    ]
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            for table in (*OF_RESPONDENTS, "rate_notes"):
                with pytest.raises(DBAPIError, match="no such column"):
                    connection.execute(text(f"SELECT rowid FROM {table}"))


def test_closing_leaves_no_order_in_which_answers_came(
    nele: Coordinator, open_round: Round, engine: Engine, new_respondent: NewRespondent
) -> None:
    """SV4: PostgreSQL tells which rows came when and together; after closing they all came at once, by their keys."""
    for choose in range(6):
        new_respondent(open_round).take_part(choose)
    before = _rows(engine)
    nele.close_round(open_round.id)
    assert _rows(engine) == before
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            for table, key in (("responses", "id"), ("answers", "response_id")):
                assert connection.scalar(text(f"SELECT count(DISTINCT xmin::text) FROM {table}")) == 1
                lying = connection.scalars(text(f"SELECT {key} FROM {table} ORDER BY ctid")).all()
                assert lying == sorted(lying)


def test_a_closed_round_and_its_answers_never_change(
    nele: Coordinator, open_round: Round, engine: Engine, new_respondent: NewRespondent
) -> None:
    """SV1: whoever tries it in the database itself is refused."""
    new_respondent(open_round).take_part()
    nele.close_round(open_round.id)
    for statement in (
        "UPDATE rounds SET state = 'open', closed_at = NULL",
        "UPDATE rounds SET title = 'Anders'",
        "DELETE FROM rounds",
        "UPDATE responses SET gender = 'boy'",
        "DELETE FROM answers",
        "UPDATE answers SET option_code = 'no'",
        "DELETE FROM round_questions",
        "UPDATE privacy_readings SET person_name = 'Iemand anders'",
        "UPDATE round_events SET person_name = 'Iemand anders'",
    ):
        with pytest.raises(DBAPIError), engine.begin() as connection:
            connection.execute(text(statement))
    with engine.connect() as connection:
        response_id = connection.scalar(select(Response.id))
        question_id = connection.scalar(select(RoundQuestion.id))
    refuses(engine, Response(round_id=open_round.id))
    refuses(engine, Answer(response_id=response_id, question_id=question_id, option_code="later"))
    refuses(engine, TextAnswer(question_id=question_id, words="Te laat"))


def test_no_answer_comes_in_before_a_round_is_open_and_no_question_after(
    draft: Round, engine: Engine, nele: Coordinator
) -> None:
    refuses(engine, Response(round_id=draft.id))
    nele.open_round(draft.id)
    refuses(engine, RoundQuestion(round_id=draft.id, position=99, bank_code="living_safe_dark"))
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(text("UPDATE rounds SET state = 'draft', opened_at = NULL"))


def test_nothing_of_who_answers_is_written_anywhere(
    open_round: Round, engine: Engine, session: Session, new_respondent: NewRespondent
) -> None:
    """SV4: not the address, not the value of the cookie, not the pages in clear, not the browser."""
    child = new_respondent(open_round, "198.51.100.23")
    child.begin()
    child.answer(age_group="9-11")
    value = child.client.get_cookie(f"v_{open_round.link_key}", domain="localhost", path=child.link)
    assert value is not None
    written = _everything(engine)
    assert not any(secret in written for secret in ("198.51.100.23", value.value))
    assert not re.search(r"(?<![\w-])9-11(?![\w-])", written), (
        "as a word: so short that it may stand within an id or a seal"
    )
    child.send()
    assert "198.51.100.23" not in _everything(engine)
    assert found(session, open_round.id).state == "open"


def test_no_request_of_a_respondent_leaves_a_line_in_a_log(
    monitor: Flask, open_round: Round, new_respondent: NewRespondent, caplog: pytest.LogCaptureFixture
) -> None:
    """SV4: nor does what their pages fetch; everything else is logged as ever."""
    with structlog.testing.capture_logs() as lines:
        child = new_respondent(open_round)
        child.take_part()
        child.get("/99")
        child.client.get("/v/zzzzzzzzzz", base_url=BASE)
        for path in ("/jeugdmonitor/static/respondent.css", "/look/static/look.css"):
            assert child.client.get(path, base_url=BASE).status_code == 200
    assert lines == []
    assert caplog.messages == []
    with structlog.testing.capture_logs() as lines:
        child.client.get("/jeugdmonitor", base_url=BASE)
    assert [line["event"] for line in lines] == ["request"]


def test_there_is_no_cookie_but_the_survey_s_own(open_round: Round, new_respondent: NewRespondent) -> None:
    """SV4: of that survey only, until it is over, and out of reach of any script."""
    child = new_respondent(open_round)
    child.take_part()
    child.client.get(f"{child.link}?taal=en", base_url=BASE)
    given = [cookie for page in child.seen for cookie in page.headers.getlist("Set-Cookie")]
    assert {cookie.split("=")[0] for cookie in given} == {f"v_{open_round.link_key}"}
    for cookie in given:
        assert f"Path={child.link}" in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert int(cookie.split("Max-Age=")[1].split(";")[0]) <= 32 * 24 * 3600
    assert given[-1].split("=")[1].startswith("verzonden")


def test_a_signed_in_coordinator_is_nobody_to_a_survey(nele: Coordinator, open_round: Round) -> None:
    """SV4: no session of the broker there, not even in the same browser."""
    page = nele.client.get(f"/v/{open_round.link_key}", base_url=BASE)
    assert page.status_code == 200
    assert "Nele" not in page.text
    assert "jeugdmonitor_session" not in page.headers.get("Set-Cookie", "")
    refused = nele.client.put(f"/v/{open_round.link_key}", base_url=BASE)
    assert refused.status_code == 405
    assert "Nele" not in refused.text


def test_a_copy_of_the_database_opens_no_page_that_was_not_sent(
    open_round: Round, session: Session, new_respondent: NewRespondent
) -> None:
    """SV4: it is sealed with a value that only the browser holds, and another survey's value opens nothing."""
    child = new_respondent(open_round)
    asked = child.begin().text.split('name="')[2].split('"')[0]
    child.post("/1", {asked: "good", "to": "on"})
    (sealed,) = session.scalars(select(Base.metadata.tables["partial_responses"].c.sealed)).all()
    assert "good" not in sealed
    assert asked not in sealed


def refuses(engine: Engine, row: Base) -> None:
    """The database takes no such row."""
    session = Session(engine.execution_options(changing=True))
    session.add(row)
    with pytest.raises(DBAPIError):
        session.flush()
    session.close()


def _rows(engine: Engine) -> list[list[tuple[object, ...]]]:
    with engine.connect() as connection:
        return [
            sorted(tuple(map(str, row)) for row in connection.execute(text(f"SELECT * FROM {table}")))
            for table in ("responses", "answers", "text_answers")
        ]


def _everything(engine: Engine) -> str:
    with engine.connect() as connection:
        return json.dumps(
            [
                [list(map(str, row)) for row in connection.execute(table.select())]
                for table in Base.metadata.sorted_tables
            ]
        )
