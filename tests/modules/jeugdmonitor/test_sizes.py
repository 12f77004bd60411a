"""Real sizes: a city of 5,000 respondents is closed within the time of one request."""

import time
import uuid

from sqlalchemy import Engine, func, insert, select
from sqlalchemy.orm import Session

from modules.jeugdmonitor.asked import asked_questions
from modules.jeugdmonitor.model import Answer, Response, Round
from tests.modules.jeugdmonitor.conftest import found
from tests.modules.jeugdmonitor.visitors import Coordinator

RESPONDENTS = 5_000
SECONDS = 30
"""When gunicorn ends a request; a machine with nothing else to do needs two or three."""


def test_a_city_s_round_closes_in_one_request(
    nele: Coordinator, open_round: Round, engine: Engine, session: Session
) -> None:
    asked = asked_questions(open_round.questions)
    responses = [{"id": uuid.uuid4(), "round_id": open_round.id, "age_group": "9-11"} for _ in range(RESPONDENTS)]
    answers = [
        {"response_id": response["id"], "question_id": one.id, "option_code": one.question.options[0].code}
        for response in responses
        for one in asked
    ]
    with engine.execution_options(changing=True).begin() as connection:
        connection.execute(insert(Response), responses)
        connection.execute(insert(Answer), answers)
    began = time.perf_counter()
    nele.close_round(open_round.id)
    took = time.perf_counter() - began
    assert found(session, open_round.id).state == "closed"
    assert session.scalar(select(func.count()).select_from(Answer)) == RESPONDENTS * len(asked)
    assert took < SECONDS, f"{took:.1f} s"
