"""accept_charter: somebody signed in agrees to the charter of an application, in the version that they read (seed 000, step 4)."""

import uuid

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.charter_acceptance import CHARTER_CHANGED, CharterAcceptance, charter_accepted
from broker.database import WorldChangedError
from broker.errors import ConflictError, NotFoundError
from broker.installation import Installation


def accept_charter(
    session: Session, installation: Installation, actor: uuid.UUID, application_code: str, version: str
) -> None:
    """Note the yes of `actor`, with its version and time; the same yes again is noted once.

    Raises:
        NotFoundError: no such application, or it has no charter.
        ConflictError: `charter_changed`: that is not the version of now.
    """
    application = installation.catalogue.applications.get(application_code)
    if application is None or application.charter is None:
        raise NotFoundError("charter_unknown")
    if version != application.charter.version:
        raise ConflictError("charter_changed", CHARTER_CHANGED)
    if charter_accepted(session, actor, application):
        return
    session.add(
        CharterAcceptance(person_id=actor, application_code=application_code, version=version, accepted_at=clock.now())
    )
    try:
        session.flush()
    except IntegrityError as error:
        raise WorldChangedError from error  # in two windows at once: run again, and it stands
    audit.record(
        session,
        "access:charter:accept",
        subject_id=actor,
        details={"application": application_code, "version": version},
    )
