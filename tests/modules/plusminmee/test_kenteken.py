"""A registration number is written as on the plate, whatever way it was typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.plusminmee.citizen_numbers import find_citizen_numbers
from modules.plusminmee.kenteken import read_kenteken
from modules.plusminmee.refusals import RefusedError
from tests.modules.plusminmee.numbers import BSN


@pytest.mark.parametrize(
    ("typed", "plate"),
    [
        ("zx1234", "ZX-12-34"),
        ("12zx34", "12-ZX-34"),
        ("TD JK 12", "TD-JK-12"),
        ("12tdb3", "12-TDB-3"),
        ("1-tdb-23", "1-TDB-23"),
        ("tx.123.d", "TX-123-D"),
        ("x 123 td", "X-123-TD"),
        ("gxx12d", "GXX-12-D"),
        ("d12xxg", "D-12-XXG"),
        ("1xx234", "1-XX-234"),
        ("123xx4", "123-XX-4"),
        ("1abc234", "1-ABC-234"),
        (" b  ab 1234 ", "B-AB-1234"),
        ("12–zx–34", "12-ZX-34"),
    ],
)
def test_the_dashes_are_those_of_the_plate(typed: str, plate: str) -> None:
    assert read_kenteken(typed) == plate
    assert read_kenteken(plate) == plate


@pytest.mark.parametrize("typed", ["", "ab", "Volkswagen Golf", "AB-12-34-56-78", "AB:12:CD", "ÄB-12-34"])
def test_what_is_no_registration_number_is_refused(typed: str) -> None:
    with pytest.raises(RefusedError, match="kenteken_form"):
        read_kenteken(typed)


@pytest.mark.parametrize("typed", [BSN, "1112.22.333", "111 222 333"])
def test_a_bsn_is_refused_as_such(typed: str) -> None:
    with pytest.raises(RefusedError, match="kenteken_bsn"):
        read_kenteken(typed)


@given(st.from_regex(r"[A-Za-z0-9]{4,9}", fullmatch=True))
def test_no_sign_is_lost_or_added_but_dashes(typed: str) -> None:
    if find_citizen_numbers(typed):
        return
    assert read_kenteken(typed).replace("-", "") == typed.upper()
