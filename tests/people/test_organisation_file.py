"""Reading a CSV of organisations: each bad line is reported with its place, and the good ones stay good."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.catalogue import Catalogue
from broker.errors import InvalidError
from broker.people import organisation_file
from broker.people.organisation_file import COLUMNS, read_organisation_file
from tests.people.organisation_files import AGB_GENK, ETTERBEEK, GENK, HEADER, INVENTED, JETTE, csv_file


def test_a_good_file_has_no_errors(catalogue: Catalogue) -> None:
    read = read_organisation_file(csv_file(*INVENTED), catalogue)
    assert read.errors == []
    assert [row.code for row in read.rows] == ["0999000129", "0999000228", "21010", "21005", "OVO900002", "0999000327"]


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (GENK.replace("0999000129", "0999000130"), "kbo"),
        (GENK.replace("0999000129", "2999000103"), "kbo"),
        (GENK.replace("OVO900001", "OVO9"), "ovo"),
        (GENK.replace("71016", "7101"), "nis"),
        (JETTE.replace("21010", "٢١٠١٠"), "nis"),
        (AGB_GENK.replace("71016", "x"), "parent_nis"),
        (GENK.replace(",LB,", ",,"), "doelgroep"),
        (GENK.replace(",LB,", ",ZZ,"), "doelgroep"),
        (GENK.replace("gemeente,", ",", 1), "type"),
        (GENK.replace("gemeente,", "dorp,", 1), "type"),
        (GENK.replace(",LB,", ",EA,"), "type"),
        (GENK.replace(",Genk,", ",,"), "name"),
        (GENK.replace(",Genk,", ",=cmd(1),"), "name"),
        (GENK.replace(",Genk,", ",Ge\u202enk,"), "name"),
        (GENK.replace(",Genk,", f",{'x' * 101},"), "name"),
        (GENK.replace(",1,invented", ",ja,invented"), "active"),
        (GENK.replace(",1,invented", ",,invented"), "active"),
        (JETTE.replace("21010", ""), "kbo"),
        (GENK.replace(",Genk,", ",Ge\0nk,"), ""),
        (GENK.replace(",Genk,", ',"Genk,'), ""),
        (GENK + ",one more", ""),
        ("gemeente,LB,Genk", ""),
        (GENK.replace("invented", "x" * 9000), ""),
    ],
)
def test_a_bad_line_is_reported_by_line_and_column_and_the_others_are_good(
    catalogue: Catalogue, line: str, column: str
) -> None:
    read = read_organisation_file(csv_file(ETTERBEEK, line, AGB_GENK), catalogue)
    assert [(error.line, error.column) for error in read.errors] == [(3, column)]
    assert all(error.text.nl and error.text.en for error in read.errors)
    assert [row.name for row in read.rows] == ["Etterbeek", "AGB Genk"]


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (AGB_GENK.replace("0999000228", "0999000129"), "kbo"),
        (AGB_GENK.replace(",,71016", ",OVO900001,71016"), "ovo"),
        (JETTE, "nis"),
        ("gemeente,LB,Jette,,21010,,,,,1,", "nis"),
    ],
)
def test_a_double_is_an_error_of_the_later_line_that_names_the_first(
    catalogue: Catalogue, line: str, column: str
) -> None:
    read = read_organisation_file(csv_file(GENK, JETTE, ETTERBEEK, line), catalogue)
    assert [(error.line, error.column) for error in read.errors] == [(5, column)]
    assert "line 2" in str(read.errors[0]) or "line 3" in str(read.errors[0])
    assert len(read.rows) == 3


def test_bytes_that_are_no_utf_8_spoil_their_own_line_only(catalogue: Catalogue) -> None:
    content = csv_file(ETTERBEEK, GENK, JETTE).getvalue().replace(b"Genk", b"G\xffnk")
    read = read_organisation_file(io.BytesIO(content), catalogue)
    assert [error.line for error in read.errors] == [3]
    assert len(read.rows) == 2


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_byte_order_mark_line_ends_and_semicolons_do_not_matter(
    catalogue: Catalogue, ending: str, mark: bytes, delimiter: str
) -> None:
    text = csv_file(*INVENTED).getvalue().decode().replace("\n", ending).replace(",", delimiter)
    read = read_organisation_file(io.BytesIO(mark + text.encode()), catalogue)
    assert (len(read.rows), read.errors) == (6, [])


def test_columns_may_stand_in_any_order_and_others_are_left_alone(catalogue: Catalogue) -> None:
    columns = ["extra", *reversed(COLUMNS)]
    line = ",".join(["x", *reversed(GENK.split(","))])
    read = read_organisation_file(csv_file(line, header=",".join(columns)), catalogue)
    assert (read.rows[0].name, read.errors) == ("Genk", [])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_columns"),
        (HEADER.replace(",kbo", "").encode(), "file_columns"),
        (HEADER.replace(",name_fr", ",name").encode(), "file_columns"),
        (HEADER.encode("utf-16"), "file_not_utf8"),
        (b"\x00\x01\x02", "file_columns"),
    ],
)
def test_what_is_no_such_file_at_all_is_refused_as_a_whole(catalogue: Catalogue, content: bytes, code: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        read_organisation_file(io.BytesIO(content), catalogue)
    assert refusal.value.code == code


def test_the_columns_that_are_missing_are_named(catalogue: Catalogue) -> None:
    with pytest.raises(InvalidError) as refusal:
        read_organisation_file(csv_file(GENK, header=HEADER.replace(",kbo,ovo", "")), catalogue)
    assert "kbo, ovo" in refusal.value.text.nl


def test_a_file_that_is_too_large_is_refused(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(organisation_file, "BYTES_AT_MOST", 500)
    with pytest.raises(InvalidError) as refusal:
        read_organisation_file(csv_file(*INVENTED, *INVENTED), catalogue)
    assert refusal.value.code == "file_too_large"
    monkeypatch.setattr(organisation_file, "BYTES_AT_MOST", 10**9)
    monkeypatch.setattr(organisation_file, "LINES_AT_MOST", 5)
    with pytest.raises(InvalidError):
        read_organisation_file(csv_file(*INVENTED), catalogue)


@given(st.binary(max_size=400))
def test_any_bytes_under_a_good_header_give_rows_or_errors_and_nothing_else(catalogue: Catalogue, noise: bytes) -> None:
    read = read_organisation_file(io.BytesIO(HEADER.encode() + b"\n" + noise + b"\n" + GENK.encode()), catalogue)
    assert all(error.line >= 2 for error in read.errors)
    assert any(row.kbo == "0999000129" for row in read.rows)


@given(st.text(alphabet=st.characters(blacklist_characters='\n\r,;"', blacklist_categories=["Cs"]), max_size=60))
def test_any_name_goes_in_clean_or_is_reported_at_its_line(catalogue: Catalogue, name: str) -> None:
    """SR7: the names in a file are held to the same as typed ones."""
    read = read_organisation_file(csv_file(GENK.replace(",Genk,", f",{name},")), catalogue)
    assert len(read.rows) + len(read.errors) == 1
    for row in read.rows:
        assert row.name.isprintable()
        assert not row.name.startswith(("=", "+", "-", "@"))


DUTCH = HEADER + ",code"


def dutch_line(code: str, kbo: str = "") -> str:
    return f"politie,NL,Politie Elzevoorde,,,,{kbo},,,1,invented,{code}"


def read_dutch(catalogue: Catalogue, *lines: str) -> organisation_file.OrganisationFile:
    return read_organisation_file(io.BytesIO("\n".join((DUTCH, *lines)).encode()), catalogue)


@pytest.mark.parametrize("code", ["NLPOLITIEELZ", "NL1", "GM0363"])
def test_an_organisation_in_the_netherlands_has_a_code_of_its_own(catalogue: Catalogue, code: str) -> None:
    """Decisions 17: the code of the CBS or a free one."""
    read = read_dutch(catalogue, dutch_line(code))
    assert (read.errors, [row.code for row in read.rows]) == ([], [code])


@pytest.mark.parametrize(
    "line",
    [
        dutch_line("nlelz"),
        dutch_line("ELZ"),
        dutch_line("GM36"),
        dutch_line("NL-1"),
        dutch_line("NL" + "A" * 19),
        dutch_line("NLELZ", kbo="0999000129"),
    ],
)
def test_another_code_is_refused_and_so_is_one_beside_a_number(catalogue: Catalogue, line: str) -> None:
    assert [error.column for error in read_dutch(catalogue, line).errors] == ["code"]


def test_a_code_that_stands_twice_is_an_error_of_the_second(catalogue: Catalogue) -> None:
    read = read_dutch(catalogue, dutch_line("NLELZ"), dutch_line("NLELZ"))
    assert [(error.line, error.column) for error in read.errors] == [(3, "code")]
