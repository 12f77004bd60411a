"""count_role_elsewhere: an administrator reads that somebody has a role at another organisation: a look-up (threats DG4)."""

import uuid

from sqlalchemy.orm import Session

from broker.access.mandate_over import lock_mandate_over
from broker.installation import Installation
from broker.people.look_up import count_look_ups, lock_look_ups, subject_key


def count_role_elsewhere(
    session: Session, installation: Installation, actor: uuid.UUID, organisation_id: uuid.UUID, person_id: uuid.UUID
) -> None:
    """Count it; the same person within the hour once.

    Raises:
        NotFoundError, ForbiddenError, ConflictError: as `lock_mandate_over`.
        TooManyError: the administrator had their look-ups; then it is not told.
    """
    organisation = lock_mandate_over(session, actor, organisation_id)
    lock_look_ups(session, actor)
    count_look_ups(session, actor, organisation, {subject_key(installation, actor, f"role:{person_id}"): False})
