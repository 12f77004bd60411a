"""end_deputyships: deputyships end in writing as what they stand on ends: the mandate, or the job of the deputy (lifecycles §6).

Parts of operations that end mandates, jobs and organisations; no operation of its own. They stopped counting by derivation already.
"""

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.database import to_change
from broker.people.deputy import Deputy
from broker.people.mandate import Mandate
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.people.tell_of_deputy import tell_ended

EXPIRED, MANDATE_ENDED = "expired", "mandate_ended"


def lock_deputyships(
    session: Session,
    *,
    mandate_ids: Collection[uuid.UUID],
    deputy_person_id: uuid.UUID | None = None,
    organisation_id: uuid.UUID | None = None,
) -> Sequence[Deputy]:
    """The open deputyships of these mandates, and those of `deputy_person_id` (at one organisation, or all); locked, by id.

    In the order of lifecycles §13 they come right after the mandates.
    """
    theirs: ColumnElement[bool] = Deputy.mandate_id.in_(mandate_ids)
    if deputy_person_id is not None:
        at: ColumnElement[bool] = Deputy.deputy_person_id == deputy_person_id
        if organisation_id is not None:
            there = select(Mandate.id).where(Mandate.organisation_id == organisation_id)
            at = and_(at, Deputy.mandate_id.in_(there))
        theirs = or_(theirs, at)
    return session.scalars(to_change(select(Deputy).where(theirs, Deputy.ended_at.is_(None)).order_by(Deputy.id))).all()


def end_deputyships(session: Session, deputies: Sequence[Deputy], *, ended_by: uuid.UUID | None, reason: str) -> None:
    """End locked, open deputyships, and tell the deputies; one that the clock had ended ends at that instant."""
    now = clock.now()
    for deputy in deputies:
        over = deputy.run_out(now)
        deputy.ended_at = deputy.valid_until if over else now
        deputy.ended_by, deputy.end_reason = (None, EXPIRED) if over else (ended_by, reason)
        session.flush()
        organisation_id = session.scalar(select(Mandate.organisation_id).where(Mandate.id == deputy.mandate_id))
        audit.record(
            session,
            "people:deputy:expire" if over else "people:deputy:end",
            subject_id=deputy.deputy_person_id,
            organisation_id=organisation_id,
            details={"deputy": deputy.id, "reason": deputy.end_reason},
        )
        if not over:
            holder = session.get_one(Person, deputy.holder_person_id)
            person = session.get_one(Person, deputy.deputy_person_id)
            tell_ended(session, deputy, holder, person, session.get_one(Organisation, organisation_id))
