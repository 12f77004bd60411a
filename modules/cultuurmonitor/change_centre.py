"""Operation: an Invoerder gives a centre another name or kind."""

import uuid

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from modules.cultuurmonitor.centre_name import key_of_name
from modules.cultuurmonitor.errors import NameTakenError
from modules.cultuurmonitor.find_centres import lock_centre
from modules.kit.person import SignedIn


def change_centre(session: Session, person: SignedIn, centre_id: uuid.UUID, *, name: str, kind: str) -> None:
    """Change name and kind (model.CENTRE_KINDS); its figures stay.

    Raises:
        NotFoundError: no such centre of the person's organisation.
        NameTakenError: the organisation has another open centre of that name.
    """
    centre = lock_centre(session, person, centre_id)
    centre.name = name
    centre.name_key = key_of_name(name)
    centre.kind = kind
    try:
        session.flush()
    except IntegrityError as error:
        raise NameTakenError from error
