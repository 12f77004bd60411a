"""end_deputy: somebody no longer stands in for an administrator: the holder is back, the deputy stops, or a head ends it."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.database import to_change
from broker.errors import ConflictError, NotFoundError
from broker.installation import Installation
from broker.people.deputy import Deputy
from broker.people.end_deputyships import end_deputyships
from broker.people.living_mandates import living_mandates
from broker.people.mandate import HEAD_LOCAL_ADMIN, Mandate
from broker.people.mandate_authority import lock_organisation
from broker.text import Text

BACK, STOPPED, ENDED_BY_HEAD = "holder_back", "deputy_stopped", "ended_by_head"


def end_deputy(session: Session, installation: Installation, actor: uuid.UUID, deputy_id: uuid.UUID) -> Deputy:
    """End one deputyship now, also one that has not begun.

    Raises:
        NotFoundError: no such deputyship, or not one of `actor`.
        ConflictError: it has ended already.
    """
    unlocked = session.get(Deputy, deputy_id)
    mandate = session.get(Mandate, unlocked.mandate_id) if unlocked else None
    if unlocked is None or mandate is None or mandate.organisation_id is None:
        raise NotFoundError("deputy_unknown", UNKNOWN)
    lock_organisation(session, mandate.organisation_id)
    reason = _reason(session, actor, unlocked, mandate)
    deputy = session.scalars(to_change(select(Deputy).where(Deputy.id == deputy_id))).one()
    if deputy.ended_at is not None:
        raise ConflictError("deputy_ended", ENDED)
    end_deputyships(session, [deputy], ended_by=actor, reason=reason)
    return deputy


def _reason(session: Session, actor: uuid.UUID, deputy: Deputy, mandate: Mandate) -> str:
    if actor == deputy.holder_person_id:
        return BACK
    if actor == deputy.deputy_person_id:
        return STOPPED
    held = living_mandates(session, person_id=actor, scope_key=mandate.scope_key, kinds=(HEAD_LOCAL_ADMIN,))
    if not held:
        raise NotFoundError("deputy_unknown", UNKNOWN)
    session.execute(select(Mandate.id).where(Mandate.id == held[0].mandate_id).with_for_update(read=True)).all()
    if not living_mandates(session, person_id=actor, scope_key=mandate.scope_key, kinds=(HEAD_LOCAL_ADMIN,)):
        raise NotFoundError("deputy_unknown", UNKNOWN)
    return ENDED_BY_HEAD


UNKNOWN = Text("Deze plaatsvervanging bestaat niet.", "There is no such deputyship.")
ENDED = Text("Deze plaatsvervanging is al gestopt.", "This deputyship has ended already.")
