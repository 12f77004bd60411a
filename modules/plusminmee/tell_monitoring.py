"""The clock: a period of monitoring is over, and the beheerders are told by mail (W21). Nothing moves by itself.

Owns: telling it once for each period. The mail names the group and no youngster.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload

from modules.plusminmee.model import Membership
from modules.plusminmee.put_letter import put_letter
from modules.plusminmee.retention import today
from modules.plusminmee.youngster_model import Youngster


def tell_monitoring(session: Session) -> None:
    """Put a letter to every beheerder of a group in which a period ended."""
    over = session.execute(
        select(Youngster.id, Youngster.monitor_until, Membership)
        .join(Membership, Membership.group_id == Youngster.group_id)
        .join(Membership.group)
        .options(contains_eager(Membership.group), joinedload(Membership.professional, innerjoin=True))
        .where(
            Youngster.monitor_until <= today(),
            Youngster.erased_at.is_(None),
            Membership.beheerder,
            Membership.ended_at.is_(None),
        )
    ).all()
    for youngster_id, until, beheerder in over:
        put_letter(
            session,
            f"monitoring:{youngster_id}:{until}:{beheerder.professional_id.hex[:12]}",
            "monitoring_over",
            beheerder.professional.email,
            name=beheerder.professional.full_name,
            group=beheerder.group.name,
            group_id=str(beheerder.group_id),
        )
    session.flush()
