"""A youngster as a member of the group reads them: the sealed fields opened.

Owns: sealing the fields of a form into a row, and opening a row. Does not own who may (who.py).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from modules.plusminmee.retention import today
from modules.plusminmee.sealing import Place, Sealed, Sealer
from modules.plusminmee.youngster_form import YoungsterFields
from modules.plusminmee.youngster_model import (
    BORN,
    CHECKED_ON,
    DESCRIPTION,
    DOCUMENT_NUMBER,
    KENTEKEN,
    NAME,
    Youngster,
)


@dataclass(frozen=True)
class Known:
    """What lists and the circle show: name and age, with the row. `name` is "" for one that was removed."""

    row: Youngster
    name: str
    age: int | None

    @property
    def id(self) -> uuid.UUID:
        """That of the row."""
        return self.row.id


def known(sealer: Sealer, row: Youngster) -> Known:
    """The youngster of this row as lists show them."""
    born = _day(sealer, row.born, BORN.of(row.id))
    name = sealer.open_text(row.name, NAME.of(row.id)) if row.name is not None else ""
    return Known(row, name, age_on(today(), born) if born else None)


def all_known(sealer: Sealer, rows: Sequence[Youngster]) -> list[Known]:
    """The youngsters of these rows, by name."""
    return sorted((known(sealer, row) for row in rows), key=lambda each: (each.name.casefold(), each.id))


def fields_of(sealer: Sealer, row: Youngster) -> YoungsterFields:
    """Every field of a youngster who was not removed."""
    number = DOCUMENT_NUMBER.of(row.id)
    return YoungsterFields(
        name=_text(sealer, row.name, NAME.of(row.id)) or "",
        born=_day(sealer, row.born, BORN.of(row.id)),
        kenteken=_text(sealer, row.kenteken, KENTEKEN.of(row.id)),
        kopstuk=row.kopstuk,
        traject=row.traject,
        letter=row.letter,
        description=_text(sealer, row.description, DESCRIPTION.of(row.id)) or "",
        checked_on=_day(sealer, row.checked_on, CHECKED_ON.of(row.id)),
        document_kind=row.document_kind,
        document_number=_text(sealer, row.document_number, number),
    )


def fill_in(sealer: Sealer, row: Youngster, fields: YoungsterFields) -> None:
    """Seal these fields into the row, whose id must be known."""
    row.name = sealer.seal_text(fields.name, NAME.of(row.id))
    row.born = sealer.seal_date(fields.born, BORN.of(row.id)) if fields.born else None
    row.kenteken = sealer.seal_text(fields.kenteken, KENTEKEN.of(row.id)) if fields.kenteken else None
    row.description = sealer.seal_text(fields.description, DESCRIPTION.of(row.id)) if fields.description else None
    row.checked_on = sealer.seal_date(fields.checked_on, CHECKED_ON.of(row.id)) if fields.checked_on else None
    row.document_kind = fields.document_kind
    number = DOCUMENT_NUMBER.of(row.id)
    row.document_number = sealer.seal_text(fields.document_number, number) if fields.document_number else None
    row.kopstuk, row.traject, row.letter = fields.kopstuk, fields.traject, fields.letter


def age_on(day: date, born: date) -> int:
    """Whole years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _text(sealer: Sealer, sealed: Sealed | None, place: Place) -> str | None:
    return sealer.open_text(sealed, place) if sealed is not None else None


def _day(sealer: Sealer, sealed: Sealed | None, place: Place) -> date | None:
    return sealer.open_date(sealed, place) if sealed is not None else None
