"""What a coordinator sees of a closed round: on the page, in the file and on paper the same, and never a single child (SV1-SV5)."""

import csv
import io
import re
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from modules.jeugdmonitor.bank import BANK
from modules.jeugdmonitor.model import Round
from modules.jeugdmonitor.results.averages import MUNICIPALITIES, average_shares, pool
from modules.jeugdmonitor.results.protect import LEAST, Share
from modules.jeugdmonitor.results.published import published
from tests.modules.fake_broker import OTHER_ORG
from tests.modules.jeugdmonitor.conftest import found
from tests.modules.jeugdmonitor.towns import NOW, ONE, Towns
from tests.modules.jeugdmonitor.visitors import BASE, ROUNDS, Coordinator

SEVERAL = next(code for code, question in BANK.items() if question.kind == "several")


@pytest.fixture
def towns(engine: Engine) -> Towns:
    return Towns(engine)


def options(code: str = ONE) -> list[str]:
    return [option.code for option in BANK[code].options]


def chosen(*numbers: int, code: str = ONE) -> dict[str, int]:
    return dict(zip(options(code), numbers, strict=False))


def test_before_closing_there_is_nothing_in_no_form(nele: Coordinator, towns: Towns) -> None:
    """SV1."""
    round_id = towns.round(chosen(30, 30, 30), state="open")
    for ending in ("resultaten", "resultaten.csv", "resultaten.pdf"):
        assert nele.get(f"{ROUNDS}/{round_id}/{ending}").status_code == 404


def test_another_municipality_sees_nothing_of_it(neighbour: Coordinator, towns: Towns) -> None:
    round_id = towns.round(chosen(30, 30, 30))
    for ending in ("resultaten", "resultaten.csv", "resultaten.pdf"):
        assert neighbour.get(f"{ROUNDS}/{round_id}/{ending}").status_code == 404


def test_page_file_and_paper_say_the_same_shares(nele: Coordinator, towns: Towns) -> None:
    """SV2: one result function."""
    round_id = towns.round(chosen(48, 36, 36))
    page = nele.get(f"{ROUNDS}/{round_id}/resultaten").text
    assert str(BANK[ONE].prompt.nl) in page
    assert "ongeveer 40 %" in page
    assert "ongeveer 30 %" in page
    assert "Ongeveer 120 antwoorden." in page
    assert not re.search(r">\s*(48|36|120)\b", page), "no number of people, but rounded"
    answer = nele.get(f"{ROUNDS}/{round_id}/resultaten.csv")
    lines = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    everybody = [line[5] for line in lines[1:] if line[3] == "Iedereen"]
    assert everybody[:3] == ["ongeveer 40 %", "ongeveer 30 %", "ongeveer 30 %"]
    paper = nele.client.get(f"{ROUNDS}/{round_id}/resultaten.pdf", base_url=BASE)
    assert paper.data.startswith(b"%PDF-")
    assert "attachment" in paper.headers["Content-Disposition"]


def test_fewer_than_ten_answers_show_nothing_but_that(nele: Coordinator, towns: Towns) -> None:
    """SV2."""
    round_id = towns.round(chosen(5, 4))
    page = nele.get(f"{ROUNDS}/{round_id}/resultaten").text
    assert "Te weinig antwoorden om iets te tonen" in page
    assert str(BANK[ONE].prompt.nl) not in page
    paper = nele.client.get(f"{ROUNDS}/{round_id}/resultaten.pdf", base_url=BASE)
    assert paper.data.startswith(b"%PDF-")


def test_a_small_cell_is_not_shown_and_neither_is_what_gives_it_away(
    nele: Coordinator, towns: Towns, session: Session
) -> None:
    """SV2: secondary suppression."""
    round_id = towns.round(chosen(60, 30, 4))
    results = published(session, found(session, round_id))
    assert [share.kind for share in results.questions[0].everybody.shares[:3]] == ["about", "hidden", "hidden"]
    assert "niet getoond" in nele.get(f"{ROUNDS}/{round_id}/resultaten").text


def test_where_nearly_everybody_agrees_only_a_rough_majority_is_said(towns: Towns, session: Session) -> None:
    """SV3."""
    results = published(session, found(session, towns.round(chosen(300, 2))))
    assert results.questions[0].everybody.shares[0] == Share("above", 90)


def test_groups_stand_beside_each_other_one_breakdown_at_a_time(
    nele: Coordinator, towns: Towns, session: Session
) -> None:
    about = (("9-11", "girl"), ("9-11", "boy"), ("12-14", "girl"), ("12-14", "boy"))
    round_id = towns.round(chosen(120, 120, 120), about=about)
    [question] = published(session, found(session, round_id)).questions
    assert set(question.breakdowns) == {"age_group", "gender"}
    assert set(question.breakdowns["age_group"]) == {"9-11", "12-14"}
    page = nele.get(f"{ROUNDS}/{round_id}/resultaten").text
    assert "Per leeftijd" in page
    assert "9 tot 11 jaar" in page


def test_a_question_with_several_answers_counts_who_chose_each(towns: Towns, session: Session) -> None:
    round_id = towns.round(chosen(40, 20, 20, code=SEVERAL), code=SEVERAL)
    [question] = published(session, found(session, round_id)).questions
    assert [share.percent for share in question.everybody.shares[:3]] == [50, 25, 25]


