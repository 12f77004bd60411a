"""Numbers, addresses and names: what is taken, in which form, and what is refused."""

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.people.identifiers import (
    IdentifierError,
    clean_line,
    folded,
    kbo_number,
    masked_national_number,
    national_number,
    nis_code,
    ovo_code,
    same_name,
    written_kbo,
)

EIGHT_DIGITS = st.integers(1_000_000, 19_999_999).map(lambda number: f"{number:08d}")
BIRTHS = st.dates(min_value=date(1920, 1, 1), max_value=date(2020, 12, 31))


def kbo_with_check_digits(eight: str) -> str:
    return f"{eight}{97 - int(eight) % 97:02d}"


@given(EIGHT_DIGITS)
def test_a_kbo_number_with_its_check_digits_is_taken_however_it_is_written(eight: str) -> None:
    number = kbo_with_check_digits(eight)
    for written in (number, written_kbo(number), f"BE {written_kbo(number)}", f"BE{number}"):
        assert kbo_number(written) == number


@given(EIGHT_DIGITS, st.integers(1, 96))
def test_a_kbo_number_with_other_check_digits_is_refused(eight: str, off: int) -> None:
    right = 97 - int(eight) % 97
    wrong = (right + off - 1) % 97 + 1
    with pytest.raises(IdentifierError):
        kbo_number(f"{eight}{wrong:02d}")


@given(st.integers(20_000_000, 89_999_999))
def test_a_number_of_an_establishment_is_no_kbo_number(eight: int) -> None:
    with pytest.raises(IdentifierError):
        kbo_number(kbo_with_check_digits(str(eight)))


@given(BIRTHS, st.integers(0, 999))
def test_a_national_number_of_either_century_is_taken_with_and_without_signs(birth: date, counter: int) -> None:
    first = f"{birth:%y%m%d}{counter:03d}"
    century = "2" if int(f"{birth:%Y}") >= 2000 else ""
    check = f"{97 - int(century + first) % 97:02d}"
    number = first + check
    written = f"{number[:2]}.{number[2:4]}.{number[4:6]}-{number[6:9]}.{number[9:]}"
    assert national_number(number) == number
    assert national_number(written) == number
    assert masked_national_number(number) == f"••.••.••-•••.{check}"


@given(BIRTHS, st.integers(1, 997), st.integers(0, 10), st.integers(1, 9))
def test_one_wrong_digit_is_no_national_number(birth: date, counter: int, place: int, off: int) -> None:
    first = f"{birth:%y%m%d}{counter:03d}"
    century = "2" if int(f"{birth:%Y}") >= 2000 else ""
    number = first + f"{97 - int(century + first) % 97:02d}"
    wrong = number[:place] + str((int(number[place]) + off) % 10) + number[place + 1 :]
    other_century = int(wrong[9:]) == 97 - int(("" if century else "2") + wrong[:9]) % 97
    if not other_century:
        with pytest.raises(IdentifierError):
            national_number(wrong)


def test_too_few_digits_says_how_many_there_must_be() -> None:
    with pytest.raises(IdentifierError) as refusal:
        national_number("85.07.30-033.2")
    assert refusal.value.text.nl == "Dit nummer heeft 10 cijfers. Het moeten er 11 zijn."


@given(st.text(max_size=30))
def test_nothing_else_passes_for_a_number(text: str) -> None:
    for check, length in ((national_number, 11), (kbo_number, 10), (ovo_code, 9), (nis_code, 5)):
        try:
            number = check(text)
        except IdentifierError:
            continue
        assert len(number) == length


@given(st.text(max_size=300))
def test_a_name_that_is_kept_can_deceive_nobody(text: str) -> None:
    """SR7: no control or bidirectional character, composed, one line, not too long."""
    try:
        name = clean_line(text)
    except IdentifierError:
        return
    assert unicodedata.is_normalized("NFC", name)
    assert len(name) <= 100
    assert name == " ".join(name.split())
    assert all(unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Co", "Cn"} for sign in name)


@pytest.mark.parametrize("name", ["Jan\u202eneB", "Jan\0", "Jan\u200bPeeters", "x" * 101])
def test_a_name_with_hidden_signs_or_too_long_is_refused(name: str) -> None:
    """SR7: what the reader of the inbox would see is not what is there."""
    with pytest.raises(IdentifierError):
        clean_line(name)


@given(st.text(max_size=60))
def test_folding_again_changes_nothing_and_leaves_nothing_but_words(text: str) -> None:
    once = folded(text)
    assert folded(once) == once
    assert all(sign.isascii() and (sign.isalnum() or sign == " ") for sign in once)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Amina Ouali", "OUALI Amina", True),
        ("José De Smedt", "Jose de smedt", True),
        ("Jan Peeters", "Jan Peters", False),
    ],
)
def test_a_name_is_the_same_in_any_order_and_without_accents(one: str, other: str, same: bool) -> None:
    """DG6: a name written slightly differently is the same, another name is not."""
    assert same_name(one, other) is same
