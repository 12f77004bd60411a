"""A file of rights as an administrator brings it: CSV in whatever Excel here makes of it, read line by line within limits (CU3).

Owns the encodings, the separators, the heads in both languages and the limits; what a line says is `access.upload_content`. What
cannot be read is told by line and column, never by value.
"""

import csv
import io
from collections.abc import Iterator

from broker.access.upload_content import LineContent
from broker.errors import InvalidError
from broker.people.identifiers import folded
from broker.text import Text
from broker.web.sheets.cells import begins_a_formula

BYTES_AT_MOST = 8 * 1024 * 1024
_LONGEST_LINE = 2_000
_LONGEST_CELL = 300
_COLUMNS_AT_MOST = 40
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")

# Column → the heads by which it is known, folded; of two that are there, the first named here counts.
HEADS: dict[str, tuple[str, ...]] = {
    "number": ("rijksregisternummer", "rijksregisternummer of bis nummer", "national register number"),
    "email": ("e mailadres", "emailadres", "e mail", "email", "email address", "e mail address"),
    "given_name": ("voornaam", "first name", "given name"),
    "family_name": ("familienaam", "achternaam", "surname", "family name"),
    "application": ("code van de toepassing", "code of the application", "toepassing", "application"),
    "right": ("code van het recht", "code of the right", "recht", "right"),
    "context": ("code van de context", "code of the context", "context"),
    "first_day": ("vanaf", "from"),
    "last_day": ("tot en met", "up to and including", "until and including"),
}
_NEEDED = ("application", "right")


def read_rights_file(content: bytes) -> list[tuple[int, LineContent]]:
    """Every line that holds something, with its number in the file (the heads are line 1).

    Raises:
        InvalidError: it cannot be read; with the line, or the column, that stands in the way.
    """
    if len(content) > BYTES_AT_MOST:
        raise InvalidError("file_too_large", TOO_LARGE)
    text = _decoded(content)
    if "\x00" in text:
        raise InvalidError("file_not_text", NOT_TEXT)
    begin, text = _without_hint(text)
    reader = csv.reader(_lines(text), delimiter=_separator(text), strict=True)
    lines: list[tuple[int, LineContent]] = []
    places: dict[str, int] | None = None
    try:
        for row in reader:
            number = reader.line_num + begin
            cells = [_cell(each, number) for each in row]
            if not any(cells):
                continue
            if places is None:
                places = _places(cells)
                continue
            lines.append((number, LineContent(**{name: _at(cells, place) for name, place in places.items()})))
    except csv.Error as error:
        raise InvalidError("line_unreadable", UNREADABLE.with_facts(line=reader.line_num + begin)) from error
    if places is None:
        raise InvalidError("file_empty", NO_HEADS)
    return lines


def _decoded(content: bytes) -> str:
    """The text: UTF-16 or UTF-8 by its mark, UTF-8, else what Windows writes here."""
    encodings = ("utf-16",) if content.startswith(_UTF_16) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidError("file_not_text", NOT_TEXT)


def _without_hint(text: str) -> tuple[int, str]:
    """Excel's line "sep=;" taken away, and how many lines that was."""
    first, newline, rest = text.partition("\n")
    return (1, rest) if newline and first.strip().casefold().startswith("sep=") else (0, text)


def _separator(text: str) -> str:
    """What parts the heads."""
    heads = text.partition("\n")[0]
    return max((";", ",", "\t"), key=heads.count)


def _lines(text: str) -> Iterator[str]:
    """The lines, none of them longer than anybody writes."""
    for number, line in enumerate(io.StringIO(text, newline=""), start=1):
        if len(line) > _LONGEST_LINE:
            raise InvalidError("line_too_long", LINE_TOO_LONG.with_facts(line=number))
        yield line


def _cell(typed: str, line: int) -> str:
    """The text of a cell; the apostrophe that our own lists put before a formula goes."""
    text = typed.strip()
    if len(text) > _LONGEST_CELL:
        raise InvalidError("line_too_long", LINE_TOO_LONG.with_facts(line=line))
    return text[1:] if text.startswith("'") and begins_a_formula(text[1:]) else text


def _places(heads: list[str]) -> dict[str, int]:
    """Where each column stands.

    Raises:
        InvalidError: a column that is needed is not there, or there are more than anybody brings.
    """
    if len(heads) > _COLUMNS_AT_MOST:
        raise InvalidError("too_many_columns", TOO_MANY_COLUMNS)
    known = [folded(head) for head in heads]
    places = {
        name: known.index(next(each for each in names if each in known))
        for name, names in HEADS.items()
        if any(each in known for each in names)
    }
    missing = [name for name in _NEEDED if name not in places]
    if "number" not in places and "email" not in places:
        missing.insert(0, "email")
    if missing:
        called = {"email": EMAIL_HEAD, "application": APPLICATION_HEAD, "right": RIGHT_HEAD}[missing[0]]
        raise InvalidError(
            "column_missing", Text(MISSING.nl.format(column=called.nl), MISSING.en.format(column=called.en))
        )
    return places


def _at(cells: list[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""


EMAIL_HEAD = Text("E-mailadres", "Email address")
APPLICATION_HEAD = Text("Toepassing", "Application")
RIGHT_HEAD = Text("Recht", "Right")
TOO_LARGE = Text("Dit bestand is te groot: hoogstens 8 MB.", "This file is too large: 8 MB at most.")
NOT_TEXT = Text(
    "Dit is geen CSV-bestand. Kies in Excel “Opslaan als” en dan “CSV (UTF-8)”.",
    "This is not a CSV file. Choose “Save as” in Excel and then “CSV (UTF-8)”.",
)
UNREADABLE = Text(
    "Regel {line} kan niet gelezen worden. Kijk de aanhalingstekens na.",
    "Line {line} cannot be read. Check the quotation marks.",
)
LINE_TOO_LONG = Text(
    "Regel {line} is te lang. Er gebeurde niets.",
    "Line {line} is too long. Nothing happened.",
)
TOO_MANY_COLUMNS = Text("Er zijn te veel kolommen.", "There are too many columns.")
NO_HEADS = Text(
    "Dit bestand is leeg. Zet op de eerste regel hoe elke kolom heet, zoals in het voorbeeldbestand.",
    "This file is empty. Put on the first line what each column is called, as in the example file.",
)
MISSING = Text(
    "De kolom “{column}” ontbreekt. Zet op de eerste regel hoe elke kolom heet, zoals in het voorbeeldbestand.",
    "The column “{column}” is missing. Put on the first line what each column is called, as in the example file.",
)
