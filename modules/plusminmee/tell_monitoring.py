"""The clock: a period of monitoring is over, and the beheerders are told by mail (W21). Nothing moves by itself.

Owns: telling it once for each period. The mail names the group and no youngster.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from modules.plusminmee.model import Group, Membership
from modules.plusminmee.put_letter import put_letter
from modules.plusminmee.retention import today
from modules.plusminmee.youngster_model import Youngster


def tell_monitoring(session: Session) -> None:
    """Put a letter to every beheerder of a group in which a period ended."""
    over = session.execute(
        select(Youngster.id, Youngster.group_id, Youngster.monitor_until).where(
            Youngster.monitor_until <= today(), Youngster.erased_at.is_(None)
        )
    ).all()
    for youngster_id, group_id, until in over:
        beheerders = session.scalars(
            select(Membership)
            .join(Membership.group)
            .options(contains_eager(Membership.group))
            .where(
                Membership.group_id == group_id,
                Membership.beheerder,
                Membership.ended_at.is_(None),
                Group.erased_at.is_(None),
            )
        ).all()
        for each in beheerders:
            put_letter(
                session,
                f"monitoring:{youngster_id}:{until}:{each.professional_id.hex[:12]}",
                "monitoring_over",
                each.professional.email,
                name=each.professional.full_name,
                group=each.group.name,
                group_id=str(group_id),
            )
    session.flush()
