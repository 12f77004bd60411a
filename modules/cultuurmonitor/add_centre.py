"""Operation: an Invoerder adds a centre to the list of the organisation (M2)."""

import uuid
from datetime import UTC, datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from modules.cultuurmonitor.centre_name import key_of_name
from modules.cultuurmonitor.errors import NameTakenError
from modules.cultuurmonitor.model import Centre
from modules.kit.person import SignedIn


def add_centre(session: Session, person: SignedIn, *, name: str, kind: str) -> uuid.UUID:
    """Add the centre `name` of `kind` (model.CENTRE_KINDS) to the person's organisation; returns its id.

    Raises:
        NameTakenError: the organisation has an open centre of that name.
    """
    centre = Centre(
        organisation_code=person.organisation_code,
        name=name,
        name_key=key_of_name(name),
        kind=kind,
        created_at=datetime.now(UTC),
        created_by=person.sub,
    )
    session.add(centre)
    try:
        session.flush()
    except IntegrityError as error:
        raise NameTakenError from error
    return centre.id
