"""narrowed: which ClientSessions were given a right that has ended since, whatever else their person may still do there.

A condition; reads only. Beside `rightless`: that says what has nothing left to stand on, this says what its application
believes too much of. What an application believes is what its last tokens said: those of the code, or of the last refresh.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, literal, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from broker.access.grant import Grant
from broker.access.label import Label
from broker.authentication.client_session import ClientSession
from broker.authentication.rightless_sessions import counting_grants
from broker.catalogue import Catalogue

# A refresh may read the rights a moment before the change is committed and write a later time than the change did.
AROUND = timedelta(seconds=10)

_FOR_MANY = frozenset({"policy_changed", "organisation_changed", "label_ended", "label_expired"})
"""Reasons that stop rights without a word in their rows; when, only the change itself knows."""


def narrowed(
    session: Session, catalogue: Catalogue, instant: datetime, changed_at: datetime, reason: str
) -> ColumnElement[bool]:
    """The condition, for a change of `changed_at` for `reason`.

    A right that only began, that never counted while the session lived (planned, suspended, waiting for its label), or that
    counts again by another grant, narrows nothing.
    """
    told = func.coalesce(ClientSession.rotated_at, ClientSession.created_at)
    lost, had = aliased(Grant), aliased(Label)
    before_the_change = told <= changed_at + AROUND

    def since(column: InstrumentedAttribute[datetime | None]) -> ColumnElement[bool]:
        return or_(column > told, and_(column >= changed_at - AROUND, before_the_change))

    labelled = (
        select(had.id)
        .where(had.organisation_id == lost.organisation_id, had.label_code == lost.label_code, had.approved_at <= told)
        .correlate(lost, ClientSession)
        .exists()
    )
    still = (
        counting_grants(session, catalogue, instant)
        .where(
            Grant.person_id == lost.person_id,
            Grant.organisation_id == lost.organisation_id,
            Grant.application_code == lost.application_code,
            Grant.right_code == lost.right_code,
            Grant.context_code == lost.context_code,
        )
        .correlate(lost)
        .exists()
    )
    stopped = [since(lost.ended_at), and_(lost.suspended_from <= instant, since(lost.suspended_from))]
    if reason in _FOR_MANY:
        stopped.append(and_(lost.ended_at.is_(None), before_the_change))
    return (
        select(lost.id)
        .where(
            lost.person_id == ClientSession.person_id,
            lost.organisation_id == ClientSession.organisation_id,
            lost.application_code == ClientSession.application_code,
            lost.given_at <= told,
            lost.valid_from <= told,
            or_(lost.suspended_from.is_(None), lost.suspended_from > told, since(lost.suspended_from)),
            or_(lost.label_code.is_(None), labelled, literal(reason in _FOR_MANY)),
            or_(*stopped),
            not_(still),
        )
        .correlate(ClientSession)
        .exists()
    )
