"""Operation: the right of somebody ended at the broker, so they are in no group any more (decision 2; seed 004: "wanneer zij een
andere functie krijgen of uit dienst gaan").

Owns: what the kit calls for the broker's events, also about who is not signed in. May run twice for the same event.
"""

import uuid
from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from modules.kit.database import database
from modules.plusminmee.model import Membership, Professional, ProfessionalPhoto
from modules.plusminmee.write_log import write_log


def close_memberships_of(sub: str, organisation_code: str | None, rights: frozenset[str] | None) -> None:
    """What the kit tells: with no right left for this organisation, every membership held for it ends. An event that does not say
    what is left ends nothing."""
    if rights is None or rights or organisation_code is None:
        return
    database().perform(close_memberships, sub, organisation_code)


def close_memberships(session: Session, sub: str, organisation_code: str) -> int:
    """End every open membership that this person holds for this organisation, and forget their photo; returns how many ended."""
    ids = session.scalars(
        select(Professional.id).where(Professional.sub == sub, Professional.organisation_code == organisation_code)
    ).all()
    session.execute(delete(ProfessionalPhoto).where(ProfessionalPhoto.professional_id.in_(ids)))  # its file is swept
    return sum(_close(session, professional_id) for professional_id in ids)


def _close(session: Session, professional_id: uuid.UUID) -> int:
    open_ones = session.scalars(
        select(Membership)
        .where(Membership.professional_id == professional_id, Membership.ended_at.is_(None))
        .order_by(Membership.id)
        .with_for_update()
    ).all()
    for membership in open_ones:
        membership.ended_at = datetime.now(UTC)
        membership.end_reason = "right_ended"
        write_log(session, membership.group_id, None, "right_ended", about_id=professional_id)
    session.flush()
    return len(open_ones)
