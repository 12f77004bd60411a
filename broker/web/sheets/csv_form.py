"""CSV as Excel opens it here: a byte order mark, semicolons, CRLF. A cell that might be a formula begins with an apostrophe."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime

from broker.web.sheets.cells import Cell, Table, begins_a_formula, plain

_AT_ONCE = 64 * 1024


def csv_file(table: Table) -> Iterator[bytes]:
    """The table, some lines at a time."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    written.write("\ufeff")
    writer.writerow([head for head, _width in table.columns])
    for row in table.rows:
        writer.writerow([_text(cell) for cell in row])
        if written.tell() >= _AT_ONCE:
            yield written.getvalue().encode()
            written.seek(0)
            written.truncate()
    yield written.getvalue().encode()


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M")
    if not isinstance(cell, str):
        return str(cell)
    text = plain(cell)
    return f"'{text}" if begins_a_formula(text) else text
