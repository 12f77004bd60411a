"""in_batches: the rows of a query, some at a time, each batch a statement of its own.

So no transaction stays open for whoever downloads slowly. A row that changes its place meanwhile may be missed or come twice.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

AT_ONCE = 5_000

Key = InstrumentedAttribute[Any] | ColumnElement[Any]


def in_batches(
    session: Session, query: Select[*tuple[Any, ...]], key: Sequence[Key], at_once: int = AT_ONCE
) -> Iterator[Row[*tuple[Any, ...]]]:
    """The rows in the order of `key`, which is unique and never NULL; the values of the key stand last in each."""
    query = query.add_columns(*key).order_by(*key).limit(at_once)
    after: tuple[Any, ...] | None = None
    while True:
        page = query if after is None else query.where(tuple_(*key) > tuple_(*after))
        rows = session.execute(page).all()
        session.expunge_all()
        session.rollback()
        yield from rows
        if len(rows) < at_once:
            return
        after = tuple(rows[-1][-len(key) :])
