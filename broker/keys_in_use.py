"""Which of the secret keys the rows of the database still need (threats OP2).

Owns that one question, for every table at once: a sealed value begins with the id of its key, a look-up hash stands beside the id
of its own. Sign-ins on their way and sessions that ended are not asked: they are over within minutes.
"""

from collections import Counter

from sqlalchemy import Column, ColumnElement, Select, Table, func, select
from sqlalchemy.orm import Session

from broker.keys import Keys
from broker.keys.noted_keys import lost_keys
from broker.tables import metadata

_SHORT_LIVED = {"sign_in_attempts"}


class MissingKeyError(Exception):
    """Rows need a secret key that BROKER_SECRET_KEYS does not hold. The message is one line, with names and counts."""

    def __init__(self, missing: dict[str, int]) -> None:
        named = ", ".join(
            f"{key_id} ({count} value{'s' if count != 1 else ''})"
            if count
            else f"{key_id} (look-up hashes build on it)"
            for key_id, count in sorted(missing.items())
        )
        super().__init__(f"BROKER_SECRET_KEYS is bad: values in the database need a key that is not there: {named}.")
        self.missing = missing


def keys_in_use(session: Session) -> dict[str, int]:
    """The ids of the keys that values in the database need, each with how many values."""
    found: Counter[str] = Counter()
    for table in metadata.sorted_tables:
        if table.name in _SHORT_LIVED:
            continue
        for query in _queries(table, session.get_bind().dialect.name):
            for key_id, count in session.execute(query):
                found[key_id] += count
    return dict(found)


def require_keys(session: Session, keys: Keys) -> None:
    """Refuse to go on where a key is missing.

    Raises:
        MissingKeyError: it names each key and how many values need it.
    """
    missing = {key_id: count for key_id, count in keys_in_use(session).items() if key_id not in keys.secrets}
    missing = dict.fromkeys(lost_keys(session, keys), 0) | missing
    if missing:
        raise MissingKeyError(missing)


def sealed_columns() -> list[tuple[Table, Column[str]]]:
    """Every column of every table that holds sealed values and keeps them for longer than minutes."""
    return [
        (table, column)
        for table in metadata.sorted_tables
        if table.name not in _SHORT_LIVED
        for column in table.columns
        if column.name.endswith("_sealed")
    ]


def _queries(table: Table, dialect: str) -> list[Select[str, int]]:
    queries = []
    key_id: ColumnElement[str]
    for column in table.columns:
        if column.name.endswith("_sealed"):
            if dialect == "postgresql":
                key_id = func.split_part(column, ".", 1)
            else:
                key_id = func.substr(column, 1, func.instr(column, ".") - 1)
        elif column.name.endswith("hash_version"):
            key_id = column
        else:
            continue
        queries.append(select(key_id, func.count()).where(column.is_not(None)).group_by(key_id))
    return queries
