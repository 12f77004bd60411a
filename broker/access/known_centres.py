"""known_centres: the cultural centres that an organisation is known to run (seed-sentences M2). Reads only.

A centre is an answer on a request, not part of the right: only answers that an administrator approved are shown to others.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.access.access_request import APPROVED, AccessRequest
from broker.access.tell_decision import CENTRE

AT_MOST = 50


def known_centres(session: Session, application_code: str, organisation_id: uuid.UUID) -> list[str]:
    """The names of the centres of one organisation, each once, in alphabetical order."""
    name = AccessRequest.answers[CENTRE].as_string()
    names = session.scalars(
        select(name)
        .where(
            AccessRequest.organisation_id == organisation_id,
            AccessRequest.application_code == application_code,
            AccessRequest.status == APPROVED,
            name.is_not(None),
            name != "",
        )
        .distinct()
        .limit(AT_MOST)
    )
    return sorted(each for each in names if each is not None)
