"""XLSX (ECMA-376), one sheet, written straight into the answer: the libraries we know of first write it to a file of their own, and
names of people would stand on disk.

Every text is an inline string, never a formula; one that looks like a formula is marked, so that editing its cell makes it none.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from broker import clock
from broker.web.sheets.cells import Cell, Table, begins_a_formula, plain

_AT_ONCE = 64 * 1024
_LONGEST_CELL = 32_767
_DAY_ZERO = date(1899, 12, 30)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")

# The places of these in `cellXfs` below.
_PLAIN, _BOLD, _DAY, _MOMENT, _QUOTED = range(5)

_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/>'
    '<numFmt numFmtId="165" formatCode="dd/mm/yyyy\\ hh:mm"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}


class _Pipe:
    """What the zip writes into, and the answer reads out of; it cannot go back, so the zip is written in one go."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:
        self._waiting += data
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        data = bytes(self._waiting)
        self._waiting.clear()
        return data


def xlsx_file(table: Table) -> Iterator[bytes]:
    """The table, as it comes."""
    pipe = _Pipe()
    with ZipFile(pipe, "w", ZIP_DEFLATED) as folder:  # type: ignore[call-overload]
        for name, content in (*_PARTS.items(), ("xl/workbook.xml", _workbook(table.name))):
            folder.writestr(_part(name), _HEAD + content)
        with folder.open(_part("xl/worksheets/sheet1.xml"), "w") as sheet:
            waiting: list[str] = [_begin(table)]
            size = 0
            count = 1
            for row in table.rows:
                line = f"<row>{''.join(map(_cell, row))}</row>"
                waiting.append(line)
                size += len(line)
                count += 1
                if size >= _AT_ONCE:
                    sheet.write("".join(waiting).encode())
                    waiting, size = [], 0
                    if data := pipe.taken():
                        yield data
            last = f"{_letters(len(table.columns))}{count}"
            waiting.append(f'</sheetData><autoFilter ref="A1:{last}"/></worksheet>')
            sheet.write("".join(waiting).encode())
    yield pipe.taken()


def _part(name: str) -> ZipInfo:
    moment = clock.now()
    part = ZipInfo(name, (moment.year, moment.month, moment.day, 0, 0, 0))
    part.compress_type = ZIP_DEFLATED
    return part


def _workbook(name: str) -> str:
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{escape(name)}" sheetId="1" r:id="r1"/></sheets></workbook>'
    )


def _begin(table: Table) -> str:
    widths = "".join(
        f'<col min="{place}" max="{place}" width="{width}" customWidth="1"/>'
        for place, (_head, width) in enumerate(table.columns, start=1)
    )
    heads = "".join(_inline(head, _BOLD) for head, _width in table.columns)
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{widths}</cols><sheetData><row>{heads}</row>"
    )


def _cell(cell: Cell) -> str:
    if cell is None or cell == "":
        return "<c/>"
    if isinstance(cell, str):
        return _inline(cell, _QUOTED if begins_a_formula(cell) else _PLAIN)
    if isinstance(cell, datetime):
        minutes = cell.hour * 60 + cell.minute
        return f'<c s="{_MOMENT}"><v>{(cell.date() - _DAY_ZERO).days + minutes / 1440:.10f}</v></c>'
    if isinstance(cell, date):
        return f'<c s="{_DAY}"><v>{(cell - _DAY_ZERO).days}</v></c>'
    return f"<c><v>{cell}</v></c>"


def _inline(text: str, style: int) -> str:
    text = _LOOKS_ESCAPED.sub("_x005F_", plain(text)[:_LONGEST_CELL])
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _letters(place: int) -> str:
    """The letters of a column, the first being A."""
    letters = ""
    while place:
        place, left = divmod(place - 1, 26)
        letters = chr(ord("A") + left) + letters
    return letters
