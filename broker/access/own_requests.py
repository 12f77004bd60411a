"""own_requests: what somebody who signs in with a digital key asked so far. Reads only; never anybody else's."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broker.access.access_request import AccessRequest
from broker.access.organisation_proposal import OrganisationProposal
from broker.people.organisation import Organisation

AT_MOST = 50


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """One request in short; `status` as in lifecycles §1."""

    number: str
    status: str
    application_code: str
    right_code: str
    organisation_name: str
    created_at: datetime


def own_requests(session: Session, person_id: uuid.UUID) -> list[OwnRequest]:
    """The requests of one person, newest first; one statement."""
    rows = session.execute(
        select(AccessRequest, func.coalesce(Organisation.name, OrganisationProposal.name, ""))
        .outerjoin(Organisation, Organisation.id == AccessRequest.organisation_id)
        .outerjoin(OrganisationProposal, OrganisationProposal.request_id == AccessRequest.id)
        .where(AccessRequest.person_id == person_id)
        .order_by(AccessRequest.created_at.desc(), AccessRequest.id)
        .limit(AT_MOST)
    )
    return [
        OwnRequest(
            request.number, request.status, request.application_code, request.right_code, name, request.created_at
        )
        for request, name in rows
    ]
