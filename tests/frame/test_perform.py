"""perform: one operation, one transaction, tried again when the world was in the way; on both databases."""

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from flask import Flask
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from broker import database
from broker.database import WorldChangedError, db, perform
from broker.errors import BusyError, ConflictError
from broker.people.organisation import Organisation
from broker.text import Text
from tests.worlds.statements import Statements
from tests.worlds.world import World


def name_of(session: Session) -> str:
    return session.scalars(select(Organisation.name)).one()


def in_threads(app: Flask, number: int, work: Callable[[], None]) -> None:
    """`work` at the same moment in `number` threads, each with a context of its own; the first failure is raised."""
    failures: list[BaseException] = []
    together = threading.Barrier(number)

    def run() -> None:
        with app.app_context():
            try:
                together.wait(10)
                work()
            except BaseException as error:  # noqa: BLE001  raised below
                failures.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if failures:
        raise failures[0]


def test_all_of_it_or_nothing(world: World, session: Session) -> None:
    organisation = world.organisation("Genk")

    def rename_and_refuse(writing: Session) -> None:
        writing.get_one(Organisation, organisation.id).name = "Hasselt"
        writing.flush()
        raise ConflictError("no", Text("Nee.", "No."))

    with pytest.raises(ConflictError):
        perform(rename_and_refuse)
    assert name_of(session) == "Genk"


def test_what_it_returns_is_there_to_read_afterwards(world: World) -> None:
    organisation = world.organisation("Genk")

    def rename(writing: Session) -> Organisation:
        found = writing.get_one(Organisation, organisation.id)
        found.name = "Hasselt"
        return found

    assert perform(rename).name == "Hasselt"


def test_no_update_is_lost_when_many_read_and_write_at_once(app: Flask, world: World, session: Session) -> None:
    """libraries §4: without BEGIN IMMEDIATE (SQLite) or the row lock (PostgreSQL) two thirds were lost without an error."""
    organisation = world.organisation("")

    def count(writing: Session) -> None:
        found = writing.scalars(
            select(Organisation)
            .where(Organisation.id == organisation.id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        ).one()
        found.name = found.name + "x"

    def count_ten() -> None:
        for _ in range(10):
            perform(count)

    in_threads(app, 4, count_ten)
    assert name_of(session) == "x" * 40


def test_a_deadlock_means_the_whole_operation_again(app: Flask, world: World, session: Session) -> None:
    one, other = world.organisation("0"), world.organisation("0")
    attempts: list[int] = []

    def raise_both(writing: Session, first: Organisation, second: Organisation, meet: threading.Barrier) -> None:
        attempts.append(1)
        for each in (first, second):
            found = writing.get_one(Organisation, each.id, with_for_update={"key_share": True}, populate_existing=True)
            found.name = str(int(found.name) + 1)
            writing.flush()
            if each is first:
                with suppress(threading.BrokenBarrierError):
                    meet.wait(0.3)

    meet = threading.Barrier(2)
    orders = [(one, other), (other, one)]
    lock = threading.Lock()

    def work() -> None:
        with lock:
            first, second = orders.pop()
        perform(raise_both, first, second, meet)

    in_threads(app, 2, work)
    assert session.scalars(select(Organisation.name)).all() == ["2", "2"]
    assert len(attempts) >= 2


def test_a_world_that_keeps_changing_ends_in_busy_after_three_attempts(app: Flask) -> None:
    attempts: list[int] = []

    def never(_writing: Session) -> None:
        attempts.append(1)
        raise WorldChangedError

    with pytest.raises(BusyError):
        perform(never)
    assert len(attempts) == database.ATTEMPTS == 3


def test_a_mistake_of_ours_is_not_tried_again(app: Flask) -> None:
    attempts: list[int] = []

    def wrong(writing: Session) -> None:
        attempts.append(1)
        writing.execute(text("SELECT nothing FROM nowhere"))

    with pytest.raises(DBAPIError):
        perform(wrong)
    assert len(attempts) == 1


def test_reading_is_a_plain_transaction_and_operations_begin_as_writers(
    app: Flask, world: World, session: Session
) -> None:
    """lifecycles §0: on SQLite only operations open with BEGIN IMMEDIATE; a reader never waits for a writer."""
    if db.engine.dialect.name != "sqlite":
        return
    begun: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("BEGIN"):
            begun.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    world.organisation()
    name_of(session)
    assert begun[0] == "BEGIN IMMEDIATE"
    assert begun[-1] == "BEGIN"


def test_errors_of_the_database_never_hold_what_was_written(world: World) -> None:
    """OP3: parameters stay out of the message, whatever fails."""
    world.person(number="85073099833", email="nele@voorbeeld.test")
    with pytest.raises(DBAPIError) as caught:
        db.session.execute(text("SELECT * FROM persons WHERE nothing = :email"), {"email": "nele@voorbeeld.test"})
    assert "nele@" not in str(caught.value)


def test_statements_are_counted(session: Session, statements: Statements) -> None:
    with statements() as seen:
        session.scalars(select(Organisation)).all()
    assert len(seen) == 1
