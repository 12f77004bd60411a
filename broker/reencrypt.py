"""reencrypt: seal every sealed value anew with the newest secret key, in batches. Owns that one walk over all tables.

A key that leaked is thereby worth nothing for what is read from the database afterwards; a backup from before is another
matter. A value stays sealed for its own row (`table.column:key`), and is changed only if nobody changed it meanwhile. Look-up
hashes go with `raise_number_hashes`, and keep building on every key there ever was, so no key may leave the list for this.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Column, Table, select, update
from sqlalchemy.orm import Session

from broker import audit
from broker.database import perform
from broker.keys import Keys
from broker.keys_in_use import sealed_columns

AT_ONCE = 500

# A value is sealed for "table.column:key"; this one was first sealed under another name, and every row says so.
_SEALED_FOR = {"access_requests.number_sealed": "access_requests.number"}


@dataclass(frozen=True, slots=True)
class Reencrypted:
    """How many values of one column were sealed anew."""

    place: str
    count: int


def reencrypt(keys: Keys) -> Iterator[Reencrypted]:
    """Go through every column; a transaction a batch. Safe to stop and to run again.

    Raises:
        SealError: a value that no key in the list opens; what was done before it stays done.
    """
    for table, column in sealed_columns():
        count = 0
        while sealed := perform(_seal_some, keys, table, column):
            count += sealed
        yield Reencrypted(f"{table.name}.{column.name}", count)


def _seal_some(session: Session, keys: Keys, table: Table, column: Column[str]) -> int:
    (row_key,) = table.primary_key.columns
    name = f"{table.name}.{column.name}"
    old = session.execute(
        select(row_key, column)
        .where(column.is_not(None), ~column.startswith(f"{keys.newest}.", autoescape=True))
        .order_by(row_key)
        .limit(AT_ONCE)
    ).all()
    for key, sealed in old:
        place = f"{_SEALED_FOR.get(name, name)}:{key}"
        session.execute(
            update(table)
            .where(row_key == key, column == sealed)
            .values({column: keys.seal(keys.unseal(sealed, place), place)})
        )
    if old:
        audit.record(session, "keys:secret_key:reencrypt", details={"place": name, "count": len(old)})
    return len(old)
