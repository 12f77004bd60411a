"""last_used: when somebody last used an application for an organisation, as far as sessions are kept. Reads only.

The day on which a session of theirs was last started or renewed. Sessions go after a while (`ended_sessions` of the retention), so
nothing found means: not within that time.
"""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broker.access.grant import Grant
from broker.access.holders import Holder, holder, holding
from broker.authentication.client_session import ClientSession

Used = tuple[uuid.UUID, uuid.UUID, str]
"""Person, organisation and code of the application."""


_LAST = func.max(func.coalesce(ClientSession.rotated_at, ClientSession.created_at))


def last_used(
    session: Session, people: Collection[uuid.UUID], organisations: Collection[uuid.UUID]
) -> dict[Used, datetime]:
    """The last use of each application by these people for these organisations; one statement."""
    rows = session.execute(
        select(
            ClientSession.person_id,
            ClientSession.organisation_id,
            ClientSession.application_code,
            _LAST.label("at"),
        )
        .where(
            ClientSession.person_id.in_(people),
            ClientSession.organisation_id.in_(organisations),
            ClientSession.generation > 0,
        )
        .group_by(ClientSession.person_id, ClientSession.organisation_id, ClientSession.application_code)
    )
    return {(row.person_id, row.organisation_id, row.application_code): row.at for row in rows if row.organisation_id}


def holders_and_use(
    session: Session, organisation_id: uuid.UUID, application_code: str, right_code: str
) -> list[tuple[Holder, datetime | None]]:
    """Who has a right there already, and when each last used that application for that organisation; one statement."""
    last = (
        select(_LAST)
        .where(
            ClientSession.person_id == Grant.person_id,
            ClientSession.organisation_id == Grant.organisation_id,
            ClientSession.application_code == Grant.application_code,
            ClientSession.generation > 0,
        )
        .scalar_subquery()
    )
    rows = session.execute(holding(organisation_id, application_code, right_code).add_columns(last))
    return [(holder(grant, person, job), at) for grant, person, job, at in rows]
