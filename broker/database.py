"""The database: base class, column types, and the one way to change something.

Owns: the engine's settings on SQLite and PostgreSQL, `perform` (one operation, one transaction, tried again on a
deadlock; `perform_on_connection` where it needs no ORM), and the translation of constraint names. Does not own any table.

Reading requests use `db.session` and never write; a statement that stands alone may use `reading`. Whatever changes
something runs through `perform`, which on SQLite opens with BEGIN IMMEDIATE (otherwise updates are lost without an error).
On PostgreSQL every connection has a lock timeout.
"""

import re
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    URL,
    CheckConstraint,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Select,
    and_,
    create_engine,
    event,
    make_url,
    or_,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry, SingletonThreadPool
from sqlalchemy.types import TypeDecorator

from broker.errors import BusyError
from broker.precompiled import ALONE, run_text
from serving.at_once import MustWaitError, about_to_wait, changed, may_wait

if TYPE_CHECKING:
    from sqlite3 import Cursor

P = ParamSpec("P")
T = TypeVar("T")
Q = TypeVar("Q", bound=Select[*tuple[Any, ...]])
Instant = datetime | ColumnElement[datetime]

IDLE_SECONDS = 5.0
LEFT_ALONE_SECONDS = 5.0
LOCK_TIMEOUT_MS = 3_000
BUSY_TIMEOUT_MS = 5_000
SWITCH_AGAIN_SECONDS = 0.02
ATTEMPTS = 3

_ENGINES = "poortwachter_engines"
_AT_ONCE_IN_A_ROW = 200
_USED_AT = "used_at"
_done_at_once = count(1)
_SERIALISATION_FAILURES = {"40001", "40P01", "55P03"}  # serialization_failure, deadlock_detected, lock_not_available


class Base(DeclarativeBase):
    """Every table of the broker."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant in UTC on both databases (SQLite alone would give back naive ones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Identified:
    """A row with a random id: nothing can be guessed or counted from it."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)


class Ending:
    """A row that ends and is never deleted (DESIGN §1). `valid_until` is the first instant at which it no longer holds."""

    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)
    valid_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[uuid.UUID | None]
    end_reason: Mapped[str | None]

    def in_force(self, instant: datetime) -> bool:
        """Not ended, begun and not run out at `instant` (derived, never stored)."""
        return (
            self.ended_at is None
            and self.valid_from <= instant
            and (self.valid_until is None or instant < self.valid_until)
        )

    @classmethod
    def holds(cls, instant: Instant) -> ColumnElement[bool]:
        """`in_force`, as a condition."""
        return and_(cls.ended_at.is_(None), cls.valid_from <= instant, cls._lasts(instant))

    @classmethod
    def not_over(cls, instant: Instant) -> ColumnElement[bool]:
        """A condition: nobody ended it and the clock has not; it may still have to begin."""
        return and_(cls.ended_at.is_(None), cls._lasts(instant))

    @classmethod
    def _lasts(cls, instant: Instant) -> ColumnElement[bool]:
        return or_(cls.valid_until.is_(None), cls.valid_until > instant)

    def run_out(self, instant: datetime) -> bool:
        """The clock has ended it but nobody has written so yet: it still holds its unique slot."""
        return self.ended_at is None and self.valid_until is not None and self.valid_until <= instant


def ending_checks() -> tuple[CheckConstraint, ...]:
    """The two checks that every ending table carries (lifecycles §0)."""
    return (
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="end_has_reason"),
        CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="ends_after_begin"),
    )


db = SQLAlchemy(model_class=Base, disable_autonaming=True)


class WorldChangedError(Exception):
    """An operation met a row that another one wrote a moment ago; run again, it will see it. Never leaves `perform`."""


def configure_engine(engine: Engine) -> None:
    """Make one engine behave as the operations expect; call once per engine, before its first connection."""
    if engine.dialect.name == "sqlite":
        _configure_sqlite(engine, BUSY_TIMEOUT_MS)
    else:
        _configure_postgresql(engine)


