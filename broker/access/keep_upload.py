"""keep_upload: an administrator brings a file of rights. Every line is sealed and kept until it is carried out (threats CU3).

Nothing is given yet: `check_upload` says of each line what would happen, and `carry_out_upload` that it may. One file at a time an
administrator: a new one takes the place of one that was not decided on.
"""

import uuid
from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.close_upload import empty_upload
from broker.access.mandate_over import lock_mandate_over
from broker.access.upload import CANNOT, FORGOTTEN, Upload, UploadLine
from broker.access.upload_content import LineContent
from broker.access.upload_seal import seal_content, seal_told
from broker.database import to_change
from broker.errors import ConflictError, InvalidError
from broker.installation import Installation
from broker.text import Text

LINES_AT_MOST = 50_000
_AT_ONCE = 2_000


def keep_upload(
    session: Session,
    installation: Installation,
    actor: uuid.UUID,
    organisation_id: uuid.UUID,
    lines: Sequence[tuple[int, LineContent]],
) -> uuid.UUID:
    """Keep `lines`, each with its number in the file; the id of the upload.

    Raises:
        NotFoundError, ForbiddenError: `actor` is no administrator of that organisation, or not any more.
        InvalidError: there is no line, or there are too many.
        ConflictError: their last file is still being carried out.
    """
    organisation = lock_mandate_over(session, actor, organisation_id)
    if not lines:
        raise InvalidError("upload_empty", EMPTY)
    if len(lines) > LINES_AT_MOST:
        raise InvalidError("upload_too_long", TOO_LONG)
    _make_place(session, actor)
    upload = Upload(
        id=uuid.uuid4(),
        person_id=actor,
        organisation_id=organisation.id,
        line_count=len(lines),
        created_at=clock.now(),
    )
    session.add(upload)
    session.flush()
    first: dict[tuple[str, ...], int] = {}
    for begin in range(0, len(lines), _AT_ONCE):
        rows = [
            _row(installation, upload.id, number, content, first.setdefault(content.about, number))
            for number, content in lines[begin : begin + _AT_ONCE]
        ]
        session.execute(insert(UploadLine), rows)
    audit.record(
        session,
        "access:upload:keep",
        subject_id=upload.id,
        organisation_id=organisation.id,
        details={"lines": len(lines)},
    )
    return upload.id


def _make_place(session: Session, actor: uuid.UUID) -> None:
    """Forget the file that this administrator brought before and did not decide on."""
    for upload in session.scalars(
        to_change(select(Upload).where(Upload.person_id == actor, Upload.closed_at.is_(None)).order_by(Upload.id))
    ):
        if upload.decided_at is not None:
            raise ConflictError("upload_running", STILL_RUNNING)
        empty_upload(session, upload, FORGOTTEN)


def _row(
    installation: Installation, upload_id: uuid.UUID, number: int, content: LineContent, first: int
) -> dict[str, object]:
    line_id = uuid.uuid4()
    again = first != number
    twice = SAID_TWICE.with_facts(line=first)
    return {
        "id": line_id,
        "upload_id": upload_id,
        "number": number,
        "content_sealed": seal_content(installation.keys, line_id, content),
        "verdict": CANNOT if again else None,
        "told_sealed": seal_told(installation.keys, line_id, [twice]) if again else None,
        "chosen": False,
    }


EMPTY = Text("In dit bestand staat geen enkele regel.", "There is not a single line in this file.")
TOO_LONG = Text(
    "Een bestand mag hoogstens 50.000 regels hebben. Maak er twee van.",
    "A file may have 50,000 lines at most. Make two of it.",
)
STILL_RUNNING = Text(
    "Uw vorige bestand wordt nog uitgevoerd. Breng het volgende als dat klaar is.",
    "Your last file is still being carried out. Bring the next one when it is done.",
)
SAID_TWICE = Text("Staat al op regel {line}.", "Is on line {line} already.")