def test_the_round_before_is_compared_by_the_questions_of_the_bank(towns: Towns, session: Session) -> None:
    towns.round(chosen(90, 30, 30), title="Te oud", closed=NOW - timedelta(days=900))
    towns.round(chosen(30, 60, 30), title="Vorige", closed=NOW - timedelta(days=300))
    results = published(session, found(session, towns.round(chosen(60, 30, 30))))
    assert results.previous is not None
    assert results.previous.title == "Vorige"
    [question] = results.questions
    assert question.previous is not None
    assert [share.percent for share in question.previous[:3]] == [25, 50, 25]


def test_the_average_is_of_at_least_five_others_and_never_of_one_in_disguise(towns: Towns, session: Session) -> None:
    """SV2."""
    for number in range(MUNICIPALITIES - 1):
        towns.round(chosen(20, 10, 10), organisation=f"090000000{number}")
    own = towns.round(chosen(40, 40, 40))
    assert published(session, found(session, own)).questions[0].average is None, "four are too few"
    towns.round(chosen(5, 2, 2), organisation=OTHER_ORG)
    assert published(session, found(session, own)).questions[0].average is None, "nine answers are too few"
    towns.round(chosen(30, 10, 10), organisation=OTHER_ORG, closed=NOW)
    average = published(session, found(session, own)).questions[0].average
    assert average is not None
    assert [share.percent for share in average[:3]] == [50, 25, 25]


@pytest.mark.parametrize(
    ("several", "chosen"),
    [(False, {"yes": 53, "no": 7}), (False, {"a": 7, "b": 20, "c": 33}), (True, {"yes": 53})],
)
def test_an_average_hides_beside_what_is_too_small_what_would_give_it_away(
    several: bool, chosen: dict[str, int]
) -> None:
    """SV2: of two options the one that is shown says how many chose the other."""
    shares = average_shares({"x": (chosen, 60)}, "x", tuple(chosen), several=several)
    assert shares is not None
    hidden = [chosen[option] for option, share in zip(chosen, shares, strict=True) if share.kind == "hidden"]
    told = [share for share in shares if share.kind in ("about", "below")]
    assert not told or (len(hidden) >= 2 and sum(hidden) >= LEAST)


def test_an_option_that_this_round_does_not_have_counts_in_the_average_all_the_same() -> None:
    shares = average_shares({"x": ({"yes": 30, "no": 15, "perhaps": 15}, 60)}, "x", ("yes", "no"), several=False)
    assert shares is not None
    assert [share.percent for share in shares] == [50, 25]


def test_one_large_town_is_no_average() -> None:
    """SV2: none has more than half of the answers."""
    assert pool([({"a": 10}, 10)] * 4 + [({"a": 50}, 50)]) is None
    assert pool([({"a": 10}, 10)] * 4 + [({"b": 40}, 40)]) == ({"a": 40, "b": 40}, 80)


def test_what_was_written_is_shown_from_ten_on_and_never_as_it_came_in(
    nele: Coordinator, towns: Towns, session: Session
) -> None:
    """SV5."""
    few = towns.round(chosen(20, 20, 20), words=tuple(f"Zin {number}" for number in range(9)))
    assert "Zin 1" not in nele.get(f"{ROUNDS}/{few}/resultaten").text
    written = tuple(f"Zin {number:02d}" for number in range(30))
    enough = towns.round(chosen(20, 20, 20), words=written)
    words = published(session, found(session, enough)).questions[-1].words
    assert words is not None
    assert sorted(words) == sorted(written)
    assert words != written
    assert words == published(session, found(session, enough)).questions[-1].words, "the same each time"


def test_an_own_question_cannot_be_a_formula_in_a_spreadsheet(nele: Coordinator, towns: Towns) -> None:
    """CU3."""
    round_id = towns.round({"o1": 30, "o2": 30}, own=[["o1", "@SUM(A1)"], ["o2", "Nee"]])
    answer = nele.get(f"{ROUNDS}/{round_id}/resultaten.csv").text
    assert "'=Eigen vraag" in answer
    assert "'@SUM(A1)" in answer


def test_the_page_asks_the_same_of_the_database_for_many_answers_as_for_few(
    nele: Coordinator, towns: Towns, engine: Engine
) -> None:
    def asked(round_id: uuid.UUID) -> int:
        seen: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            assert nele.get(f"{ROUNDS}/{round_id}/resultaten").status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len([each for each in seen if each.lstrip().upper().startswith("SELECT")])

    towns.round(chosen(12, 12, 12), closed=NOW - timedelta(days=20))
    few = towns.round(chosen(12, 12, 12), closed=NOW - timedelta(days=10))
    many = towns.round(chosen(900, 700, 400), closed=NOW)
    asked(few)
    assert asked(many) == asked(few) <= 12


def test_after_closing_the_way_leads_from_the_round_to_its_results(nele: Coordinator, open_round: Round) -> None:
    assert f"{open_round.id}/resultaten" not in nele.get(f"{ROUNDS}/{open_round.id}").text
    nele.close_round(open_round.id)
    assert f"{ROUNDS}/{open_round.id}/resultaten" in nele.get(f"{ROUNDS}/{open_round.id}").text
    assert "Te weinig antwoorden" in nele.get(f"{ROUNDS}/{open_round.id}/resultaten").text
