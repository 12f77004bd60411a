"""What is a figure, and when figures are in order."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.cultuurmonitor.figures import (
    FIGURES,
    SECTIONS,
    NumberError,
    check_before_submitting,
    check_sums,
    read_number,
    write_number,
    write_with_unit,
)

TODAY = date(2026, 11, 17)
COUNT = FIGURES["visitors_total"]
FTE = FIGURES["staff_total"]
EURO = FIGURES["income_total"]

IN_ORDER: dict[str, int | None] = {
    "activities_own": 10,
    "activities_partners": 5,
    "activities_receptive": 5,
    "activities_total": 20,
    "visitors_total": 4000,
    "tickets_paid": 2500,
    "tickets_free": 500,
    "tickets_total": 3000,
    "hirings_associations": 30,
    "hirings_others": 12,
    "hirings_total": 42,
    "staff_programme": 250,
    "staff_support": 400,
    "staff_total": 650,
    "income_own": 5_000_000,
    "income_subsidies": 9_000_000,
    "income_other": 100_050,
    "income_total": 14_100_050,
    "expense_staff": 8_000_000,
    "expense_programme": 4_000_000,
    "expense_running": 2_000_000,
    "expense_total": 14_000_000,
}


@pytest.mark.parametrize(
    ("figure", "typed", "amount"),
    [
        (COUNT, "", None),
        (COUNT, "   ", None),
        (COUNT, "0", 0),
        (COUNT, "1250", 1250),
        (COUNT, "1.250", 1250),
        (COUNT, "1 250", 1250),
        (COUNT, "1\u00a0250", 1250),
        (COUNT, "１２", 12),
        (FTE, "4,5", 450),
        (FTE, "4", 400),
        (FTE, "12,25", 1225),
        (EURO, "€ 1.250,50", 125050),
        (EURO, "1250,5", 125050),
        (EURO, "1.250", 125000),
        (EURO, "0,07", 7),
    ],
)
def test_figures_are_read_as_people_here_write_them(figure: object, typed: str, amount: int | None) -> None:
    assert read_number(figure, typed) == amount  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("figure", "typed", "words"),
    [
        (COUNT, "veel", "heel getal"),
        (COUNT, "12,5", "heel getal"),
        (COUNT, "1.25", "heel getal"),
        (COUNT, "1.2500", "heel getal"),
        (COUNT, "-3", "minder dan 0"),
        (COUNT, "−3", "minder dan 0"),
        (COUNT, "5.000.001", "meer dan hier kan"),
        (COUNT, "9" * 60, "getal"),
        (COUNT, "=1+1", "heel getal"),
        (COUNT, "1e3", "heel getal"),
        (COUNT, "٣", "getal"),
        (FTE, "4.5", "komma"),
        (FTE, "4,555", "twee cijfers"),
        (FTE, "500,01", "meer dan hier kan"),
        (EURO, "1.250.5", "getal"),
        (EURO, "1,250,50", "getal"),
        (EURO, "NaN", "getal"),
        (EURO, "Infinity", "getal"),
    ],
)
def test_what_is_no_figure_gets_a_sentence_that_helps(figure: object, typed: str, words: str) -> None:
    with pytest.raises(NumberError, match=words):
        read_number(figure, typed)  # type: ignore[arg-type]


@given(st.sampled_from(list(FIGURES.values())), st.data())
def test_what_is_written_is_read_back_the_same(figure: object, data: st.DataObject) -> None:
    amount = data.draw(st.integers(0, figure.most))  # type: ignore[attr-defined]
    assert read_number(figure, write_number(figure, amount)) == amount  # type: ignore[arg-type]


@given(st.sampled_from(list(FIGURES.values())), st.text(max_size=60))
def test_whatever_is_typed_is_a_figure_within_limits_or_a_sentence(figure: object, typed: str) -> None:
    try:
        amount = read_number(figure, typed)  # type: ignore[arg-type]
    except NumberError:
        return
    assert amount is None or 0 <= amount <= figure.most  # type: ignore[attr-defined]


def test_figures_are_written_with_their_unit() -> None:
    assert write_with_unit(COUNT, 48250) == "48.250"
    assert write_with_unit(FTE, 450) == "4,5 VTE"
    assert write_with_unit(EURO, 125050) == "€\u00a01.250,50"
    assert write_with_unit(EURO, None) == "–"


def test_figures_in_order_may_be_submitted() -> None:
    assert check_before_submitting(IN_ORDER, 2025, TODAY) == []


@pytest.mark.parametrize(
    "section", [section for section in SECTIONS if section.total], ids=lambda section: section.code
)
def test_every_total_is_the_sum_of_its_parts(section: object) -> None:
    total = section.total.code  # type: ignore[attr-defined]
    values = {**IN_ORDER, total: (IN_ORDER[total] or 0) - 1}
    findings = check_before_submitting(values, 2025, TODAY)
    assert total in [finding.code for finding in findings]
    assert "de delen samen zijn" in findings[0].message


def test_there_are_no_more_tickets_than_visitors() -> None:
    findings = check_sums({**IN_ORDER, "visitors_total": 2999})
    assert [finding.code for finding in findings] == ["tickets_total"]
    assert "meer tickets (3.000) dan bezoekers (2.999)" in findings[0].message


def test_visitors_need_an_activity() -> None:
    none = dict.fromkeys(("activities_own", "activities_partners", "activities_receptive", "activities_total"), 0)
    assert [finding.code for finding in check_sums({**IN_ORDER, **none})] == ["activities_total"]


def test_an_empty_figure_is_named_before_submitting_but_not_in_a_draft() -> None:
    values = {**IN_ORDER, "hirings_others": None}
    assert check_sums(values) == []
    findings = check_before_submitting(values, 2025, TODAY)
    assert [finding.code for finding in findings] == ["hirings_others"]


def test_a_year_that_is_not_over_cannot_be_submitted() -> None:
    findings = check_before_submitting(IN_ORDER, 2026, TODAY)
    assert "vanaf 1 januari 2027" in findings[0].message
    assert check_before_submitting(IN_ORDER, 2026, date(2027, 1, 1)) == []
