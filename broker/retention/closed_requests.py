"""refused_requests and approved_requests: who asked, and what they typed. What was asked, when, and who decided stays."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Select, case, func, or_, select, update
from sqlalchemy.orm import Session

from broker.access.access_request import APPROVED, CANCELLED, EXPIRED, REJECTED, WITHDRAWN, AccessRequest
from broker.access.organisation_proposal import OrganisationProposal
from broker.installation import Installation
from broker.people.one_time_link import TRACKING, revoke_links
from broker.retention.rule import RetentionRule

ERASED = "…"  # where a column may not be empty


def erase_requests(session: Session, _installation: Installation, ids: Sequence[Any]) -> None:
    """Take away whatever says who asked. Their tracking links die with it (threats TL4)."""
    for request_id in ids:
        revoke_links(session, TRACKING, request_id)
    session.execute(
        update(AccessRequest)
        .where(AccessRequest.id.in_(ids))
        .values(
            given_name="",
            family_name="",
            email="",
            email_limit_key="",
            phone=None,
            answers={},
            number_masked=None,
            number_hash=None,
            number_hash_version=None,
            source_key=None,
            reason=case((AccessRequest.reason.is_not(None), ERASED)),
        )
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(OrganisationProposal)
        .where(OrganisationProposal.request_id.in_(ids))
        .values(
            address="",
            representative="",
            refused_reason=case((OrganisationProposal.refused_reason.is_not(None), ERASED)),
        )
        .execution_options(synchronize_session=False)
    )


def _due(statuses: tuple[str, ...], before: datetime) -> Select[Any]:
    return select(AccessRequest.id).where(
        AccessRequest.status.in_(statuses),
        AccessRequest.closed_at < before,
        or_(AccessRequest.email != "", AccessRequest.given_name != "", AccessRequest.family_name != ""),
    )


def _whole(statuses: tuple[str, ...]) -> Select[int]:
    return select(func.count()).select_from(AccessRequest).where(AccessRequest.status.in_(statuses))


def _rule(code: str, *statuses: str) -> RetentionRule:
    due: Callable[[datetime], Select[Any]] = partial(_due, statuses)
    return RetentionRule(code, due, partial(_whole, statuses), erase_requests)


REFUSED_REQUESTS = _rule("refused_requests", REJECTED, WITHDRAWN, EXPIRED, CANCELLED)
APPROVED_REQUESTS = _rule("approved_requests", APPROVED)
