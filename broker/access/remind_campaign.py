"""remind_campaign: halfway, and again five working days before the day, who confirms is told of what is left (lifecycles §12)."""

import uuid
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.campaign import CampaignItem, RecertificationCampaign, still_open
from broker.access.grant import Grant
from broker.access.tell_campaign import tell_to_confirm
from broker.database import to_change
from broker.installation import Installation
from broker.working_days import working_days_between

LAST_DAYS = 5


def reminders_reached(campaign: RecertificationCampaign, now: datetime) -> int:
    """How many reminders are due by now: none, one from halfway on, two in its last five working days."""
    first, last = clock.local_date(campaign.opened_at), clock.last_day(campaign.due_at)
    passed = working_days_between(first, clock.local_date(now))
    whole = working_days_between(first, last)
    return sum(passed >= each for each in sorted({whole // 2, max(whole - LAST_DAYS, 1)}))


def campaigns_to_remind(session: Session) -> list[uuid.UUID]:
    """The open campaigns for which a reminder is due."""
    now = clock.now()
    campaigns = session.scalars(
        select(RecertificationCampaign)
        .where(
            RecertificationCampaign.closed_at.is_(None),
            RecertificationCampaign.due_at > now,
            RecertificationCampaign.reminders < 2,
        )
        .order_by(RecertificationCampaign.id)
    )
    return [each.id for each in campaigns if reminders_reached(each, now) > each.reminders]


def remind_campaign(session: Session, installation: Installation, campaign_id: uuid.UUID) -> None:
    """Tell of what is left; nothing where all is confirmed. What was missed while no worker ran is one mail, not two."""
    campaign = session.scalars(
        to_change(select(RecertificationCampaign).where(RecertificationCampaign.id == campaign_id))
    ).one()
    now = clock.now()
    reached = reminders_reached(campaign, now)
    if campaign.closed_at is not None or campaign.due_at <= now or reached <= campaign.reminders:
        return
    campaign.reminders = reached
    session.flush()
    left = session.scalar(
        select(func.count())
        .select_from(CampaignItem)
        .join(Grant, Grant.id == CampaignItem.grant_id)
        .where(CampaignItem.campaign_id == campaign_id, still_open(now))
    )
    if not left:
        return
    audit.record(
        session,
        "access:campaign:remind",
        subject_id=campaign.id,
        organisation_id=campaign.organisation_id,
        details={"number": reached, "left": left},
    )
    tell_to_confirm(session, installation, campaign, left, reminder=reached)
