"""close_campaign: its day is over; what nobody confirmed ends or is kept, as the policy said at its opening (lifecycles §12).

A transaction for every two hundred rights, until there is nothing left: a run that was cut off is taken up by the next.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.campaign import (
    BY_POLICY,
    END,
    ENDED,
    KEPT,
    CampaignItem,
    RecertificationCampaign,
    still_open,
    write_outcome,
)
from broker.access.decision import lock_organisation
from broker.access.end_grant import end_locked_grant
from broker.access.grant import Grant
from broker.access.tell_campaign import tell_closed
from broker.database import WorldChangedError, to_change
from broker.installation import Installation
from broker.people.person import Person
from broker.text import Text

AT_ONCE = 200
NOT_CONFIRMED = "not_confirmed"
NOBODY_SAID = Text(
    "Niemand van uw organisatie bevestigde op tijd dat u dit recht nog nodig hebt.",
    "Nobody of your organisation confirmed in time that you still need this right.",
)


def campaigns_due(session: Session) -> list[uuid.UUID]:
    """The open campaigns whose day is over, the oldest first."""
    return list(
        session.scalars(
            select(RecertificationCampaign.id)
            .where(RecertificationCampaign.closed_at.is_(None), RecertificationCampaign.due_at <= clock.now())
            .order_by(RecertificationCampaign.due_at, RecertificationCampaign.id)
        )
    )


def close_campaign(session: Session, installation: Installation, campaign_id: uuid.UUID) -> bool:
    """Do what the policy says for up to two hundred rights; True once nothing is left and the campaign is closed.

    Raises:
        WorldChangedError: a right came in or changed hands meanwhile; run again, it will be seen.
    """
    unlocked = session.get_one(RecertificationCampaign, campaign_id)
    lock_organisation(session, unlocked.organisation_id)
    now = clock.now()
    ending = unlocked.unconfirmed == END
    people, grants = _lock_rights(session, campaign_id, now) if ending else ({}, {})
    campaign = session.scalars(
        to_change(select(RecertificationCampaign).where(RecertificationCampaign.id == campaign_id))
    ).one()
    if campaign.closed_at is not None or campaign.due_at > now:
        return True
    items = session.scalars(to_change(_left(campaign_id, now))).all()
    if ending and any(item.grant_id not in grants for item in items):
        raise WorldChangedError
    write_outcome(session, [item.id for item in items], BY_POLICY, None, now)
    for item in items if ending else ():
        grant = grants[item.grant_id]
        end_locked_grant(
            session,
            installation,
            grant,
            people[grant.person_id],
            ended_by=None,
            reason=NOT_CONFIRMED,
            cause=NOBODY_SAID,
        )
    if len(items) == AT_ONCE:
        return False
    _close(session, campaign, now)
    return True


def _left(campaign_id: uuid.UUID, now: datetime) -> Select[CampaignItem]:
    """The first two hundred items nobody confirmed. The rights stand in a subquery: only items are locked with it."""
    left = (
        select(CampaignItem.id)
        .join(Grant, Grant.id == CampaignItem.grant_id)
        .where(CampaignItem.campaign_id == campaign_id, still_open(now))
        .order_by(CampaignItem.id)
        .limit(AT_ONCE)
    )
    return select(CampaignItem).where(CampaignItem.id.in_(left)).order_by(CampaignItem.id)


def _lock_rights(
    session: Session, campaign_id: uuid.UUID, now: datetime
) -> tuple[dict[uuid.UUID, Person], dict[uuid.UUID, Grant]]:
    """Who ends rights locks the persons first (lifecycles §13)."""
    items: Sequence[CampaignItem] = session.scalars(_left(campaign_id, now)).all()
    person_ids = {item.person_id for item in items}
    people = session.scalars(to_change(select(Person).where(Person.id.in_(person_ids)).order_by(Person.id))).all()
    ids = [item.grant_id for item in items]
    grants = session.scalars(
        to_change(select(Grant).where(Grant.id.in_(ids), Grant.ended_at.is_(None)).order_by(Grant.id))
    ).all()
    return {each.id: each for each in people}, {each.id: each for each in grants}


def _close(session: Session, campaign: RecertificationCampaign, now: datetime) -> None:
    by_outcome = session.execute(
        select(CampaignItem.outcome, func.count())
        .where(CampaignItem.campaign_id == campaign.id)
        .group_by(CampaignItem.outcome)
    )
    counted: dict[str | None, int] = {row[0]: row[1] for row in by_outcome}
    campaign.closed_at = now
    session.flush()
    unconfirmed = counted.get(BY_POLICY, 0)
    audit.record(
        session,
        "access:campaign:close",
        subject_id=campaign.id,
        organisation_id=campaign.organisation_id,
        details={
            "kept": counted.get(KEPT, 0),
            "ended": counted.get(ENDED, 0),
            "by_policy": unconfirmed,
            "unconfirmed": campaign.unconfirmed,
        },
    )
    tell_closed(session, campaign, unconfirmed)
