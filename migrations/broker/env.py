"""How Alembic reaches the database of the broker: one connection, one lock, limits on waiting.

Two nodes that start at once must not migrate at once: PostgreSQL has an advisory lock for that, SQLite its one writer. The second
waits ten minutes at most. A migration that waits longer than a few seconds for a table stops, rather than have every request
queue up behind it.
"""

import os
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, create_engine, text

from broker.database import BUSY_TIMEOUT_MS, UtcDateTime, configure_engine
from broker.tables import metadata

ADVISORY_LOCK = 4_712_026
WAIT_FOR_ANOTHER_MS = 600_000
LOCK_TIMEOUT = "4s"
STATEMENT_TIMEOUT = "60s"


def written_type(kind: str, item: object, writing: Any) -> str | Literal[False]:
    """How a column type of ours is written in a new migration."""
    if kind == "type" and isinstance(item, UtcDateTime):
        writing.imports.add("from broker.database import UtcDateTime")
        return "UtcDateTime()"
    return False


def migrate(connection: Connection) -> None:
    """Bring the database of `connection` where Alembic was told, when nobody else does so at the same moment."""
    if connection.dialect.name == "postgresql":
        _migrate_postgresql(connection)
    else:
        _migrate_sqlite(connection)


def _migrate_postgresql(connection: Connection) -> None:
    connection.execute(text(f"SET lock_timeout = {WAIT_FOR_ANOTHER_MS}"))
    connection.execute(text("SET statement_timeout = 0"))
    connection.execute(text(f"SELECT pg_advisory_lock({ADVISORY_LOCK})"))
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(text(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'"))
    connection.commit()
    try:
        _configure(connection)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    finally:
        connection.rollback()
        connection.execute(text(f"SELECT pg_advisory_unlock({ADVISORY_LOCK})"))
        connection.execute(text("RESET lock_timeout"))
        connection.execute(text("RESET statement_timeout"))
        connection.commit()


def _migrate_sqlite(connection: Connection) -> None:
    """All in one transaction, that of the one writer: whoever comes second waits before it looks what there is to do."""
    driver = connection.connection.dbapi_connection
    driver.execute(f"PRAGMA busy_timeout={WAIT_FOR_ANOTHER_MS}")
    # A table that is rewritten is dropped for a moment; the rows that refer to it must not mind. Outside a transaction only.
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        with connection.execution_options(changing=True).begin():
            _configure(connection)
            context.run_migrations()
    finally:
        driver.execute("PRAGMA foreign_keys=ON")
        driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


def _configure(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=written_type,
        transaction_per_migration=True,
    )


def main() -> None:
    given = context.config.attributes.get("connection")
    if given is not None:
        migrate(given)
        return
    engine = create_engine(os.environ["BROKER_DATABASE_URL"])
    configure_engine(engine)
    with engine.connect() as connection:
        migrate(connection)


main()
