"""The database: base class, column types, and the one way to change something.

Owns: the engine's settings on SQLite and PostgreSQL, `perform` (one operation, one transaction, tried again on a
deadlock), and the translation of constraint names. Does not own any table.

Reading requests use `db.session` and never write. Whatever changes something runs through `perform`, which on SQLite opens
with BEGIN IMMEDIATE (otherwise updates are lost without an error) and on PostgreSQL sets a lock timeout.
"""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import CheckConstraint, Connection, DateTime, Dialect, Engine, MetaData, event, make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator

from broker.errors import BusyError

P = ParamSpec("P")
T = TypeVar("T")

LOCK_TIMEOUT_MS = 3_000
BUSY_TIMEOUT_MS = 5_000
ATTEMPTS = 3

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
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we emit BEGIN ourselves, below
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("changing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def prepare_database(app: Flask, url: str) -> None:
    """Give `app` its database at `url`; nothing is connected yet. A new SQLite file is readable by its owner only (threats OP3)."""
    where = make_url(url)
    options: dict[str, Any] = {"hide_parameters": True}  # an error in the log names no person
    if where.get_backend_name() == "sqlite" and where.database:
        file = Path(where.database).resolve()
        file.touch(mode=0o600, exist_ok=True)
        where = where.set(database=str(file))
    else:
        options["pool_pre_ping"] = True
    app.config["SQLALCHEMY_DATABASE_URI"] = where
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    with app.app_context():
        configure_engine(db.engine)


def changing_session() -> Session:
    """A session of its own for one operation: it may write, and on SQLite it begins as a writer."""
    return Session(bind=db.engine.execution_options(changing=True), expire_on_commit=False)


def perform(operation: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `operation(session, …)` in one transaction: all of it or nothing.

    A deadlock, a serialisation failure or a busy database means the whole operation again, three times in all.

    Raises:
        DomainError: whatever the operation raised; nothing was changed.
        BusyError: the database could not be had in time.
    """
    db.session.rollback()  # a reading transaction of this request must not outlive the world it saw
    for attempt in range(1, ATTEMPTS + 1):
        session = changing_session()
        try:
            with session.begin():
                if session.get_bind().dialect.name == "postgresql":
                    session.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_MS}ms'"))
                return operation(session, *args, **kwargs)
        except WorldChangedError as error:
            if attempt == ATTEMPTS:
                raise BusyError from error
        except DBAPIError as error:
            if not _worth_another_try(error):
                raise
            if attempt == ATTEMPTS:
                raise BusyError from error
        finally:
            session.close()
    raise BusyError


def _worth_another_try(error: DBAPIError) -> bool:
    if isinstance(error, IntegrityError):
        return False
    if getattr(error.orig, "sqlstate", None) in _SERIALISATION_FAILURES:
        return True
    return "database is locked" in str(error.orig)


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
