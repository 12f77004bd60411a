"""The photo of a youngster: made anew, sealed, kept as two files, known by the youngster's row.

Owns: the order (files first, row after, old files last, so that no row ever lacks its file) and taking a photo away. Does not own
decoding (photo.py) nor the files (file_store.py).
"""

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from modules.plusminmee.find_membership import hold_membership
from modules.plusminmee.find_youngsters import lock_youngster
from modules.plusminmee.keeping import Keeping
from modules.plusminmee.photo import make_photo
from modules.plusminmee.write_log import write_log
from modules.plusminmee.youngster_model import PHOTO, PHOTO_SQUARE, Youngster


@dataclass(frozen=True)
class KeptPhoto:
    """The names of its two files."""

    whole: str
    square: str


def keep_photo(kept: Keeping, youngster_id: uuid.UUID, raw: bytes) -> KeptPhoto:
    """Make a photo of what was sent and keep both files for this youngster.

    Raises:
        RefusedError: it is none that we take.
    """
    photo = make_photo(raw)
    return KeptPhoto(
        kept.files.keep(photo.whole, PHOTO.of(youngster_id)),
        kept.files.keep(photo.square, PHOTO_SQUARE.of(youngster_id)),
    )


def put_photo(session: Session, professional_id: uuid.UUID, row: Youngster, photo: KeptPhoto) -> list[str]:
    """Make it that of the locked row; returns the files it takes the place of."""
    before = files_of(row)
    row.photo, row.photo_square = photo.whole, photo.square
    write_log(session, row.group_id, professional_id, "photo_added", youngster_id=row.id)
    return before


def remove_photo(
    session: Session, professional_id: uuid.UUID, group_id: uuid.UUID, youngster_id: uuid.UUID
) -> list[str]:
    """Take the photo away; returns its files, to erase when this is committed.

    Raises:
        NotFoundError: no member of such a group, or no such youngster in it.
    """
    hold_membership(session, professional_id, group_id)
    row = lock_youngster(session, group_id, youngster_id)
    before = files_of(row)
    if before:
        row.photo = row.photo_square = None
        row.version += 1
        write_log(session, group_id, professional_id, "photo_removed", youngster_id=row.id)
        session.flush()
    return before


def files_of(row: Youngster) -> list[str]:
    """The names of the files that a youngster's row knows."""
    return [name for name in (row.photo, row.photo_square) if name is not None]
