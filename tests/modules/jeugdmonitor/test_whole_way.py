"""From an idea to answers: a coordinator's round, and a child who takes part."""

from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from modules.jeugdmonitor.model import Answer, PartialResponse, Response, Round
from tests.modules.jeugdmonitor.conftest import found
from tests.modules.jeugdmonitor.visitors import ROUNDS, Coordinator, Respondent


def test_a_round_is_prepared_opened_answered_and_closed(
    nele: Coordinator, draft: Round, session: Session, new_respondent: Callable[..., Respondent]
) -> None:
    assert len(draft.questions) == 16
    assert "In opmaak" in nele.get(f"{ROUNDS}/{draft.id}").text
    assert "Uw bevraging is open" in nele.open_round(draft.id).text
    for choose in (0, 1, None):
        thanks = new_respondent(draft).take_part(choose, age_group="9-11", gender="girl")
        assert "Dank je wel" in thanks.text
    assert "Geen enkel antwoord wijzigt nog" in nele.close_round(draft.id).text
    assert found(session, draft.id).state == "closed"
    assert session.scalar(select(func.count()).select_from(Response)) == 3
    assert session.scalar(select(func.count()).select_from(Answer)) == 2 * 16
    assert session.scalar(select(func.count()).select_from(PartialResponse)) == 0
    assert set(session.scalars(select(Response.age_group))) == {"9-11"}
