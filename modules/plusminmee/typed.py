"""What somebody typed, as it may be kept: one line or a text, in NFC, without signs that deceive the eye (threats SR7).

Owns: that reading and its refusals. Does not own which field it is for, nor what may stand in it besides.
"""

import unicodedata
import uuid
from datetime import date

from look.language import gettext as _

_INVISIBLE = ("Cc", "Cf", "Cs", "Co")


class TypedError(ValueError):
    """It cannot be kept as it is; the message is a sentence for who typed it."""


def read_line(typed: str, *, most: int, missing: str = "") -> str:
    """One line with single spaces; `missing` is what is said when it is empty, and without it an empty line is fine.

    Raises:
        TypedError: empty, too long, or with invisible signs.
    """
    line = " ".join(unicodedata.normalize("NFC", typed).split())
    if missing and not line:
        raise TypedError(missing)
    _check(line, most)
    return line


def read_text(typed: str, *, most: int, missing: str = "") -> str:
    """Several lines; else as `read_line`.

    Raises:
        TypedError: empty, too long, or with invisible signs.
    """
    lines = unicodedata.normalize("NFC", typed).replace("\r\n", "\n").replace("\t", " ").strip()
    if missing and not lines:
        raise TypedError(missing)
    _check(lines.replace("\n", " "), most)
    return lines


def read_day(typed: str, *, missing: str = "") -> date | None:
    """A day as a browser sends it, or day-month-year as people write it; None when it is empty and may be.

    Raises:
        TypedError: no day.
    """
    written = typed.strip()
    if not written:
        if missing:
            raise TypedError(missing)
        return None
    parts = written.replace("/", "-").replace(".", "-").split("-")
    try:
        day, month, year = parts if len(parts[0]) <= 2 else reversed(parts)
        if not all(part.isascii() and part.isdigit() for part in (day, month, year)) or len(year) != 4:
            raise ValueError
        return date(int(year), int(month), int(day))
    except ValueError:
        raise TypedError(_("Dit is geen datum. Schrijf dag-maand-jaar, zoals 31-12-2026.")) from None


def read_id(typed: str, *, missing: str) -> uuid.UUID:
    """What was chosen from a list, by its id; `missing` is what is said where nothing was.

    Raises:
        TypedError: nothing, or what no list offers.
    """
    try:
        return uuid.UUID(typed)
    except ValueError:
        raise TypedError(missing) from None


def _check(text: str, most: int) -> None:
    if len(text) > most:
        raise TypedError(_("Deze tekst is te lang. Hou het bij %(most)s tekens.", most=most))
    if any(unicodedata.category(sign) in _INVISIBLE for sign in text):
        raise TypedError(_("In deze tekst staan onzichtbare tekens. Typ hem opnieuw in."))
