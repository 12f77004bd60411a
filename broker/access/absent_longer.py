"""absent_longer: whoever stands in keeps a right for longer, so the right that rests meanwhile rests just as long (lifecycles §3).

Owns what a longer last day of the one does to the other: never two people with the right at the same moment by the road of
`hand_over`. Does not own the longer last day itself (`change_last_day`).
"""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.administered_grant import OWN_RIGHT, AdministeredGrant
from broker.access.grant import Grant
from broker.access.load_case import somebody
from broker.access.rules.not_for_yourself import same_human
from broker.access.suspend_right import write_suspension
from broker.access.tell_suspension import SUSPENDED, tell_suspension
from broker.database import to_change
from broker.errors import ForbiddenError, InvalidError
from broker.installation import Installation
from broker.people.person import Person
from broker.text import Text

AFTER_ITS_END = Text(
    "Zo lang duurt het recht van de afwezige collega zelf niet. Kies een vroegere dag, of geef een eigen recht.",
    "The right of the absent colleague does not last that long itself. Choose an earlier day, or give a right of their own.",
)


def absent_person(session: Session, grant_id: uuid.UUID) -> list[uuid.UUID]:
    """Whose right rests while this one stands in for it, to be locked with the others; read unlocked, and nobody changes it."""
    stands_in = select(Grant.handed_over_from).where(Grant.id == grant_id).scalar_subquery()
    return list(session.scalars(select(Grant.person_id).where(Grant.id == stands_in)))


def absent_longer(
    session: Session,
    installation: Installation,
    actor: uuid.UUID,
    stand_in: AdministeredGrant,
    until: datetime,
    reason: str,
) -> None:
    """Let the right that `stand_in` stands in for rest until `until`; nothing where it already works again or rests longer.

    Raises:
        ForbiddenError: it is the actor's own.
        InvalidError: it would end before that day.
    """
    absent = session.scalars(to_change(select(Grant).where(Grant.id == stand_in.grant.handed_over_from))).one_or_none()
    now = clock.now()
    if absent is None or absent.ended_at is not None or absent.run_out(now) or not absent.suspension_open(now):
        return
    if absent.suspended_until is None or absent.suspended_until >= until:
        return
    if same_human(somebody(session, actor), somebody(session, absent.person_id)):
        raise ForbiddenError("not_for_yourself", OWN_RIGHT)
    if absent.valid_until is not None and until > absent.valid_until:
        raise InvalidError("last_day_wrong", AFTER_ITS_END, {"last_day": AFTER_ITS_END})
    assert absent.suspended_from is not None
    begun = absent.suspended_from
    write_suspension(session, absent, actor, begun, until, reason or absent.suspension_note or "")
    tell_suspension(
        session,
        installation,
        absent,
        session.get_one(Person, absent.person_id),
        stand_in.organisation,
        SUSPENDED,
        since=begun,
        reason=absent.suspension_note or "",
        in_place=stand_in.in_place,
        stands_in=stand_in.name.full_name,
    )
