"""Reading a list a page at a time, by key, so that the last page costs what the first one does.

Owns: the position in the address, the order (what is open before what is finished, then the newest first) and where a page ends.
Does not own what is asked for, nor the pages.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

Row = TypeVar("Row")
_FINISHED = "f"


@dataclass(frozen=True)
class Position:
    """The row after which a page begins."""

    at: datetime
    row_id: uuid.UUID
    finished: bool = False

    def __str__(self) -> str:
        """As it stands in an address; `read_position` reads it back."""
        since = self.at - datetime(1970, 1, 1, tzinfo=UTC)
        return f"{_FINISHED if self.finished else ''}{since // since.resolution}_{self.row_id}"


@dataclass(frozen=True)
class Order(Generic[Row]):
    """When a row of a list came and what it is called; where a list shows what is open first, `finished` is what is not, as the
    database and as Python says it.
    """

    at: InstrumentedAttribute[datetime]
    row_id: InstrumentedAttribute[uuid.UUID]
    finished: tuple[ColumnElement[bool], Callable[[Row], bool]] | None = None


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows in their order; `next_position` is what the address of the next page says, "" on the last one."""

    rows: Sequence[Row]
    next_position: str


def read_position(written: str) -> Position | None:
    """Where a page begins, or None for the first: also for an address that nobody of us wrote."""
    moment, _, row_id = written.removeprefix(_FINISHED).partition("_")
    try:
        at = datetime.fromtimestamp(int(moment) / 1_000_000, UTC)
        return Position(at, uuid.UUID(row_id), written.startswith(_FINISHED))
    except (ValueError, OverflowError, OSError):
        return None


def read_page(session: Session, query: Select[Row], order: Order[Row], after: str, size: int) -> Page[Row]:
    """The rows of `query` after the position that an address says, `size` at most."""
    position = read_position(after)
    if position is not None:
        query = query.where(_after(order, position))
    finished_last = [] if order.finished is None else [order.finished[0]]
    found = session.scalars(query.order_by(*finished_last, order.at.desc(), order.row_id.desc()).limit(size + 1)).all()
    shown = found[:size]
    return Page(shown, str(_position_of(order, shown[-1])) if len(found) > size else "")


def _after(order: Order[Row], position: Position) -> ColumnElement[bool]:
    older = or_(order.at < position.at, and_(order.at == position.at, order.row_id < position.row_id))
    if order.finished is None:
        return older
    finished = order.finished[0]
    return and_(finished, older) if position.finished else or_(finished, older)


def _position_of(order: Order[Row], row: Row) -> Position:
    finished = order.finished is not None and order.finished[1](row)
    return Position(getattr(row, order.at.key), getattr(row, order.row_id.key), finished)
