"""Operations: somebody puts a photo of themselves, or takes it away (W24: members see name, photo, function, organisation).

Owns: the order (file first, row after, old file last, so that no row ever lacks its file). Only the square is kept: it stands
beside a name. Does not own decoding (photo.py), the files (file_store.py), nor who sees it (member_pages.py).
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from modules.plusminmee.keeping import Keeping
from modules.plusminmee.model import PORTRAIT, Professional, ProfessionalPhoto
from modules.plusminmee.photo import make_photo


def make_portrait(kept: Keeping, professional_id: uuid.UUID, raw: bytes) -> str:
    """Make a photo of what was sent and keep its square; returns the name of the file.

    Raises:
        RefusedError: it is none that we take.
    """
    return kept.files.keep(make_photo(raw).square, PORTRAIT.of(professional_id))


def put_portrait(session: Session, professional_id: uuid.UUID, name: str | None) -> str | None:
    """Make this file the photo, or with None take the photo away; returns the file to erase when this is committed."""
    session.execute(select(Professional.id).where(Professional.id == professional_id).with_for_update())
    row = session.get(ProfessionalPhoto, professional_id)
    before = row.square if row is not None else None
    if row is None and name is not None:
        session.add(ProfessionalPhoto(professional_id=professional_id, square=name))
    elif row is not None and name is not None:
        row.square = name
    elif row is not None:
        session.delete(row)
    session.flush()
    return before
