"""The clock: files that no row knows (a form that was refused after its photo was made, a crash) are swept away.

Owns: which names are in use. Does not own the files (file_store.py).
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from modules.plusminmee.keeping import Keeping
from modules.plusminmee.model import ProfessionalPhoto
from modules.plusminmee.work_model import Message
from modules.plusminmee.youngster_model import Youngster


def sweep_files(session: Session, kept: Keeping) -> int:
    """Sweep; returns how many files went."""
    rows = session.execute(select(Youngster.photo, Youngster.photo_square).where(Youngster.photo.is_not(None))).all()
    attached = session.scalars(select(Message.attachment).where(Message.attachment.is_not(None))).all()
    portraits = session.scalars(select(ProfessionalPhoto.square)).all()
    return kept.files.sweep({name for row in [*rows, attached, portraits] for name in row if name is not None})
