"""carry_out_upload: an administrator says that the lines they chose, or all that can, are to be carried out.

What was left out is emptied at once; the lines themselves follow one by one (`carry_out_line`). Also which lines are chosen.
"""

import uuid
from collections.abc import Collection

from sqlalchemy import func, select, true, update
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.mandate_over import lock_mandate_over
from broker.access.upload import CAN, LEFT_OUT, Upload, UploadLine
from broker.database import to_change
from broker.errors import ConflictError, InvalidError, NotFoundError
from broker.text import Text


def choose_lines(
    session: Session,
    actor: uuid.UUID,
    upload_id: uuid.UUID,
    chosen: Collection[int] | None,
    among: Collection[int] | None = None,
) -> None:
    """Of the lines that can be done, choose exactly `chosen` (None: all of them); `among` are the lines this is about (None: all).

    Raises:
        NotFoundError: not a file of `actor`.
        ConflictError: it was decided on already.
    """
    _undecided(session, actor, upload_id)
    which = [UploadLine.upload_id == upload_id, UploadLine.verdict == CAN]
    if among is not None:
        which.append(UploadLine.number.in_(among))
    wanted = true() if chosen is None else UploadLine.number.in_(chosen)
    session.execute(update(UploadLine).where(*which).values(chosen=wanted).execution_options(synchronize_session=False))


def carry_out_upload(session: Session, actor: uuid.UUID, upload_id: uuid.UUID, seen: int) -> int:
    """Let the chosen lines be carried out; how many there are. `seen` is how many the page said.

    Raises:
        NotFoundError: not a file of `actor`, or no administrator of its organisation.
        ForbiddenError: the mandate ended.
        ConflictError: it was decided on already, is still being checked, or another number of lines is chosen than was shown.
        InvalidError: no line is chosen.
    """
    organisation_id = session.scalar(
        select(Upload.organisation_id).where(Upload.id == upload_id, Upload.person_id == actor)
    )
    if organisation_id is None:
        raise NotFoundError("upload_unknown")
    lock_mandate_over(session, actor, organisation_id)
    upload = _undecided(session, actor, upload_id)
    mine = UploadLine.upload_id == upload_id
    count = session.scalar(select(func.count()).select_from(UploadLine).where(mine, UploadLine.chosen)) or 0
    if upload.checked_at is None:
        raise ConflictError("upload_unchecked", UNCHECKED)
    if not count:
        raise InvalidError("nothing_chosen", NOTHING_CHOSEN)
    if count != seen:
        raise ConflictError("choice_changed", CHOICE_CHANGED)
    upload.decided_at = clock.now()
    session.execute(
        update(UploadLine)
        .where(mine, ~UploadLine.chosen)
        .values(outcome=LEFT_OUT, content_sealed=None)
        .execution_options(synchronize_session=False)
    )
    audit.record(
        session,
        "access:upload:carry_out",
        subject_id=upload.id,
        organisation_id=organisation_id,
        details={"lines": count},
    )
    return count


def _undecided(session: Session, actor: uuid.UUID, upload_id: uuid.UUID) -> Upload:
    upload = session.scalar(to_change(select(Upload).where(Upload.id == upload_id, Upload.person_id == actor)))
    if upload is None:
        raise NotFoundError("upload_unknown")
    if upload.decided_at is not None or upload.closed_at is not None:
        raise ConflictError("upload_decided", DECIDED)
    return upload


DECIDED = Text("Over dit bestand is al beslist.", "This file has been decided on already.")
UNCHECKED = Text("Dit bestand wordt nog nagekeken.", "This file is still being checked.")
NOTHING_CHOSEN = Text("Kies eerst een of meer regels.", "Choose one or more lines first.")
CHOICE_CHANGED = Text(
    "Intussen zijn er andere regels gekozen. Kijk uw keuze nog eens na.",
    "Other lines have been chosen meanwhile. Please look at your choice again.",
)
