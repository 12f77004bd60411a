"""The identity check: each kind of document has numbers of its own, and a BSN is never one of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.plusminmee.document_numbers import DocumentKind, read_document_number
from modules.plusminmee.refusals import RefusedError
from tests.modules.plusminmee.numbers import NATIONAL_NUMBER, OLD_BSN, bsns

ID_CARD, PASSPORT, LICENCE = DocumentKind.ID_CARD, DocumentKind.PASSPORT, DocumentKind.DRIVING_LICENCE


def refused(typed: str, kind: DocumentKind) -> str:
    """Why it is not taken."""
    with pytest.raises(RefusedError) as error:
        read_document_number(typed, kind)
    assert not typed or typed not in str(error.value)
    return error.value.reason


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        (ID_CARD, "IAB12C3D4", "IAB12C3D4"),
        (ID_CARD, " iab 12c-3d4 ", "IAB12C3D4"),
        (ID_CARD, "SPECI2014", "SPECI2014"),
        (ID_CARD, "IAO12C3D4", "IA012C3D4"),
        (ID_CARD, "591-1917064-58", "591191706458"),
        (PASSPORT, "NAB12C3D4", "NAB12C3D4"),
        (PASSPORT, "EM0000000", "EM0000000"),
        (PASSPORT, "eh 123456", "EH123456"),
        (LICENCE, "5123456789", "5123456789"),
        (LICENCE, "5123 456 789", "5123456789"),
    ],
)
def test_a_number_of_this_kind_is_kept_in_one_form(kind: DocumentKind, typed: str, kept: str) -> None:
    assert read_document_number(typed, kind) == kept


@pytest.mark.parametrize("kind", DocumentKind)
@given(
    number=bsns,
    written=st.sampled_from(
        [
            "{0}",
            "BSN {0}",
            "{0}B01",
            "0{0}",
            "NL{0}",
            " {0} ",
        ]
    ),
)
def test_no_bsn_is_ever_kept_as_the_number_of_a_document(kind: DocumentKind, number: str, written: str) -> None:
    assert refused(written.format(number), kind) == "document_bsn"


@pytest.mark.parametrize("kind", DocumentKind)
@given(
    number=bsns, cuts=st.sets(st.integers(1, 8)), separator=st.sampled_from([" ", ".", "-", "/", "\u2013", "\u00a0"])
)
def test_nor_one_with_spaces_dots_or_dashes_anywhere(
    kind: DocumentKind, number: str, cuts: set[int], separator: str
) -> None:
    written = "".join((separator if place in cuts else "") + sign for place, sign in enumerate(number))
    assert refused(written, kind) == "document_bsn"


@pytest.mark.parametrize("kind", DocumentKind)
def test_nor_one_without_its_zero_nor_in_other_digits_nor_a_belgian_number(kind: DocumentKind) -> None:
    for typed in (OLD_BSN[1:], "１１１２２２３３３", NATIONAL_NUMBER, "85.07.30-000.61"):
        assert refused(typed, kind) == "document_bsn"


@given(st.from_regex(r"[0-9]{1,9}", fullmatch=True), st.sampled_from(DocumentKind))
def test_no_bare_digits_shorter_than_a_licence_are_ever_kept(digits: str, kind: DocumentKind) -> None:
    refused(digits, kind)


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (ID_CARD, "NAB12C3D4"),
        (ID_CARD, "EH123456"),
        (PASSPORT, "IAB12C3D4"),
        (PASSPORT, "591-1917064-58"),
        (LICENCE, "IAB12C3D4"),
        (LICENCE, "591191706458"),
    ],
)
def test_the_number_of_another_document_is_told_as_such(kind: DocumentKind, typed: str) -> None:
    assert refused(typed, kind) == "document_other_kind"


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (ID_CARD, "591-1917064-59"),
        (ID_CARD, "IAB12C3D"),
        (ID_CARD, "1AB12C3D4"),
        (ID_CARD, "IAB12C3DX"),
        (ID_CARD, "5123456789"),
        (PASSPORT, "OOB12C3D4"),
        (PASSPORT, "<script>"),
        (LICENCE, "512345678"),
        (LICENCE, "51234567890"),
        (LICENCE, "9" * 5000),
    ],
)
def test_what_is_no_number_of_this_kind_is_refused(kind: DocumentKind, typed: str) -> None:
    assert refused(typed, kind) == f"document_{kind}"


@pytest.mark.parametrize("typed", ["", "  ", "-.-", "\u200b"])
def test_nothing_is_told_as_nothing(typed: str) -> None:
    assert refused(typed, ID_CARD) == "document_missing"


@given(st.text(max_size=60), st.sampled_from(DocumentKind))
def test_whatever_is_typed_it_is_kept_plainly_or_refused(typed: str, kind: DocumentKind) -> None:
    try:
        kept = read_document_number(typed, kind)
    except RefusedError:
        return
    assert kept.isascii()
    assert kept.isalnum()
    assert read_document_number(kept, kind) == kept