def _configure_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, record: ConnectionPoolEntry) -> None:
        connection.execute(f"SET lock_timeout = '{LOCK_TIMEOUT_MS}ms'")
        connection.commit()
        record.info[_USED_AT] = monotonic()

    @event.listens_for(engine, "checkin")
    def _on_checkin(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[_USED_AT] = monotonic()

    @event.listens_for(engine, "checkout")
    def _on_checkout(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        """A connection that lay idle may be dead: the pool then takes another. One that did not is not asked each time."""
        if monotonic() - record.info[_USED_AT] > IDLE_SECONDS:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as error:
                raise DisconnectionError from error


def _configure_sqlite(engine: Engine, busy_timeout_ms: int) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we emit BEGIN ourselves, below
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={busy_timeout_ms}")
        _write_ahead(cursor, busy_timeout_ms)
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get(ALONE):
            run_text(connection, "BEGIN IMMEDIATE" if options.get("changing") else "BEGIN").close()


def _write_ahead(cursor: "Cursor", busy_timeout_ms: int) -> None:
    """Switch the file to a write-ahead log. Of several that open a new file at once, all but one are told that it is locked,
    without the wait of busy_timeout: they try again as long as that would have been."""
    from sqlite3 import SQLITE_BUSY, OperationalError

    until = monotonic() + busy_timeout_ms / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except OperationalError as error:
            if error.sqlite_errorcode != SQLITE_BUSY or monotonic() >= until:
                raise
        sleep(SWITCH_AGAIN_SECONDS)


class Reading:
    """Opens connections for statements of which each stands alone and only reads; to call, and to use with `with`.

    Without a transaction, which costs more than such a statement itself; and psycopg forgets at every ROLLBACK what PostgreSQL
    had prepared, so that it would be planned anew each time. The thread that answers at once keeps one connection for all, as
    opening one costs as much as asking.
    """

    def __init__(self, usual: Engine, at_once: Engine | None) -> None:
        on_sqlite = usual.dialect.name == "sqlite"
        # Not so on SQLite: SQLAlchemy would hand transactions back to the driver when the connection is returned.
        alone = {ALONE: True} | ({} if on_sqlite else {"isolation_level": "AUTOCOMMIT"})
        self.at_once = at_once
        self._usual = usual.execution_options(**alone)
        self._kept: _KeptFile | _KeptLink | None = None
        if at_once is not None:
            self._kept = (_KeptFile if on_sqlite else _KeptLink)(at_once.execution_options(**alone))

    def __call__(self) -> AbstractContextManager[Connection]:
        """A connection.

        Raises:
            MustWaitError: it has to be waited for, by a thread that may not.
        """
        if may_wait():
            if self._kept is not None:
                self._kept.prepare()
            return self._usual.connect()
        if self._kept is None or not self._kept.is_there():
            raise MustWaitError
        return self._kept

    def about_to_ask(self) -> None:
        """Call this before work that reads, and would have to be begun again.

        Raises:
            MustWaitError: this thread may not wait for the database.
        """
        if self._kept is None or not self._kept.is_there():
            about_to_wait()


class _KeptFile(threading.local):
    """One connection to SQLite, kept open: what it says needs no waiting. Whatever happens in it, the next finds it clean."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def is_there(self) -> bool:
        return True

    def prepare(self) -> None:
        """It is opened by whoever uses it."""

    def __enter__(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def __exit__(self, error: type[BaseException] | None, *_more: object) -> None:
        assert self._connection is not None
        if error is not None or self._connection.in_transaction():
            self._connection.close()
            self._connection = None


class _KeptLink:
    """One connection to PostgreSQL, kept open, that is listened to for a moment only (`impatient_link`).

    PostgreSQL is another program. Opening a connection takes as long as it takes, so a thread that may wait does so; and once
    it did not answer in time it is left alone for a while, in which threads wait for it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._wanted = False
        self._not_before = 0.0
        self._opening = threading.Lock()

    def is_there(self) -> bool:
        self._wanted = self._connection is None
        return not self._wanted

    def prepare(self) -> None:
        """Open it, where it was missed."""
        if not self._wanted or monotonic() < self._not_before or not self._opening.acquire(blocking=False):
            return
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
        finally:
            self._opening.release()

    def __enter__(self) -> Connection:
        assert self._connection is not None
        return self._connection

    def __exit__(self, error: type[BaseException] | None, *_more: object) -> None:
        assert self._connection is not None
        if error is not None or self._connection.in_transaction():
            self._not_before = monotonic() + LEFT_ALONE_SECONDS
            self._connection.invalidate()  # it may still be at work on what was asked
            self._connection.close()
            self._connection = None


@dataclass(frozen=True, slots=True)
class _Engines:
    """The engines of an app as its operations use them, and its reading; made once. `at_once`, and `kept`, a connection of it,
    are None where nothing is changed at once."""

    changing: Engine
    at_once: Engine | None
    kept: _KeptFile | None
    reading: Reading


def prepare_database(app: Flask, url: str) -> None:
    """Give `app` its database at `url`; nothing is connected yet. A new SQLite file is readable by its owner only (threats OP3)."""
    where = make_url(url)
    options: dict[str, Any] = {"hide_parameters": True}  # an error in the log names no person
    if where.get_backend_name() == "sqlite" and where.database:
        file = Path(where.database).resolve()
        file.touch(mode=0o600, exist_ok=True)
        where = where.set(database=str(file))
    app.config["SQLALCHEMY_DATABASE_URI"] = where
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    with app.app_context():
        configure_engine(db.engine)
        on_sqlite = db.engine.dialect.name == "sqlite"
        in_memory = on_sqlite and where.database in (None, "", ":memory:")
        at_once = None if in_memory else (_file_at_once if on_sqlite else _link_at_once)(where, options)
        changing = at_once.execution_options(changing=True) if at_once is not None and on_sqlite else None
        app.extensions[_ENGINES] = _Engines(
            changing=db.engine.execution_options(changing=True),
            at_once=changing,
            kept=None if changing is None else _KeptFile(changing),
            reading=Reading(db.engine, at_once),
        )


def _file_at_once(where: URL, options: dict[str, Any]) -> Engine:
    """For the thread that waits for nobody (`at_once`): a connection that finds the database locked says so immediately.

    One connection for reading and changing: what another one changes, SQLite has to read again. Its commits never write the
    log back into the file, which takes as long as the disk does.
    """
    engine = create_engine(where, **options, poolclass=SingletonThreadPool, connect_args={"timeout": 0})
    _configure_sqlite(engine, 0)

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA wal_autocheckpoint=0").close()

    return engine


def _link_at_once(where: URL, options: dict[str, Any]) -> Engine:
    """For the same thread: reading only, through connections that are not waited for."""
    from broker.impatient_link import ImpatientLink

    engine = create_engine(where, **options, pool_size=1)
    _configure_postgresql(engine)

    @event.listens_for(engine, "do_connect")
    def _on_connect(_dialect: Dialect, _record: object, args: list[Any], named: dict[str, Any]) -> Any:
        return ImpatientLink.connect(*args, **named)

    return engine


def about_to_change(app: Flask) -> None:
    """Call this before work of an operation that would have to be begun again: PostgreSQL writes to its disk before it answers.

    Raises:
        MustWaitError: this thread may not wait for that.
    """
    if _engines(app).at_once is None:
        about_to_wait()


def changing_session() -> Session:
    """A session of its own for one operation: it may write, and on SQLite it begins as a writer."""
    return Session(bind=_changing(), expire_on_commit=False)


def reading() -> AbstractContextManager[Connection]:
    """A connection of the current application, for statements of which each stands alone and only reads (`Reading`)."""
    return reading_of(current_app)()


def reading_of(app: Flask) -> Reading:
    """How `app` reads, for whoever stands outside its context."""
    return _engines(app).reading


def engines_of(app: Flask) -> tuple[Engine, ...]:
    """Every engine that holds connections for `app`; call in its context."""
    at_once = _engines(app).reading.at_once
    return (db.engine,) if at_once is None else (db.engine, at_once)


def _changing() -> Engine:
    engines = _engines(current_app)
    if may_wait():
        return engines.changing
    if engines.at_once is None:
        raise MustWaitError
    return engines.at_once


def _changing_connection() -> AbstractContextManager[Connection]:
    if may_wait():
        return _changing().connect()
    kept = _engines(current_app).kept
    if kept is None:
        raise MustWaitError
    return kept


def _engines(app: Flask) -> _Engines:
    found = app.extensions[_ENGINES]
    assert isinstance(found, _Engines)
    return found


def perform(operation: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `operation(session, …)` in one transaction: all of it or nothing.

    A deadlock, a serialisation failure or a busy database means the whole operation again, three times in all.

    Raises:
        DomainError: whatever the operation raised; nothing was changed.
        BusyError: the database could not be had in time.
    """

    def once() -> T:
        with changing_session() as session, session.begin():
            return operation(session, *args, **kwargs)

    return _attempted(once)


def perform_on_connection(operation: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The same for an operation that needs no ORM: a session costs as much as two of its statements.

    Raises:
        DomainError: as `perform`.
        BusyError: as `perform`.
    """

    def once() -> T:
        with _changing_connection() as connection, connection.begin():
            return operation(connection, *args, **kwargs)

    return _attempted(once)


@contextmanager
def session_in(where: Session | Connection) -> Iterator[Session]:
    """A session in the transaction of `where`: for the seldom turn of an operation on a connection that needs the ORM."""
    if isinstance(where, Session):
        yield where
        return
    with Session(bind=where, expire_on_commit=False, join_transaction_mode="rollback_only") as session:
        yield session
        session.flush()


def _attempted(once: Callable[[], T]) -> T:
    if db.session.registry.has():
        db.session.rollback()  # a reading transaction of this request must not outlive the world it saw
    if not may_wait():
        return _at_once(once)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return once()
        except WorldChangedError as error:
            if attempt == ATTEMPTS:
                raise BusyError from error
        except DBAPIError as error:
            if not _worth_another_try(error):
                raise
            if attempt == ATTEMPTS:
                raise BusyError from error
    raise BusyError


def _at_once(once: Callable[[], T]) -> T:
    """What cannot be had without waiting is begun again by a thread that may wait; as is one in so many, so that its commit
    writes the log of SQLite back."""
    if next(_done_at_once) % _AT_ONCE_IN_A_ROW == 0:
        about_to_wait()
    try:
        found = once()
    except (WorldChangedError, DBAPIError):
        about_to_wait()
        raise
    changed()
    return found


def _worth_another_try(error: DBAPIError) -> bool:
    if isinstance(error, IntegrityError):
        return False
    if getattr(error.orig, "sqlstate", None) in _SERIALISATION_FAILURES:
        return True
    return "database is locked" in str(error.orig)


def insert_into(session: Session | Connection, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An insert that can say what becomes of it where such a row is there already (`on_conflict_…`), as each database says it."""
    bind = session.get_bind() if isinstance(session, Session) else session
    return (postgresql.insert if bind.dialect.name == "postgresql" else sqlite.insert)(table)


def to_change(query: Q) -> Q:
    """The rows of `query` locked to be changed, and read again (lifecycles §13).

    FOR NO KEY UPDATE, never plain FOR UPDATE: what is inserted meanwhile with a reference to them would have to wait.
    """
    return query.with_for_update(key_share=True).execution_options(populate_existing=True)


def to_depend_on(query: Q) -> Q:
    """The rows of `query` locked FOR SHARE and read again: they stay as they are until this transaction ends."""
    return query.with_for_update(read=True).execution_options(populate_existing=True)


def violated_constraint(error: IntegrityError, by_name: dict[str, tuple[str, ...]]) -> str | None:
    """Which of the constraints in `by_name` was violated, or None.

    PostgreSQL names the constraint, SQLite the columns of a unique key (or the name of a check), so `by_name` maps each
    constraint name to its columns as "table.column".
    """
    diagnostics = getattr(error.orig, "diag", None)
    if diagnostics is not None:
        name = diagnostics.constraint_name
        return name if name in by_name else None
    message = str(error.orig)
    for name, columns in by_name.items():
        if re.search(rf"\b{re.escape(name)}\b", message):
            return name
        if columns and message.endswith(": " + ", ".join(columns)):
            return name
    return None
