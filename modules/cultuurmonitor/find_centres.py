"""Finding centres: always of the organisation in the token, never by id alone.

Owns: those queries. A centre of another organisation is not found, as if it were not there.
"""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from modules.cultuurmonitor.errors import NotFoundError
from modules.cultuurmonitor.model import Centre
from modules.kit.person import SignedIn


def list_centres(session: Session, person: SignedIn) -> Sequence[Centre]:
    """The centres of the person's organisation, open ones first, by name."""
    return session.scalars(
        select(Centre)
        .where(Centre.organisation_code == person.organisation_code)
        .order_by(Centre.ended_at.is_not(None), Centre.name_key)
    ).all()


def find_centre(session: Session, person: SignedIn, centre_id: uuid.UUID) -> Centre:
    """One centre of the person's organisation, to read.

    Raises:
        NotFoundError: no such centre there.
    """
    return _one(session, person, centre_id, lock=False)


def lock_centre(session: Session, person: SignedIn, centre_id: uuid.UUID) -> Centre:
    """The same, locked until the end of the transaction.

    Raises:
        NotFoundError: no such centre there.
    """
    return _one(session, person, centre_id, lock=True)


def _one(session: Session, person: SignedIn, centre_id: uuid.UUID, *, lock: bool) -> Centre:
    query = select(Centre).where(Centre.id == centre_id, Centre.organisation_code == person.organisation_code)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    centre = session.scalars(query).one_or_none()
    if centre is None:
        raise NotFoundError
    return centre
