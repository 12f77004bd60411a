"""Sealing everything anew under the newest key, after a new one was put in front of PLUSMINMEE_SEALING_KEYS.

Owns: that one walk over all columns and files, in batches, while the tool runs. It may be stopped at any moment and run again: what
stands under the newest key already is not read. What no key opens stays as it is, and is counted.
"""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from modules.kit.database import Database
from modules.plusminmee.file_store import NoFileError
from modules.plusminmee.keeping import Keeping
from modules.plusminmee.sealed_places import DATES, FILES, TEXTS, column_of, stands_under
from modules.plusminmee.sealing import Place, Sealed, SealedField, SealError

AT_ONCE = 200
_BEFORE_ALL = uuid.UUID(int=0)

Reseal = Callable[[Sealed, Place], Sealed]


@dataclass(frozen=True, slots=True)
class SealedAnew:
    """What became of one place: how many values were sealed anew, and how many no key opens."""

    place: str
    anew: int = 0
    broken: int = 0


@dataclass(frozen=True, slots=True)
class _Batch:
    anew: int
    broken: int
    last: uuid.UUID | None


def seal_anew(database: Database, kept: Keeping) -> Iterator[SealedAnew]:
    """Go through every place; a transaction a batch of rows, and a file at a time."""
    for fields, reseal in ((TEXTS, kept.sealer.reseal_text), (DATES, kept.sealer.reseal_date)):
        for field in fields:
            yield _walk(database, kept, field, reseal)
    for field in FILES:
        yield _walk_files(database, kept, field)


def _walk(database: Database, kept: Keeping, field: SealedField, reseal: Reseal) -> SealedAnew:
    anew = broken = 0
    last: uuid.UUID | None = _BEFORE_ALL
    while last is not None:
        batch = database.perform(_some, kept, field, reseal, last)
        anew, broken, last = anew + batch.anew, broken + batch.broken, batch.last
    return SealedAnew(f"{field.table}.{field.column}", anew, broken)


def _some(session: Session, kept: Keeping, field: SealedField, reseal: Reseal, after: uuid.UUID) -> _Batch:
    """One batch. The rows are locked, so that nobody's change meanwhile is undone; `version` stays, as nothing was changed."""
    row_id, column = column_of(field)
    rows = session.execute(
        select(row_id, column)
        .where(row_id > after, column.is_not(None), ~stands_under(column, kept.sealer.newest))
        .order_by(row_id)
        .limit(AT_ONCE)
        .with_for_update()
    ).all()
    broken = 0
    for key, sealed in rows:
        try:
            fresh = reseal(Sealed(bytes(sealed)), field.of(key))
        except SealError:
            broken += 1
            continue
        session.execute(update(row_id.table).where(row_id == key).values({column: fresh}))
    return _Batch(len(rows) - broken, broken, rows[-1][0] if len(rows) == AT_ONCE else None)


def _walk_files(database: Database, kept: Keeping, field: SealedField) -> SealedAnew:
    anew = broken = 0
    last: uuid.UUID | None = _BEFORE_ALL
    while last is not None:
        rows = database.perform(_names, field, last)
        for row, name in rows:
            try:
                anew += kept.files.reseal(name, field.of(row))
            except NoFileError:
                continue  # taken away since we looked
            except SealError:
                broken += 1
        last = rows[-1][0] if len(rows) == AT_ONCE else None
    return SealedAnew(f"files of {field.table}.{field.column}", anew, broken)


def _names(session: Session, field: SealedField, after: uuid.UUID) -> list[tuple[uuid.UUID, str]]:
    row_id, column = column_of(field)
    rows = session.execute(
        select(row_id, column).where(row_id > after, column.is_not(None)).order_by(row_id).limit(AT_ONCE)
    )
    return [(key, name) for key, name in rows]
