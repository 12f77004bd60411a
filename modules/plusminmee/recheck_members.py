"""What the night does: ask the broker who of all members still has the right, and close the memberships of the others (decision 2).

The end of a right is told at once (close_memberships.py); this finds what got lost on the way. Owns: that nothing is closed on half
an answer, nor on one that would empty the tool. Does not own the closing.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from look.language import BRUSSELS
from modules.kit import Held
from modules.kit.database import Database
from modules.kit.outgoing import BrokerUnreachableError
from modules.plusminmee.about import BEHEERDER, GEBRUIKER
from modules.plusminmee.close_memberships import close_memberships
from modules.plusminmee.model import Membership, Professional

log = structlog.get_logger("modules.plusminmee")

NIGHT_BEGINS = timedelta(hours=3)
AGAIN_AFTER = timedelta(minutes=15)
FEW = 10
"""So many may lose their right between two nights, however small the tool is; above that, half of everybody is not believed."""

Who = tuple[str, str]
"""A person (`sub`) and the organisation that they work here for."""
Ask = Callable[[Collection[str]], set[Held]]


@dataclass(slots=True)
class NightlyRecheck:
    """When it is time: once a night, at the start, and again a while after it could not be done. One of these a process."""

    done_for: date | None = None
    not_before: datetime | None = None

    def run_when_due(self, database: Database, ask: Ask) -> None:
        """Do it where it is time."""
        now = datetime.now(UTC)
        night = (now.astimezone(BRUSSELS) - NIGHT_BEGINS).date()
        if self.done_for == night or (self.not_before is not None and now < self.not_before):
            return
        self.not_before = now + AGAIN_AFTER
        try:
            closed = recheck_members(database, ask)
        except BrokerUnreachableError as error:
            log.error("recheck_failed", reason=str(error), again_after=str(AGAIN_AFTER))
            return
        self.done_for, self.not_before = night, None
        if closed is not None:
            log.info("members_rechecked", closed=closed)


def recheck_members(database: Database, ask: Ask) -> int | None:
    """Close what stands on a right that is no more; how many memberships. None where the answer was not believed, and nothing done.

    Raises:
        BrokerUnreachableError: the broker did not answer for everybody; nothing is done.
        BusyError: see database.py; what was done stays done, and is not done again.
    """
    asked_at = datetime.now(UTC)
    members = database.perform(members_now)
    held = {
        (each.sub, each.organisation_code)
        for each in ask({sub for sub, _ in members})
        if each.right in (GEBRUIKER, BEHEERDER)
    }
    lost = sorted(members - held)
    if len(lost) > FEW and 2 * len(lost) > len(members):
        log.error("recheck_not_believed", lost=len(lost), members=len(members))
        return None
    return sum(database.perform(close_memberships, sub, code, since=asked_at) for sub, code in lost)


def members_now(session: Session) -> set[Who]:
    """Everybody with an open membership."""
    rows = session.execute(
        select(Professional.sub, Professional.organisation_code)
        .join(Membership, Membership.professional_id == Professional.id)
        .where(Membership.ended_at.is_(None))
        .distinct()
    )
    return {(sub, code) for sub, code in rows}
