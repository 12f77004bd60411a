"""The clock: on the day of its reminder, whoever an open intervention is for gets a mail, if they are still in the group.

Owns: telling it once for each day. The mail names the group, no youngster and no word of the intervention.
"""

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from modules.plusminmee.model import Group, Membership, Professional
from modules.plusminmee.put_letter import put_letter
from modules.plusminmee.retention import today
from modules.plusminmee.work_model import Intervention


def tell_reminders(session: Session) -> None:
    """Put a letter for every open intervention whose day has come."""
    due = session.execute(
        select(
            Intervention.id, Intervention.remind_on, Group.id, Group.name, Professional.full_name, Professional.email
        )
        .join(Group, Group.id == Intervention.group_id)
        .join(Professional, Professional.id == Intervention.professional_id)
        .join(
            Membership,
            and_(
                Membership.group_id == Group.id,
                Membership.professional_id == Professional.id,
                Membership.ended_at.is_(None),
            ),
        )
        .where(Intervention.remind_on <= today(), Intervention.settled_on.is_(None), Group.erased_at.is_(None))
    ).all()
    for intervention_id, day, group_id, group, name, address in due:
        put_letter(
            session,
            f"reminder:{intervention_id}:{day}",
            "reminder",
            address,
            name=name,
            group=group,
            group_id=str(group_id),
            intervention_id=str(intervention_id),
        )
    session.flush()
