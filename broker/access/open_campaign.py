"""open_campaign: the rights of one organisation in one application are put before who administers them (lifecycles §12).

One organisation, one transaction. The same period again changes nothing, so that a run that was cut off is simply run again.
"""

import uuid
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.campaign import CampaignItem, RecertificationCampaign
from broker.access.decision import lock_organisation
from broker.access.grant import Grant
from broker.access.tell_campaign import tell_to_confirm
from broker.database import WorldChangedError
from broker.installation import Installation
from broker.people.organisation import Organisation
from broker.working_days import end_of_working_day


def period_of(instant: datetime) -> str:
    """The period of a campaign that opens at `instant`: its year."""
    return str(clock.local_date(instant).year)


def organisations_to_confirm(session: Session, application_code: str, period: str) -> list[uuid.UUID]:
    """The living organisations with a right in this application and no campaign of this period yet, by id."""
    opened = select(RecertificationCampaign.id).where(
        RecertificationCampaign.application_code == application_code,
        RecertificationCampaign.period == period,
        RecertificationCampaign.organisation_id == Organisation.id,
    )
    with_right = select(Grant.organisation_id).where(
        Grant.application_code == application_code,
        Grant.not_over(clock.now()),
    )
    return list(
        session.scalars(
            select(Organisation.id)
            .where(Organisation.ended_at.is_(None), Organisation.id.in_(with_right), ~opened.exists())
            .order_by(Organisation.id)
        )
    )


def open_campaign(
    session: Session, installation: Installation, organisation_id: uuid.UUID, application_code: str, period: str
) -> int:
    """Open it, tell who confirms; how many rights there are to confirm, 0 where it was open already or there is nothing.

    Raises:
        WorldChangedError: somebody opened it a moment ago; run again, it will be found.
    """
    policy = installation.catalogue.applications[application_code].recertification
    assert policy is not None, "the policy of this application has no recertification"
    organisation = lock_organisation(session, organisation_id)
    assert organisation is not None
    now = clock.now()
    if not organisation.living or _opened(session, organisation_id, application_code, period):
        return 0
    rights = session.execute(
        select(Grant.id, Grant.person_id)
        .where(
            Grant.organisation_id == organisation_id,
            Grant.application_code == application_code,
            Grant.not_over(now),
        )
        .order_by(Grant.id)
    ).all()
    if not rights:
        return 0
    campaign = RecertificationCampaign(
        id=uuid.uuid4(),
        application_code=application_code,
        organisation_id=organisation_id,
        period=period,
        unconfirmed=policy.unconfirmed,
        opened_at=now,
        due_at=end_of_working_day(now, policy.days),
    )
    session.add(campaign)
    try:
        session.flush()
    except IntegrityError as error:
        raise WorldChangedError from error
    session.execute(
        insert(CampaignItem),
        [
            {"id": uuid.uuid4(), "campaign_id": campaign.id, "grant_id": grant_id, "person_id": person_id}
            for grant_id, person_id in rights
        ],
    )
    note_opened(session, campaign, len(rights))
    tell_to_confirm(session, installation, campaign, len(rights))
    return len(rights)


def note_opened(session: Session, campaign: RecertificationCampaign, count: int) -> None:
    """The event of a campaign that was opened, with so many rights."""
    audit.record(
        session,
        "access:campaign:open",
        subject_id=campaign.id,
        organisation_id=campaign.organisation_id,
        details={"application": campaign.application_code, "period": campaign.period, "rights": count},
    )


def _opened(session: Session, organisation_id: uuid.UUID, application_code: str, period: str) -> bool:
    found = session.scalar(
        select(RecertificationCampaign.id).where(
            RecertificationCampaign.organisation_id == organisation_id,
            RecertificationCampaign.application_code == application_code,
            RecertificationCampaign.period == period,
        )
    )
    return found is not None
