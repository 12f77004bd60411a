"""Operations: a member adds a youngster to the group, or changes what is kept of one (W18: every member may)."""

import uuid
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from modules.plusminmee.errors import ChangedMeanwhileError
from modules.plusminmee.find_membership import hold_membership
from modules.plusminmee.find_youngsters import lock_youngster
from modules.plusminmee.keep_photo import KeptPhoto, put_photo
from modules.plusminmee.keeping import Keeping
from modules.plusminmee.open_youngster import fill_in
from modules.plusminmee.write_log import write_log
from modules.plusminmee.youngster_form import YoungsterFields
from modules.plusminmee.youngster_model import Placement, Youngster


def add_youngster(
    session: Session,
    kept: Keeping,
    professional_id: uuid.UUID,
    group_id: uuid.UUID,
    youngster_id: uuid.UUID,
    fields: YoungsterFields,
    photo: KeptPhoto | None = None,
) -> None:
    """Add one under this id, buiten methode until the beheerder places them.

    Raises:
        NotFoundError: no member of such a group.
    """
    hold_membership(session, professional_id, group_id)
    now = datetime.now(UTC)
    row = Youngster(id=youngster_id, group_id=group_id, place="outside", added_at=now, added_by=professional_id)
    fill_in(kept.sealer, row, fields)
    session.add(row)
    session.flush()
    session.add(Placement(group_id=group_id, youngster_id=row.id, place="outside", at=now, by=professional_id))
    write_log(session, group_id, professional_id, "youngster_added", youngster_id=row.id)
    if photo is not None:
        put_photo(session, professional_id, row, photo)
    session.flush()


def change_youngster(
    session: Session,
    kept: Keeping,
    professional_id: uuid.UUID,
    group_id: uuid.UUID,
    youngster_id: uuid.UUID,
    fields: YoungsterFields,
    seen_version: int,
    photo: KeptPhoto | None = None,
) -> list[str]:
    """Change what is kept of one; returns the names of the files that no row knows any more.

    Raises:
        NotFoundError: no member of such a group, or no such youngster in it.
        ChangedMeanwhileError: somebody else changed it since `seen_version`.
    """
    hold_membership(session, professional_id, group_id)
    row = lock_youngster(session, group_id, youngster_id)
    if row.version != seen_version:
        raise ChangedMeanwhileError
    fill_in(kept.sealer, row, fields)
    row.version += 1
    write_log(session, group_id, professional_id, "youngster_changed", youngster_id=row.id)
    left_over = put_photo(session, professional_id, row, photo) if photo is not None else []
    session.flush()
    return left_over
