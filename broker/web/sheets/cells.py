"""What a cell may hold, and a column's head. Pure; both forms write the same table."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

Cell = str | int | date | datetime | None
Row = tuple[Cell, ...]

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Table:
    """A name for the sheet, its columns as (head, width in characters), and its rows, as they come."""

    name: str
    columns: tuple[tuple[str, int], ...]
    rows: Iterable[Row]


Writer = Callable[[Table], Iterator[bytes]]


def begins_a_formula(text: str) -> bool:
    """A spreadsheet program might read this text as a formula (threats CU3)."""
    return text.startswith(_BEGINS_A_FORMULA)


def plain(text: str) -> str:
    """`text` without the control characters that neither form can hold; tabs and line ends stay."""
    return "".join(sign for sign in text if (sign >= " " or sign in "\t\r\n") and sign not in "\ufffe\uffff")
