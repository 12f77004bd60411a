"""same_open_request: the open request that already asks what another one asks (lifecycles §1). Can lock what it finds."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.access.access_request import OPEN, AccessRequest
from broker.access.organisation_proposal import OrganisationProposal


def same_open_request(
    session: Session, request: AccessRequest, proposed_kbo: str | None = None, *, lock: bool = False
) -> AccessRequest | None:
    """The open request of this applicant for this right at this organisation, or at the proposed one with this KBO number."""
    query = select(AccessRequest).where(
        AccessRequest.status == OPEN,
        AccessRequest.applicant_key == request.applicant_key,
        AccessRequest.organisation_id == request.organisation_id,
        AccessRequest.right_code == request.right_code,
        AccessRequest.context_code == request.context_code,
    )
    if request.organisation_id is None:  # not in the list yet: each proposal is of one request, so its KBO number tells
        proposed = select(OrganisationProposal.request_id).where(OrganisationProposal.kbo == proposed_kbo)
        query = query.where(AccessRequest.id.in_(proposed))
    return session.scalar(query.with_for_update(read=True) if lock else query)
