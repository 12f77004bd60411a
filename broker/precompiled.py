"""Precompiled: a statement compiled once a dialect and run as text, for the few that stand in the way of every token.

Owns the compiling, how values go into the driver and come out of it, and running a text on the driver (`run_text`). Does
not own any statement: each is written with SQLAlchemy beside the operation that runs it, so that columns, types and
databases stay what the models say. What is left out is what SQLAlchemy does anew at every call, and what costs more than
SQLite needs to answer: finding the compiled form, describing the columns of the answer, and the objects of the ORM.
"""

from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, Select, UpdateBase
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

ALONE = "alone"  # the execution option of a connection without transactions (`database.reading`)

_Convert = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The statement for one dialect. `names` is None where the driver takes parameters by name."""

    text: str
    constants: dict[str, Any]
    into: dict[str, Callable[[Any], Any]]
    names: tuple[str, ...] | None
    out_of: tuple[tuple[int, Callable[[Any], Any]], ...]

    def parameters(self, given: dict[str, Any]) -> Any:
        values = self.constants | given
        for name, convert in self.into.items():
            values[name] = convert(values[name])
        return values if self.names is None else tuple([values[name] for name in self.names])


class Precompiled:
    """One statement. Its parameters are its `bindparam`s, or every column of an insert; its rows are named tuples."""

    def __init__(self, statement: Select[*tuple[Any, ...]] | UpdateBase) -> None:
        self._statement = statement
        self._row: Any = namedtuple("Row", [str(each.key) for each in statement.exported_columns])  # type: ignore[misc]
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, where: Session | Connection, **given: Any) -> list[Any]:
        """Run it in the transaction of `where`, after what a session still has to write; all rows."""
        compiled, cursor = self._run(where, given)
        found = cursor.fetchall()
        cursor.close()
        rows = []
        for each in found:
            values = list(each)
            for place, convert in compiled.out_of:
                values[place] = convert(values[place])
            rows.append(self._row._make(values))
        return rows

    def one_or_none(self, where: Session | Connection, **given: Any) -> Any:
        """Its first row, or None."""
        rows = self.rows(where, **given)
        return rows[0] if rows else None

    def run(self, where: Session | Connection, **given: Any) -> None:
        """Run one that returns nothing."""
        self._run(where, given)[1].close()

    def _run(self, where: Session | Connection, given: dict[str, Any]) -> tuple[_Compiled, Any]:
        if isinstance(where, Session):
            where.flush()
            connection = where.connection()
        else:
            connection = where
            if not connection.in_transaction() and not connection.get_execution_options().get(ALONE):
                connection.begin()
        compiled = self._compiled.get(connection.dialect.name) or self._compile(connection)
        return compiled, run_text(connection, compiled.text, compiled.parameters(given))

    def _compile(self, connection: Connection) -> _Compiled:
        dialect = connection.dialect
        ready = self._statement.compile(dialect=dialect)
        bound = {name: each for each, name in ready.bind_names.items()}
        into = {name: _into(each.type, dialect) for name, each in bound.items()}
        out_of = enumerate(_out_of(column.type, dialect) for column in self._statement.exported_columns)
        constants = {name: each.effective_value for name, each in bound.items() if not each.required}
        compiled = _Compiled(
            text=ready.string,
            constants=constants,
            into={name: convert for name, convert in into.items() if convert is not None},
            names=tuple(ready.positiontup or ()) if ready.positional else None,
            out_of=tuple((place, convert) for place, convert in out_of if convert is not None),
        )
        self._compiled[dialect.name] = compiled
        return compiled


def run_text(connection: Connection, text: str, parameters: Any = ()) -> Any:
    """Run `text` on the driver of `connection`, in the transaction that it is in; the cursor, to read and to close.

    Whoever listens for statements hears of it, and whoever handles errors gets those of SQLAlchemy, as ever.

    Raises:
        DBAPIError: the driver's error, in SQLAlchemy's form.
    """
    dialect = connection.dialect
    cursor = connection.connection.cursor()
    for listener in connection.dispatch.before_cursor_execute:
        text, parameters = listener(connection, cursor, text, parameters, None, False)
    try:
        cursor.execute(text, parameters)
    except dialect.loaded_dbapi.Error as error:
        lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, cursor)
        if lost:
            connection.invalidate(error)
        told = DBAPIError.instance(
            text,
            None,
            error,
            dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=lost,
            dialect=dialect,
        )
        raise told from error
    return cursor


def _into(kind: TypeEngine[Any], dialect: Dialect) -> _Convert:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _out_of(kind: TypeEngine[Any], dialect: Dialect) -> _Convert:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
