"""look_up_request: the helpdesk, or the owner of the application, reads where a request stands, by its number (seed-sentences M6).

Read-only for the request; that it was looked up, and by whom, is audited. No rijksregisternummer, and the address masked: enough to
help a caller, not to learn one.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit
from broker.access.access_request import AccessRequest
from broker.access.follow_request import follow_request
from broker.access.look_up_authority import look_up_authority
from broker.installation import Installation
from broker.people.identifiers import masked_email
from broker.text import Text

LONGEST_NUMBER = 20


@dataclass(frozen=True, slots=True)
class FoundRequest:
    """What may be told to a caller. `stands` and `lead` are what the applicant reads on the page of the request."""

    number: str
    applicant_name: str
    masked_email: str
    application_code: str
    right_code: str
    organisation_name: str
    asked_at: datetime
    stands: Text
    lead: Text
    up: Text | None
    email_proved: bool


def look_up_request(session: Session, installation: Installation, actor: uuid.UUID, number: str) -> FoundRequest | None:
    """The request with this number, or None: there is none, or it is not within the mandate (the same answer).

    Raises:
        NotFoundError: `actor` looks up nothing.
    """
    authority = look_up_authority(session, actor)
    request = find_by_number(session, number)
    if request is None or not authority.covers_application(request.application_code):
        audit.record(session, "access:request:look_up", details={"found": False})
        return None
    audit.record(
        session,
        "access:request:look_up",
        subject_id=request.id,
        organisation_id=request.organisation_id,
        details={"found": True},
    )
    story = follow_request(session, installation, request.number)
    return FoundRequest(
        number=request.number,
        applicant_name=request.full_name,
        masked_email=masked_email(request.email) if request.email else "",
        application_code=request.application_code,
        right_code=request.right_code,
        organisation_name=story.organisation_name,
        asked_at=request.created_at,
        stands=story.title,
        lead=story.lead,
        up=story.up,
        email_proved=request.email_proved_at is not None,
    )


def find_by_number(session: Session, number: str) -> AccessRequest | None:
    """The request that a caller reads out: capitals and spaces do not matter."""
    written = "".join(number.split()).upper()[: LONGEST_NUMBER + 1]
    return session.scalar(select(AccessRequest).where(AccessRequest.number == written))
