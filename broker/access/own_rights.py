"""own_rights: what somebody may use themselves, and what ended lately (Mijn profiel). Reads only; never anybody else's."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_
from sqlalchemy.orm import Session

from broker import clock
from broker.access.grant import Grant
from broker.access.live_rights import grant_state, label_join
from broker.catalogue import Catalogue

LATELY = timedelta(days=90)
AT_MOST = 200


@dataclass(frozen=True, slots=True)
class OwnRight:
    """One right of one's own. `state` is that of `grant_state`; `may_give_back`: it has not ended."""

    grant_id: uuid.UUID
    application_code: str
    right_code: str
    context_code: str
    organisation_name: str
    state: str
    valid_from: datetime
    valid_until: datetime | None
    ended_at: datetime | None

    @property
    def may_give_back(self) -> bool:
        """Nothing has ended it yet."""
        return self.state not in ("ended", "expired")


def own_rights(session: Session, catalogue: Catalogue, person_id: uuid.UUID) -> list[OwnRight]:
    """The rights of one person that run or wait, then those that ended within LATELY; one statement."""
    now = clock.now()
    rows = session.execute(
        label_join(now)
        .where(Grant.person_id == person_id, or_(Grant.ended_at.is_(None), Grant.ended_at > now - LATELY))
        .order_by(Grant.ended_at.is_not(None), Grant.valid_from.desc(), Grant.id)
        .limit(AT_MOST)
    )
    return [
        OwnRight(
            grant_id=row[0].id,
            application_code=row[0].application_code,
            right_code=row[0].right_code,
            context_code=row[0].context_code,
            organisation_name=row[1].name,
            state=grant_state(*row, catalogue=catalogue, instant=now),
            valid_from=row[0].valid_from,
            valid_until=row[0].valid_until,
            ended_at=row[0].ended_at,
        )
        for row in rows
    ]
