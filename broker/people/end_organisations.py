"""end_organisations: organisations are no more; who works there and who decides there ends with them (lifecycles §6).

A part of operations that have locked the organisations; no operation of its own. Their rights stop counting by
derivation, and the rows of those are ended by access/.
"""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.database import to_change
from broker.notifications.put_change import put_change
from broker.people.affiliation import Affiliation
from broker.people.end_deputyships import end_deputyships, lock_deputyships
from broker.people.mandate import Mandate
from broker.people.organisation import Organisation

INACTIVE = "inactive"
ORGANISATION_ENDED = "organisation_ended"


def end_organisations(session: Session, organisations: Sequence[Organisation], reason: str) -> None:
    """End locked, living organisations with their mandates and affiliations, each in writing."""
    if not organisations:
        return
    now = clock.now()
    ids = [organisation.id for organisation in organisations]
    mandates = session.scalars(
        to_change(
            select(Mandate).where(Mandate.organisation_id.in_(ids), Mandate.ended_at.is_(None)).order_by(Mandate.id)
        )
    ).all()
    deputies = lock_deputyships(session, mandate_ids=[mandate.id for mandate in mandates]) if mandates else ()
    affiliations = session.scalars(
        to_change(
            select(Affiliation)
            .where(Affiliation.organisation_id.in_(ids), Affiliation.ended_at.is_(None))
            .order_by(Affiliation.id)
        )
    ).all()
    for organisation in organisations:
        organisation.ended_at = now
        organisation.end_reason = reason
        _record(session, "people:organisation:end", organisation.id, organisation.id, reason)
        put_change(session, ORGANISATION_ENDED, key=str(organisation.id), organisation_id=organisation.id)
    for mandate in mandates:
        mandate.ended_at = now
        mandate.end_reason = ORGANISATION_ENDED
        _record(session, "people:mandate:dismiss", mandate.person_id, mandate.organisation_id)
    end_deputyships(session, deputies, ended_by=None, reason=ORGANISATION_ENDED)
    for affiliation in affiliations:
        affiliation.ended_at = now
        affiliation.end_reason = ORGANISATION_ENDED
        _record(session, "people:affiliation:end", affiliation.person_id, affiliation.organisation_id)


def _record(
    session: Session,
    name: str,
    subject_id: uuid.UUID,
    organisation_id: uuid.UUID | None,
    reason: str = ORGANISATION_ENDED,
) -> None:
    audit.record(session, name, subject_id=subject_id, organisation_id=organisation_id, details={"reason": reason})
