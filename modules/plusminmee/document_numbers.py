"""The number of the document with which an identity was checked; a BSN in any form is refused (seed 004, "Identiteitscheck").

Owns: what a number looks like per kind, Dutch and Belgian, and how it is written. Pure. Does not own the form, nor what
becomes of the number (it is sealed).

Sources: domain-facts §3 and python-stdnum for the Dutch passport and ID card (9 signs, no letter O; first letter I on an ID card
and N in a passport, rvig.nl) and for the Belgian card (12 digits, check digits mod 97). Ten digits for a driving licence, and
two letters and six digits for a Belgian passport, are from memory.
"""

import re
from enum import StrEnum

from stdnum.be import eid
from stdnum.nl import identiteitskaartnummer

from modules.plusminmee.citizen_numbers import find_citizen_numbers, is_bsn, plain_digits
from modules.plusminmee.refusals import RefusedError

_BETWEEN = re.compile(r"[\s./_-]+")
_BELGIAN_PASSPORT = re.compile(r"[A-Z]{2}\d{6}")
_TEN_DIGITS = re.compile(r"\d{10}")
_LONGEST = 40
_FIRST_OF_OTHERS = {"id_card": "N", "passport": "I"}


class DocumentKind(StrEnum):
    """With what an identity is checked: "ID-kaart, paspoort of rijbewijs"."""

    ID_CARD = "id_card"
    PASSPORT = "passport"
    DRIVING_LICENCE = "driving_licence"


def read_document_number(typed: str, kind: DocumentKind) -> str:
    """The number in capitals, without spaces or dashes, with a zero where the letter O was typed for it.

    Raises:
        RefusedError: `document_missing`, `document_bsn`, `document_other_kind`, or `document_<kind>` for another form.
    """
    number = _BETWEEN.sub("", plain_digits(typed)).upper()
    if not number:
        raise RefusedError("document_missing")
    if len(number) > _LONGEST or not number.isascii() or not number.isalnum():
        raise RefusedError(f"document_{kind}")
    if _holds_citizen_number(number):
        raise RefusedError("document_bsn")
    if kind is DocumentKind.DRIVING_LICENCE:
        return _driving_licence(number)
    return _travel_document(number, kind)


def _driving_licence(number: str) -> str:
    if _TEN_DIGITS.fullmatch(number):
        return number
    raise RefusedError(
        "document_other_kind" if _is_dutch(number) or eid.is_valid(number) else "document_driving_licence"
    )


def _travel_document(number: str, kind: DocumentKind) -> str:
    corrected = number[:2] + number[2:].replace("O", "0")
    if _is_dutch(corrected):
        if corrected[0] == _FIRST_OF_OTHERS[kind]:
            raise RefusedError("document_other_kind")
        return corrected
    belgian = eid.is_valid(number), _BELGIAN_PASSPORT.fullmatch(corrected) is not None
    of_this_kind, of_the_other = belgian if kind is DocumentKind.ID_CARD else belgian[::-1]
    if of_this_kind:
        return corrected
    raise RefusedError("document_other_kind" if of_the_other else f"document_{kind}")


def _is_dutch(number: str) -> bool:
    return bool(identiteitskaartnummer.is_valid(number))


def _holds_citizen_number(number: str) -> bool:
    """Also one behind letters ("BSN 1112.22.333"), or filled up with zeros to the ten digits of a driving licence."""
    filled_up = len(number) == 10 and number.startswith("0") and is_bsn(number[1:])
    return filled_up or bool(find_citizen_numbers(number))
