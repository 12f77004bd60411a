"""A file of rights is read in whatever form Excel writes it here, and refused by line or column, never by value (CU3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.errors import InvalidError
from broker.web.sheets.rights_file import BYTES_AT_MOST, read_rights_file

HEADS = "E-mailadres;Toepassing;Recht"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_every_encoding_separator_and_line_end_of_excel(encoding: str, separator: str, newline: str) -> None:
    text = newline.join([HEADS + ";Voornaam", "zoe@genk.be;cultuurmonitor;invoerder;Zoë", ""]).replace(";", separator)
    ((number, line),) = read_rights_file(text.encode(encoding))
    assert number == 2
    assert (line.email, line.application, line.right, line.given_name) == (
        "zoe@genk.be",
        "cultuurmonitor",
        "invoerder",
        "Zoë",
    )


def test_heads_are_known_in_both_languages_in_any_order_and_others_are_left_out() -> None:
    text = "Right,Kleur,Application,Email address,Up to and including\nreader,blauw,Culture monitor,a@b.be,31/12/2027\n"
    ((_, line),) = read_rights_file(text.encode())
    assert (line.right, line.application, line.email, line.last_day) == (
        "reader",
        "Culture monitor",
        "a@b.be",
        "31/12/2027",
    )


def test_our_own_list_can_come_back() -> None:
    """The code counts before the name, "Sinds" is no day to begin on, and the apostrophe before a formula goes."""
    text = (
        "Familienaam;E-mailadres;Toepassing;Recht;Sinds;Tot en met;Code van de toepassing;Code van het recht\r\n"
        "'=Peeters;a@b.be;Cultuurmonitor;Cultuurmonitor Invoerder;2026-01-01;2027-12-31;cultuurmonitor;invoerder\r\n"
    )
    ((_, line),) = read_rights_file(text.encode("utf-8-sig"))
    assert (line.application, line.right, line.first_day, line.family_name) == (
        "cultuurmonitor",
        "invoerder",
        "",
        "=Peeters",
    )


def test_line_numbers_are_those_of_the_file() -> None:
    text = f'sep=;\n{HEADS};Voornaam\n\na@b.be;c;r;"An\nMie"\n;;;\nb@b.be;c;r;Jo\n'
    assert [(number, line.email) for number, line in read_rights_file(text.encode())] == [(5, "a@b.be"), (7, "b@b.be")]


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"", "file_empty", "leeg"),
        (b"\n\n", "file_empty", "leeg"),
        (b"PK\x03\x04\x00\x00", "file_not_text", "CSV"),
        (b"\x81\x8d\x8f", "file_not_text", "CSV"),
        (f"{HEADS}\na\x00b;c;d".encode(), "file_not_text", "CSV"),
        (b"Toepassing;Recht\na;b", "column_missing", "E-mailadres"),
        (b"E-mailadres;Recht\na;b", "column_missing", "Toepassing"),
        (f"{HEADS}\na;b;c\n{'x' * 3000};b;c".encode(), "line_too_long", "Regel 3"),
        (f"{HEADS}\n{'x' * 400};b;c".encode(), "line_too_long", "Regel 2"),
        (f'{HEADS}\na;b;c\n"a"x;b;c'.encode(), "line_unreadable", "Regel 3"),
        (f'{HEADS}\n"a;b;c\n'.encode() + b"d;e;f\n" * 3, "line_unreadable", "Regel"),
        ((";".join("abcdefghij" * 5) + ";" + HEADS).encode(), "too_many_columns", "kolommen"),
        (b"x" * (BYTES_AT_MOST + 1), "file_too_large", "8 MB"),
    ],
)
def test_what_cannot_be_read_is_told_by_line_or_column(content: bytes, code: str, said: str) -> None:
    """CU3: NUL, encodings, a giant line."""
    with pytest.raises(InvalidError) as refused:
        read_rights_file(content)
    assert refused.value.code == code
    assert said in refused.value.text.nl


@given(st.binary(max_size=2000))
def test_no_file_whatever_breaks_the_reader(content: bytes) -> None:
    """CU3."""
    try:
        read_rights_file(content)
        read_rights_file(f"{HEADS}\n".encode() + content)
    except InvalidError:
        pass


@given(st.lists(st.text(alphabet=st.characters(blacklist_characters="\x00", codec="utf-8"), max_size=60), max_size=5))
def test_an_error_never_quotes_the_file(cells: list[str]) -> None:
    """CU3."""
    secret = "85073003328"
    text = f'{HEADS}\n{secret};"{secret}{"".join(cells)}\n{secret}"x;\n'
    said = ""
    try:
        read_rights_file(text.encode())
    except InvalidError as error:
        said = error.text.nl + error.text.en + str(error.facts)
    assert secret not in said
