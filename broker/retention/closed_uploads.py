"""uploads: files of rights that were carried out or forgotten. What stood in them is gone; this is what each line became."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from broker.access.upload import Upload, UploadLine
from broker.installation import Installation
from broker.retention.rule import RetentionRule


def _due(before: datetime) -> Select[Any]:
    return select(Upload.id).where(Upload.closed_at < before)


def _whole() -> Select[int]:
    return select(func.count()).select_from(Upload)


def _erase(session: Session, _installation: Installation, ids: Sequence[Any]) -> None:
    for table, column in ((UploadLine, UploadLine.upload_id), (Upload, Upload.id)):
        session.execute(delete(table).where(column.in_(ids)).execution_options(synchronize_session=False))


UPLOADS = RetentionRule("uploads", _due, _whole, _erase)
