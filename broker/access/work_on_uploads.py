"""work_on_uploads: the worker's part of uploads: check what was brought, carry out what was decided on, forget what nobody wants.

Each batch and each line is a transaction of its own on behalf of whoever brought the file, so it can be stopped at any moment. It
gives way after a few seconds, so that the other jobs of the worker get their turn.
"""

import uuid
from time import monotonic

from sqlalchemy import or_, select

from broker import audit
from broker.access.carry_out_line import PERSON_CHANGED, add_newcomer, carry_out_line, refuse_line
from broker.access.check_upload import check_upload
from broker.access.close_upload import close_upload, forget_undecided
from broker.access.decision import MANDATE_ENDED
from broker.access.upload import Upload, UploadLine
from broker.database import db, perform
from broker.errors import BusyError, DomainError, NotFoundError
from broker.installation import Installation
from broker.text import Text

PATIENCE_SECONDS = 5.0
_AT_ONCE = 100


def work_on_uploads(installation: Installation, seconds: float = PATIENCE_SECONDS) -> None:
    """Go on with every open file, oldest first, for so many seconds at most."""
    until = monotonic() + seconds
    perform(forget_undecided)
    for upload_id, person_id in _open_uploads():
        with audit.acting(audit.Acting(kind="person", person_id=person_id)):
            work_on_upload(installation, upload_id, until - monotonic())
        if monotonic() >= until:
            return


def work_on_upload(installation: Installation, upload_id: uuid.UUID, seconds: float) -> None:
    """Go on with one file, on behalf of whoever is acting, for so many seconds at most."""
    until = monotonic() + seconds
    session = db.session()
    checked, decided = session.execute(select(Upload.checked_at, Upload.decided_at).where(Upload.id == upload_id)).one()
    session.rollback()
    if decided is not None:
        _carry_out(installation, upload_id, until)
    elif checked is None:
        _check(installation, upload_id, until)


def _check(installation: Installation, upload_id: uuid.UUID, until: float) -> None:
    while perform(check_upload, installation, upload_id):
        if monotonic() >= until:
            return


def _carry_out(installation: Installation, upload_id: uuid.UUID, until: float) -> None:
    while lines := _next_lines(upload_id):
        for line_id in lines:
            try:
                perform(add_newcomer, installation, line_id)
                perform(carry_out_line, installation, line_id)
            except BusyError:
                return  # at its next turn
            except DomainError as error:
                perform(refuse_line, installation, line_id, _why(error))
            if monotonic() >= until:
                return
    perform(close_upload, upload_id)


def _why(error: DomainError) -> Text:
    """The sentence of the error; what is not there says so of a page."""
    if isinstance(error, NotFoundError):
        return MANDATE_ENDED if error.code == "organisation_unknown" else PERSON_CHANGED
    return error.text


def _open_uploads() -> list[tuple[uuid.UUID, uuid.UUID]]:
    """(upload, whoever brought it) of those that wait for work, oldest first."""
    session = db.session()
    rows = session.execute(
        select(Upload.id, Upload.person_id)
        .where(Upload.closed_at.is_(None), or_(Upload.checked_at.is_(None), Upload.decided_at.is_not(None)))
        .order_by(Upload.created_at)
    ).all()
    session.rollback()
    return [(row[0], row[1]) for row in rows]


def _next_lines(upload_id: uuid.UUID) -> list[uuid.UUID]:
    session = db.session()
    found = session.scalars(
        select(UploadLine.id)
        .where(UploadLine.upload_id == upload_id, UploadLine.outcome.is_(None), UploadLine.chosen)
        .order_by(UploadLine.number)
        .limit(_AT_ONCE)
    ).all()
    session.rollback()
    return list(found)
