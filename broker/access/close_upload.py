"""close_upload: a file is done, or is forgotten: nothing of what stood in it is left (threats CU3).

What each line became stays until `policies/retention.yaml` ends it, for whoever brought the file to read, who gets a
mail when it is done.
"""

import uuid
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.upload import CARRIED_OUT, FORGOTTEN, GIVEN, LEFT_OUT, REFUSED, Upload, UploadLine
from broker.database import to_change
from broker.errors import ConflictError, NotFoundError
from broker.notifications import put_mail
from broker.people.living_mandates import living_mandates
from broker.people.mandate import organisation_scope
from broker.text import Text

KEPT_UNDECIDED = timedelta(hours=24)


def close_upload(session: Session, upload_id: uuid.UUID) -> bool:
    """Close a file of which every chosen line is done; False where one is not."""
    upload = session.scalars(to_change(select(Upload).where(Upload.id == upload_id))).one()
    counts = dict(
        session.execute(
            select(UploadLine.outcome, func.count())
            .where(UploadLine.upload_id == upload_id, UploadLine.chosen)
            .group_by(UploadLine.outcome)
        ).all()
    )
    if upload.closed_at is not None or upload.decided_at is None or None in counts:
        return False
    empty_upload(session, upload, CARRIED_OUT)
    audit.record(
        session,
        "access:upload:close",
        subject_id=upload.id,
        organisation_id=upload.organisation_id,
        details={"given": counts.get(GIVEN, 0), "refused": counts.get(REFUSED, 0)},
    )
    _tell(session, upload, given=counts.get(GIVEN, 0), refused=counts.get(REFUSED, 0))
    return True


def _tell(session: Session, upload: Upload, *, given: int, refused: int) -> None:
    """Whoever brought it, who may have gone to other work meanwhile; not somebody whose mandate ended."""
    scope = organisation_scope(upload.organisation_id)
    for view in living_mandates(session, person_id=upload.person_id, scope_keys=[scope]):
        if view.email is not None and view.organisation is not None:
            put_mail(
                session,
                "upload_done",
                view.email,
                key=f"upload_done:{upload.id}",
                language=view.language,
                facts={
                    "organisation_name": view.organisation.name,
                    "upload_id": str(upload.id),
                    "given_count": given,
                    "refused_count": refused,
                    "given_name": view.person.given_name,
                },
                subject_id=upload.id,
            )
            return


def forget_upload(session: Session, actor: uuid.UUID, upload_id: uuid.UUID) -> None:
    """Whoever brought it does not want it any more; what is given already stays given.

    Raises:
        NotFoundError: not a file of `actor`.
        ConflictError: it is closed already.
    """
    upload = session.scalar(to_change(select(Upload).where(Upload.id == upload_id, Upload.person_id == actor)))
    if upload is None:
        raise NotFoundError("upload_unknown")
    if upload.closed_at is not None:
        raise ConflictError("upload_closed", CLOSED)
    empty_upload(session, upload, FORGOTTEN)


def forget_undecided(session: Session) -> int:
    """Files on which nobody decided within a day; how many there were."""
    before = clock.now() - KEPT_UNDECIDED
    uploads = session.scalars(
        to_change(
            select(Upload)
            .where(Upload.closed_at.is_(None), Upload.decided_at.is_(None), Upload.created_at < before)
            .order_by(Upload.id)
        )
    ).all()
    for upload in uploads:
        empty_upload(session, upload, FORGOTTEN)
    return len(uploads)


def empty_upload(session: Session, upload: Upload, reason: str) -> None:
    """Part of the operations that close: take away whatever stood in the file, the caller holding its row."""
    upload.closed_at, upload.close_reason = clock.now(), reason
    session.execute(
        update(UploadLine)
        .where(UploadLine.upload_id == upload.id, UploadLine.outcome.is_(None))
        .values(outcome=LEFT_OUT, content_sealed=None)
        .execution_options(synchronize_session=False)
    )
    if reason == FORGOTTEN:
        audit.record(session, "access:upload:forget", subject_id=upload.id, organisation_id=upload.organisation_id)


CLOSED = Text("Dit bestand is al afgehandeld.", "This file is dealt with already.")
