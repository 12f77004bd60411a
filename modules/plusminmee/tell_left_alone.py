"""The clock: the right of the last beheerder of a group ended, and who may take it over is told by mail: each PMM Beheerder of its
organisation whom the tool knows.

Who has that right is the broker's to say, so it is asked, once for each loss. Owns: telling once. The mail names the group and
nobody in it. Does not own taking over (take_over_group.py); who gets the right later sees on Jeugdgroepen that the group waits.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from modules.kit import Held
from modules.kit.database import Database
from modules.kit.outgoing import BrokerUnreachableError
from modules.plusminmee.about import BEHEERDER
from modules.plusminmee.model import Group, Membership, Professional
from modules.plusminmee.put_letter import put_letter
from modules.plusminmee.recheck_members import Ask
from modules.plusminmee.take_over_group import without_beheerder

log = structlog.get_logger("modules.plusminmee")

AGAIN_AFTER = timedelta(minutes=15)


@dataclass(frozen=True)
class _Loss:
    """A group without a beheerder, since `at`."""

    group_id: uuid.UUID
    group: str
    organisation_code: str
    at: datetime


@dataclass(slots=True)
class LeftAlone:
    """What this process has asked the broker about already. After a start it asks again; nobody is told twice."""

    asked: set[_Loss] = field(default_factory=set)
    not_before: datetime | None = None

    def tell_when_due(self, database: Database, ask: Ask) -> None:
        """Tell of what was lost since; a broker that does not answer is asked again a while later."""
        now = datetime.now(UTC)
        losses = set(database.perform(_losses))
        fresh = losses - self.asked
        if not fresh or (self.not_before is not None and now < self.not_before):
            return
        try:
            _tell(database, ask, fresh)
        except BrokerUnreachableError as error:
            self.not_before = now + AGAIN_AFTER
            log.error("left_alone_not_told", reason=str(error), again_after=str(AGAIN_AFTER))
            return
        self.asked, self.not_before = losses, None


def _tell(database: Database, ask: Ask, losses: Collection[_Loss]) -> None:
    known = database.perform(_known_at, {loss.organisation_code for loss in losses})
    held = ask({each.sub for each in known})
    able = [each for each in known if Held(each.sub, BEHEERDER, each.organisation_code) in held]
    database.perform(_put_letters, losses, able)


def _losses(session: Session) -> Sequence[_Loss]:
    led = aliased(Membership)
    rows = session.execute(
        without_beheerder()
        .join(led, and_(led.group_id == Group.id, led.beheerder.is_(True)))
        .with_only_columns(Group.id, Group.name, Group.organisation_code, func.max(led.ended_at))
        .group_by(Group.id, Group.name, Group.organisation_code)
    )
    return [_Loss(group_id, name, code, at) for group_id, name, code, at in rows if at is not None]


def _known_at(session: Session, organisation_codes: Collection[str]) -> Sequence[Professional]:
    return session.scalars(select(Professional).where(Professional.organisation_code.in_(organisation_codes))).all()


def _put_letters(session: Session, losses: Collection[_Loss], able: Collection[Professional]) -> None:
    for loss in losses:
        for each in able:
            if each.organisation_code == loss.organisation_code:
                put_letter(
                    session,
                    f"left_alone:{loss.group_id}:{loss.at:%Y%m%dT%H%M%S}:{each.id.hex[:12]}",
                    "left_alone",
                    each.email,
                    name=each.full_name,
                    organisation=each.organisation_name,
                    group=loss.group,
                    group_id=str(loss.group_id),
                )
    session.flush()
