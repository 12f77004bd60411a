"""Several at once, on both databases: one code, one click, one closing."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from modules.jeugdmonitor.model import Answer, PartialResponse, RateNote, Response, Round, RoundEvent
from modules.jeugdmonitor.respondent import pages
from tests.modules.jeugdmonitor.conftest import found
from tests.modules.jeugdmonitor.visitors import ROUNDS, Coordinator, Respondent

NewRespondent = Callable[..., Respondent]


def all_at_once(*acts: Callable[[], object]) -> None:
    """Start them together and wait for all."""
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        barrier.wait(30)
        act()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


def test_two_clicks_on_send_are_one_answer(open_round: Round, session: Session, new_respondent: NewRespondent) -> None:
    child = new_respondent(open_round)
    child.begin()
    child.answer()
    child.get("/klaar")
    cookie = child.client.get_cookie(f"v_{open_round.link_key}", domain="localhost", path=child.link)
    assert cookie is not None
    twins = [new_respondent(open_round) for _ in range(4)]
    for twin in twins:
        twin.client.set_cookie(cookie.key, cookie.value, domain="localhost", path=child.link)
        twin.get("/klaar")
    all_at_once(*(lambda twin=twin: twin.post("/klaar") for twin in twins))  # type: ignore[misc]
    assert session.scalar(select(func.count()).select_from(Response)) == 1
    assert session.scalar(select(func.count()).select_from(Answer)) == 16


def test_two_clicks_on_begin_are_one_beginning(
    open_round: Round, session: Session, new_respondent: NewRespondent
) -> None:
    child = new_respondent(open_round)
    twin = new_respondent(open_round)
    cookie = child.client.get_cookie(f"v_{open_round.link_key}", domain="localhost", path=child.link)
    assert cookie is not None
    twin.client.set_cookie(cookie.key, cookie.value, domain="localhost", path=child.link)
    twin.get()
    answers: list[int] = []
    all_at_once(*(lambda one=one: answers.append(one.post("").status_code) for one in (child, twin)))  # type: ignore[misc]
    assert answers == [303, 303]
    assert session.scalar(select(func.count()).select_from(PartialResponse)) == 1


def test_who_sends_while_it_closes_is_in_whole_or_not_at_all(
    nele: Coordinator, open_round: Round, session: Session, new_respondent: NewRespondent
) -> None:
    """SV1: an answer that came in after closing does not exist, nor half of one."""
    children = [new_respondent(open_round) for _ in range(5)]
    for child in children:
        child.begin()
        child.answer()
        child.get("/klaar")
    nele.get(f"{ROUNDS}/{open_round.id}/sluiten")
    all_at_once(
        lambda: nele.post(f"{ROUNDS}/{open_round.id}/sluiten"),
        *(lambda child=child: child.post("/klaar") for child in children),  # type: ignore[misc]
    )
    assert found(session, open_round.id).state == "closed"
    sent = session.scalar(select(func.count()).select_from(Response)) or 0
    assert session.scalar(select(func.count()).select_from(Answer)) == sent * 16
    assert session.scalar(select(func.count()).select_from(PartialResponse)) == 0


def test_a_busy_place_is_noted_once_by_all_who_send_at_once(
    open_round: Round, session: Session, new_respondent: NewRespondent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SV6: the note never costs a child its answer."""
    monkeypatch.setattr(pages, "STRIKING", 1)
    children = [new_respondent(open_round) for _ in range(5)]
    for child in children:
        child.begin()
        child.get("/klaar")
    answers: list[int] = []
    all_at_once(*(lambda child=child: answers.append(child.post("/klaar").status_code) for child in children))  # type: ignore[misc]
    assert answers == [303] * 5
    assert session.scalar(select(func.count()).select_from(Response)) == 5
    assert session.scalar(select(func.count()).select_from(RateNote)) == 1


def test_two_who_close_close_once(
    nele: Coordinator, colleague: Coordinator, open_round: Round, session: Session
) -> None:
    for browser in (nele, colleague):
        browser.get(f"{ROUNDS}/{open_round.id}/sluiten")
    all_at_once(*(lambda one=one: one.post(f"{ROUNDS}/{open_round.id}/sluiten") for one in (nele, colleague)))  # type: ignore[misc]
    closed = select(func.count()).select_from(RoundEvent).where(RoundEvent.kind == "closed")
    assert session.scalar(closed) == 1
