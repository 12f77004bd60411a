"""Operation: an Invoerder takes a centre that stopped off the list, or puts it back. Its figures stay."""

import uuid
from datetime import UTC, datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from modules.cultuurmonitor.errors import NameTakenError
from modules.cultuurmonitor.find_centres import lock_centre
from modules.kit.person import SignedIn


def end_centre(session: Session, person: SignedIn, centre_id: uuid.UUID) -> None:
    """The centre stopped: no new figures are asked. Ending it twice changes nothing.

    Raises:
        NotFoundError: no such centre of the person's organisation.
    """
    centre = lock_centre(session, person, centre_id)
    centre.ended_at = centre.ended_at or datetime.now(UTC)


def resume_centre(session: Session, person: SignedIn, centre_id: uuid.UUID) -> None:
    """The centre goes on after all.

    Raises:
        NotFoundError: no such centre of the person's organisation.
        NameTakenError: another open centre took its name meanwhile.
    """
    centre = lock_centre(session, person, centre_id)
    centre.ended_at = None
    try:
        session.flush()
    except IntegrityError as error:
        raise NameTakenError from error
