"""Operation: the beheerder removes a youngster for good (C1). No reason is stored here: it stands in the municipality's own system.

Owns: erasing every personal field at once; what stays is that somebody was removed, by whom and when.
"""

import uuid
from datetime import UTC, datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from modules.plusminmee.find_membership import hold_membership
from modules.plusminmee.find_youngsters import lock_youngster
from modules.plusminmee.keep_photo import files_of
from modules.plusminmee.proposal_model import Proposal
from modules.plusminmee.work_model import Intervention
from modules.plusminmee.write_log import write_log
from modules.plusminmee.youngster_model import Placement, Youngster


def remove_youngster(
    session: Session, professional_id: uuid.UUID, group_id: uuid.UUID, youngster_id: uuid.UUID
) -> list[str]:
    """Remove one; returns the names of the files to erase once this is committed.

    Raises:
        NotFoundError, BeheerderOnlyError: not for them.
    """
    hold_membership(session, professional_id, group_id, as_beheerder=True)
    row = lock_youngster(session, group_id, youngster_id)
    files = erase(session, row)
    write_log(session, group_id, professional_id, "youngster_removed", youngster_id=youngster_id)
    session.flush()
    return files


def erase(session: Session, row: Youngster) -> list[str]:
    """Take every personal field of the locked row away, and the interventions and proposals for them; returns the files it knew.
    A proposal about somebody else goes too when the intervention it was taken over as is theirs now."""
    files = files_of(row)
    row.name = row.born = row.kenteken = row.description = row.checked_on = row.document_number = None
    row.document_kind = row.photo = row.photo_square = None
    row.kopstuk = row.traject = row.letter = False
    row.place, row.monitor_until = "outside", None
    row.erased_at = datetime.now(UTC)
    theirs = select(Intervention.id).where(Intervention.youngster_id == row.id)
    session.execute(delete(Proposal).where(or_(Proposal.youngster_id == row.id, Proposal.intervention_id.in_(theirs))))
    session.execute(delete(Intervention).where(Intervention.youngster_id == row.id))
    session.execute(update(Placement).where(Placement.youngster_id == row.id).values(why=None))
    return files
