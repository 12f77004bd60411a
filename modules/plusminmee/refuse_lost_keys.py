"""No start with keys that do not open what is sealed (threats OP2): else pages would fail one by one, and whoever took a key away
would learn it too late.

Owns: that look at every sealed column and file, and the one line that says which key is missing. A single value that was damaged
stops nothing: only its own page fails.
"""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from modules.kit import ModuleSettingsError
from modules.plusminmee.file_store import NoFileError
from modules.plusminmee.keeping import Keeping
from modules.plusminmee.sealed_places import DATES, FILES, TEXTS, column_of, stands_under
from modules.plusminmee.sealing import LONGEST_HEAD, Sealed, SealedField, Sealer, SealError, key_of

SAMPLES = 3
"""So many values of a column are opened with a key; one that was touched proves nothing about the key."""


def refuse_lost_keys(session: Session, kept: Keeping) -> None:
    """Go on only when every sealed value and file names a key that is there, and that key opens it.

    Raises:
        ModuleSettingsError: one line with the id of a key, never a key.
    """
    lost: Counter[str] = Counter()
    for field in (*TEXTS, *DATES):
        lost.update(kept.sealer.lost(_heads_under_no_key(session, kept.sealer, field)))
    for field in FILES:
        lost.update(kept.sealer.lost(_heads_of_files(session, kept, field)))
    if lost:
        said = ", ".join(f"{key_id} ({count})" for key_id, count in sorted(lost.items()))
        raise ModuleSettingsError(
            f"PLUSMINMEE_SEALING_KEYS lacks a key that values or files are sealed under: {said}; put it back, behind the newest"
        )
    for key_id in kept.sealer.key_ids:
        if _is_another_key(session, kept.sealer, key_id):
            raise ModuleSettingsError(
                f"PLUSMINMEE_SEALING_KEYS has another key under the id {key_id} than the one that values are sealed under"
            )


def _heads_under_no_key(session: Session, sealer: Sealer, field: SealedField) -> Iterator[Sealed]:
    _row_id, column = column_of(field)
    known = [stands_under(column, key_id) for key_id in sealer.key_ids]
    unknown = select(func.substr(column, 1, LONGEST_HEAD)).where(column.is_not(None), *(~each for each in known))
    for head in session.scalars(unknown):
        if _is_sealed(Sealed(bytes(head))):
            yield Sealed(bytes(head))


def _heads_of_files(session: Session, kept: Keeping, field: SealedField) -> Iterator[Sealed]:
    _row_id, column = column_of(field)
    for name in session.scalars(select(column).where(column.is_not(None))):
        try:
            head = kept.files.head(name)
        except NoFileError:
            continue
        if _is_sealed(head):
            yield head


def _is_sealed(head: Sealed) -> bool:
    try:
        key_of(head)
    except SealError:
        return False
    return True


def _is_another_key(session: Session, sealer: Sealer, key_id: str) -> bool:
    """Whether values name this key and it opens none of them."""
    tried = False
    for field in TEXTS:
        row_id, column = column_of(field)
        for key, sealed in session.execute(select(row_id, column).where(stands_under(column, key_id)).limit(SAMPLES)):
            tried = True
            try:
                sealer.open_text(Sealed(bytes(sealed)), field.of(key))
            except SealError:
                continue
            return False
    return tried
