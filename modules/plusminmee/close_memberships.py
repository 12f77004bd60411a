"""Operation: the right of somebody ended at the broker, so they are in no group any more (decision 2; seed 004: "wanneer zij een
andere functie krijgen of uit dienst gaan").

Owns: what the kit calls for the broker's events, also about who is not signed in. May run twice for the same event.
"""

import uuid
from datetime import UTC, datetime

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from modules.kit import holders_even_resting
from modules.kit.database import database
from modules.kit.outgoing import BrokerUnreachableError
from modules.plusminmee.model import Membership, Professional, ProfessionalPhoto
from modules.plusminmee.write_log import write_log

log = structlog.get_logger("modules.plusminmee")

ONES_OWN = ("phone", "function", "function_words", "region", "leader_email")
"""What is kept of a professional for as long as they have the right."""


def close_memberships_of(sub: str, organisation_code: str | None, rights: frozenset[str] | None) -> None:
    """What the kit tells: with no right left for this organisation, every membership held for it ends. An event that does not say
    what is left ends nothing, and a right that only rests (a suspension, or handed over for a while) keeps them: it lets nobody in.
    Where the broker cannot be asked that, the night finds it (recheck_members.py)."""
    if rights is None or rights or organisation_code is None:
        return
    try:
        kept_for = {each.organisation_code for each in holders_even_resting({sub})}
    except BrokerUnreachableError as error:
        log.error("left_to_the_night", reason=str(error))
        return
    if organisation_code not in kept_for:
        database().perform(close_memberships, sub, organisation_code)


def close_memberships(session: Session, sub: str, organisation_code: str, *, since: datetime | None = None) -> int:
    """End every open membership that this person holds for this organisation; returns how many. What began after `since` stays: it
    stands on a right that was given later. Of whoever has none left the name and the address stay, for the logbooks of their groups
    and for what they reported; photo, telephone and what they said of themselves go."""
    ids = session.scalars(
        select(Professional.id).where(Professional.sub == sub, Professional.organisation_code == organisation_code)
    ).all()
    closed = sum(_close(session, professional_id, since) for professional_id in ids)
    at_work = session.scalars(
        select(Membership.professional_id).where(Membership.professional_id.in_(ids), Membership.ended_at.is_(None))
    ).all()
    gone = set(ids).difference(at_work)
    session.execute(delete(ProfessionalPhoto).where(ProfessionalPhoto.professional_id.in_(gone)))  # its file is swept
    session.execute(update(Professional).where(Professional.id.in_(gone)).values(dict.fromkeys(ONES_OWN, "")))
    return closed


def _close(session: Session, professional_id: uuid.UUID, since: datetime | None) -> int:
    query = select(Membership).where(Membership.professional_id == professional_id, Membership.ended_at.is_(None))
    if since is not None:
        query = query.where(Membership.since <= since)
    open_ones = session.scalars(query.order_by(Membership.id).with_for_update()).all()
    for membership in open_ones:
        membership.ended_at = datetime.now(UTC)
        membership.end_reason = "right_ended"
        write_log(session, membership.group_id, None, "right_ended", about_id=professional_id)
    session.flush()
    return len(open_ones)
