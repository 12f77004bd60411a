"""A BSN or rijksregisternummer is found however it is written, and little else is taken for one."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.plusminmee.citizen_numbers import find_citizen_numbers
from tests.modules.plusminmee.numbers import ANOTHER_BSN, BSN, NATIONAL_NUMBER, OLD_BSN, bsns

SEPARATORS = [" ", ".", "-", "/", "_", ",", ":", " - ", "\u00a0", "\u2013", "\u2011", "\u2009", "\u202f"]


def found(text: str) -> list[str]:
    """What is found, as it stands in the text."""
    return [text[each.start : each.end] for each in find_citizen_numbers(text)]


@given(bsns)
def test_every_bsn_is_found_in_a_sentence(number: str) -> None:
    assert found(f"Zijn nummer is {number}, gezien op het bureau.") == [number]


@given(bsns, st.sampled_from(SEPARATORS), st.sampled_from([(3, 6), (4, 6)]))
def test_every_bsn_is_found_in_the_usual_groups(number: str, separator: str, cuts: tuple[int, int]) -> None:
    written = separator.join((number[: cuts[0]], number[cuts[0] : cuts[1]], number[cuts[1] :]))
    assert found(f"nr {written}.") == [written]


@pytest.mark.parametrize(
    "written",
    [
        BSN,
        f"BSN{BSN}",
        f"bsn:{BSN}x",
        f"NL{BSN}B01",
        f"{BSN} 12 jaar",
        f"12 {BSN}",
        "1112.22.333",
        "111.222.333",
        "111-222-333",
        "11 12 22 33 3",
        "1 1 1 2 2 2 3 3 3",
        "11122 2333",
        "111\u00ad222\u00ad333",
        "111\u200b222333",
        "１１１２２２３３３",
        "١١١٢٢٢٣٣٣",
        "¹¹¹²²²³³³",
        "①①①②②②③③③",
        OLD_BSN,
        OLD_BSN[1:],
        "12.345.672",
        "123.456.72",
    ],
)
def test_it_is_found_in_any_form(written: str) -> None:
    assert len(found(f"Genoteerd: {written}")) == 1


def test_several_are_found_each_at_its_place() -> None:
    assert found(f"{BSN} en {ANOTHER_BSN}") == [BSN, ANOTHER_BSN]


@pytest.mark.parametrize("written", [NATIONAL_NUMBER, "85.07.30-000.61", "850730-000-61", "850730 000 61"])
def test_a_rijksregisternummer_is_found_too(written: str) -> None:
    assert [each.kind for each in find_citizen_numbers(f"RR {written}")] == ["rijksregisternummer"]


@pytest.mark.parametrize(
    "harmless",
    [
        "Gezien op 12-05-2024 en op 12.05.2024, ook op 2024-05-12.",
        "Tussen 19.00-21.00 en 19:30 - 22:15 stonden er 12 jongeren.",
        "Bel 06-12345678 of 06 12 34 56 78 of 0348-123456 of (0348) 12 34 56.",
        "Bel +31 6 12345678, 0031612345678 of +32 470 12 34 56.",
        "Bel 02 123 45 67 of 012 34 56 78 in België.",
        "Seizoen 2019-2020 en 2024/2025.",
        "Postcode 3417 AB, huisnummer 12.",
        "Huisnummers 12, 14, 16, 18 en 203, gezien om 21:15:33.",
        "Bedrag 1.250,00 en nummer 1234567890.",
        "Kaart 591-1917064-58.",
        "111222334 is geen BSN, want de elfproef klopt niet.",
        "20100512 en 12052010 zijn dagen.",
    ],
)
def test_what_is_plainly_something_else_is_left_alone(harmless: str) -> None:
    assert found(harmless) == []


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31)))
def test_no_day_is_ever_taken_for_a_bsn(day: date) -> None:
    for form in ("%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y", "%Y-%m-%d", "%d%m%Y", "%Y%m%d"):
        assert found(f"gezien {day.strftime(form)} bij de winkel") == []


@given(st.from_regex(r"[1-9][0-9]{7}", fullmatch=True))
def test_no_mobile_number_is_ever_taken_for_a_bsn(last: str) -> None:
    spaced = " ".join((last[:2], last[2:4], last[4:6], last[6:]))
    for written in (
        f"06{last}",
        f"06-{last}",
        f"06 {last}",
        f"06 {spaced}",
        f"06 - {last}",
        f"+31 6 {spaced}",
        f"+316{last}",
    ):
        assert found(f"bel {written} vanavond") == []


@given(st.text(max_size=300))
def test_whatever_is_written_what_is_found_stands_in_it_in_order(text: str) -> None:
    last = 0
    for each in find_citizen_numbers(text):
        assert last <= each.start < each.end <= len(text)
        last = each.end


def test_a_page_full_of_digits_is_read_in_no_time() -> None:
    assert len(find_citizen_numbers("1 " * 30_000)) <= 30_000
