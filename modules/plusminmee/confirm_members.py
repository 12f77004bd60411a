"""Operation: the beheerder says that everybody in the group still belongs there (M13); who does not is removed one by one."""

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from modules.plusminmee.find_membership import lock_members, own_place
from modules.plusminmee.model import Membership
from modules.plusminmee.policy import POLICY
from modules.plusminmee.retention import months_later
from modules.plusminmee.write_log import write_log


def confirmation_due(members: Sequence[Membership]) -> date:
    """The day by which the members of a group are to be confirmed again."""
    return due_after(min(each.confirmed_at for each in members))


def due_after(confirmed_at: datetime) -> date:
    """The same, from the moment at which who waits longest was confirmed."""
    return months_later(confirmed_at.date(), POLICY.confirm_members_every_months)


def confirm_members(
    session: Session, professional_id: uuid.UUID, group_id: uuid.UUID, shown: frozenset[uuid.UUID]
) -> None:
    """Confirm those whom the page showed; who joined since then is confirmed by having just joined.

    Raises:
        NotFoundError: no member of such a group.
        BeheerderOnlyError: a member asks.
    """
    members = lock_members(session, group_id)
    own_place(members, professional_id, as_beheerder=True)
    for each in members:
        if each.id in shown:
            each.confirmed_at = datetime.now(UTC)
    write_log(session, group_id, professional_id, "members_confirmed")
    session.flush()
