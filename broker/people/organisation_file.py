"""Read a CSV file of organisations: every line becomes a row or a mistake. Knows the catalogue, no database.

Owns: the columns, what each may hold, the limits, and the report by line. Does not own what is done with the rows
(`import_organisations`). A row is one line of text: a stray quote spoils its own line and nothing after it.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from broker.catalogue import Catalogue
from broker.errors import InvalidError
from broker.people.identifiers import IdentifierError, clean_line, dutch_code, kbo_number, nis_code, ovo_code
from broker.text import Text

COLUMNS = ("type", "doelgroep", "name", "name_fr", "nis", "province", "kbo", "ovo", "parent_nis", "active", "source")
OWN_CODE = "code"
"""A column that a file may have besides: the code of an organisation that has none of the Belgian numbers (decisions 17)."""

BYTES_AT_MOST = 20_000_000
LINE_BYTES_AT_MOST = 8_000
LINES_AT_MOST = 100_000

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FORMULA_SIGNS = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class LineError:
    """Why one line did not go in. `line` counts from 1, the header being 1; `column` is '' when it is the whole
    line."""

    line: int
    column: str
    text: Text

    def __str__(self) -> str:
        return f"line {self.line}, {self.column or 'whole line'}: {self.text.en}"


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """One good line. At least one of `kbo`, `ovo` and `nis` is there, or `own_code` alone."""

    line: int
    organisation_type: str
    target_group: str
    name: str
    name_fr: str
    nis: str | None
    province: str
    kbo: str | None
    ovo: str | None
    parent_nis: str | None
    active: bool
    own_code: str | None = None

    @property
    def code(self) -> str:
        """The code it gets when it is new: KBO, else OVO, else NIS (decisions 16), else its own (decisions 17)."""
        return self.kbo or self.ovo or self.nis or self.own_code or ""


@dataclass(slots=True)
class OrganisationFile:
    """What a file said: the good rows in its order, and every mistake."""

    rows: list[OrganisationRow] = field(default_factory=list)
    errors: list[LineError] = field(default_factory=list)


class _LineMistakeError(Exception):
    def __init__(self, column: str, text: Text) -> None:
        super().__init__(text.en)
        self.error = (column, text)


def read_organisation_file(stream: BinaryIO, catalogue: Catalogue) -> OrganisationFile:
    """Read `stream` line by line: UTF-8, with or without byte order mark, comma or semicolon between the columns.

    A number that stands twice is a mistake of the later line; the first one goes in.

    Raises:
        InvalidError: it is no such file at all (columns missing or double, not UTF-8 in the header, too large).
    """
    lines = _lines(stream)
    header, delimiter = _header(lines)
    read = OrganisationFile()
    seen: dict[tuple[str, str], int] = {}
    for line, raw in lines:
        if not raw.strip():
            continue
        try:
            row = _row(line, _cells(raw, delimiter, header), catalogue)
            _refuse_double(row, seen)
        except _LineMistakeError as mistake:
            read.errors.append(LineError(line, *mistake.error))
        else:
            read.rows.append(row)
    return read


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    size = 0
    line = 0
    while raw := stream.readline(LINE_BYTES_AT_MOST + 1):
        line += 1
        size += len(raw)
        if len(raw) > LINE_BYTES_AT_MOST:
            while (more := stream.readline(LINE_BYTES_AT_MOST)) and size <= BYTES_AT_MOST:
                size += len(more)
                if more.endswith(b"\n"):
                    break
        if size > BYTES_AT_MOST or line > LINES_AT_MOST:
            raise InvalidError(
                "file_too_large",
                Text(
                    f"Dit bestand is te groot: hoogstens {BYTES_AT_MOST // 1_000_000} MB en {LINES_AT_MOST} regels.",
                    f"This file is too large: at most {BYTES_AT_MOST // 1_000_000} MB and {LINES_AT_MOST} lines.",
                ),
            )
        yield line, raw


def _header(lines: Iterator[tuple[int, bytes]]) -> tuple[list[str], str]:
    _, raw = next(lines, (0, b""))
    try:
        written = raw.removeprefix(_BYTE_ORDER_MARK).decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise InvalidError(
            "file_not_utf8", Text("Dit bestand is geen UTF-8.", "This file is not UTF-8 text.")
        ) from error
    delimiter = ";" if written.count(";") > written.count(",") else ","
    header = [cell.strip().strip('"').lower() for cell in written.split(delimiter)]
    missing = [column for column in COLUMNS if column not in header]
    double = [column for column in COLUMNS if header.count(column) > 1]
    if missing or double:
        wrong = ", ".join(missing or double)
        raise InvalidError(
            "file_columns",
            Text(f"Kolommen ontbreken: {wrong}.", f"Columns are missing from the first line: {wrong}.")
            if missing
            else Text(f"Kolommen staan er dubbel: {wrong}.", f"Columns stand twice in the first line: {wrong}."),
        )
    return header, delimiter


def _cells(raw: bytes, delimiter: str, header: list[str]) -> dict[str, str]:
    if len(raw) > LINE_BYTES_AT_MOST:
        raise _LineMistakeError(
            "",
            Text(
                f"De regel is langer dan {LINE_BYTES_AT_MOST} bytes.",
                f"The line is longer than {LINE_BYTES_AT_MOST} bytes.",
            ),
        )
    try:
        written = raw.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise _LineMistakeError("", Text("De regel is geen UTF-8.", "The line is not UTF-8 text.")) from error
    if "\0" in written:
        raise _LineMistakeError("", Text("De regel bevat een NUL-teken.", "The line holds a NUL character."))
    try:
        cells = next(csv.reader([written], delimiter=delimiter, strict=True))
    except (csv.Error, StopIteration) as error:
        raise _LineMistakeError(
            "", Text("De aanhalingstekens kloppen niet.", "The quotation marks do not match.")
        ) from error
    if len(cells) != len(header):
        raise _LineMistakeError(
            "",
            Text(
                f"De regel heeft {len(cells)} kolommen, het moeten er {len(header)} zijn.",
                f"The line has {len(cells)} columns; it must have {len(header)}.",
            ),
        )
    return dict(zip(header, cells, strict=True))


def _row(line: int, cells: dict[str, str], catalogue: Catalogue) -> OrganisationRow:
    target_group = cells["doelgroep"].strip()
    organisation_type = cells["type"].strip()
    _check_kind(target_group, organisation_type, catalogue)
    row = OrganisationRow(
        line=line,
        organisation_type=organisation_type,
        target_group=target_group,
        name=_words(cells, "name", required=True),
        name_fr=_words(cells, "name_fr"),
        nis=_number(cells, "nis", nis_code),
        province=_words(cells, "province"),
        kbo=_number(cells, "kbo", kbo_number),
        ovo=_number(cells, "ovo", ovo_code),
        parent_nis=_number(cells, "parent_nis", nis_code),
        active=_yes_or_no(cells, "active"),
        own_code=_number(cells, OWN_CODE, dutch_code) if OWN_CODE in cells else None,
    )
    if row.own_code and (row.kbo or row.ovo or row.nis):
        raise _LineMistakeError(
            OWN_CODE,
            Text(
                "Een organisatie met een KBO-nummer, OVO-code of NIS-code heeft geen eigen code.",
                "An organisation with a KBO number, OVO code or NIS code has no code of its own.",
            ),
        )
    if not row.code:
        raise _LineMistakeError(
            "kbo",
            Text(
                "Er is geen KBO-nummer, geen OVO-code en geen NIS-code.",
                "There is no KBO number, OVO code or NIS code.",
            ),
        )
    return row


def _check_kind(target_group: str, organisation_type: str, catalogue: Catalogue) -> None:
    if not target_group:
        raise _LineMistakeError("doelgroep", Text("De doelgroep ontbreekt.", "The target group is missing."))
    group = catalogue.target_groups.get(target_group)
    if group is None:
        known = ", ".join(catalogue.target_groups)
        raise _LineMistakeError(
            "doelgroep",
            Text(
                f"{_shown(target_group)} is geen doelgroep. Wij kennen: {known}.",
                f"{_shown(target_group)} is not a target group. Known are: {known}.",
            ),
        )
    if not organisation_type:
        raise _LineMistakeError("type", Text("Het type ontbreekt.", "The type is missing."))
    if organisation_type not in group.types:
        known = ", ".join(group.types)
        raise _LineMistakeError(
            "type",
            Text(
                f"{_shown(organisation_type)} is geen type van doelgroep {target_group}. Wij kennen: {known}.",
                f"{_shown(organisation_type)} is not a type of target group {target_group}. Known are: {known}.",
            ),
        )


def _words(cells: dict[str, str], column: str, *, required: bool = False) -> str:
    try:
        words = clean_line(cells[column])
    except IdentifierError as error:
        raise _LineMistakeError(column, error.text) from error
    if required and not words:
        raise _LineMistakeError(column, Text("De naam ontbreekt.", "The name is missing."))
    if words.startswith(_FORMULA_SIGNS):
        raise _LineMistakeError(
            column,
            Text(
                "Dit begint met een teken dat een rekenblad als formule leest.",
                "This begins with a sign that a spreadsheet takes for a formula.",
            ),
        )
    return words


def _number(cells: dict[str, str], column: str, check: Callable[[str], str]) -> str | None:
    written = cells[column].strip()
    if not written:
        return None
    try:
        return check(written.encode("ascii", "replace").decode())  # digits of another alphabet are no digits here
    except IdentifierError as error:
        raise _LineMistakeError(
            column,
            Text(f"{_shown(written)}: {error.text.nl}", f"{_shown(written)}: {error.text.en}"),
        ) from error


def _yes_or_no(cells: dict[str, str], column: str) -> bool:
    written = cells[column].strip()
    if written not in ("0", "1"):
        raise _LineMistakeError(
            column,
            Text(f"{_shown(written)} is geen 1 (ja) of 0 (nee).", f"{_shown(written)} is not 1 (yes) or 0 (no)."),
        )
    return written == "1"


def _refuse_double(row: OrganisationRow, seen: dict[tuple[str, str], int]) -> None:
    """Note the numbers of `row`, or say which earlier line already holds one of them."""
    numbers = [
        ("kbo", row.kbo),
        ("ovo", row.ovo),
        ("nis", f"{row.organisation_type} {row.nis}" if row.nis else None),
        (OWN_CODE, row.own_code),
    ]
    keys = [(column, number) for column, number in numbers if number is not None]
    if not row.kbo and not row.ovo and not row.own_code:
        keys.append(("nis as code", row.code))
    for key in keys:
        if key in seen:
            column, number = key
            raise _LineMistakeError(
                column.split()[0],
                Text(f"{number} staat al op regel {seen[key]}.", f"{number} is a double of line {seen[key]}."),
            )
    seen.update(dict.fromkeys(keys, row.line))


def _shown(written: str) -> str:
    """What was found, fit to print: short, and without a character that moves a cursor."""
    short = written if len(written) <= 40 else written[:40] + "…"
    return "".join(sign if sign.isprintable() else "�" for sign in short) or "(leeg)"
