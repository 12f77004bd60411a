"""tell_campaign: the mails of a campaign: that there are rights to confirm, again before its day, and how it ended.

Owns who is told what; the words are in notifications/. The holders of rights hear of an end as of any other (`end_grant`).
"""

from typing import Any

from sqlalchemy.orm import Session

from broker import clock
from broker.access.campaign import RecertificationCampaign
from broker.access.campaign_authority import confirmers_of
from broker.installation import Installation
from broker.notifications import both, put_mail
from broker.people.organisation import Organisation
from broker.text import Text

NOBODY_CONFIRMS = Text(
    "Rechten van een organisatie moeten bevestigd worden en niemand kan dat: er is geen beheerder en geen verantwoordelijke.",
    "The rights of an organisation have to be confirmed and nobody can: there is no administrator and no officer.",
)


def tell_to_confirm(
    session: Session, installation: Installation, campaign: RecertificationCampaign, count: int, *, reminder: int = 0
) -> None:
    """`count` rights wait; `reminder` is the number of the reminder, 0 at the opening."""
    told = _tell(
        session,
        "rights_to_confirm",
        campaign,
        {
            "task_count": count,
            "due": clock.last_day(campaign.due_at).isoformat(),
            "unconfirmed": campaign.unconfirmed,
            "merged": campaign.period.startswith("merge-"),
            "reminder": reminder > 0,
        },
        f"{reminder}",
    )
    if not told and reminder == 0:
        put_mail(
            session,
            "operator_told",
            installation.settings.operator_email,
            key=f"campaign:{campaign.id}",
            facts={"sentence": both(NOBODY_CONFIRMS)},
            subject_id=campaign.id,
        )


def tell_closed(session: Session, campaign: RecertificationCampaign, unconfirmed: int) -> None:
    """It is closed; `unconfirmed` rights ended, or were kept, as nobody said anything of them."""
    _tell(
        session, "campaign_closed", campaign, {"task_count": unconfirmed, "unconfirmed": campaign.unconfirmed}, "over"
    )


def _tell(
    session: Session, template: str, campaign: RecertificationCampaign, facts: dict[str, Any], occasion: str
) -> bool:
    organisation = session.get_one(Organisation, campaign.organisation_id)
    told = False
    for confirmers in confirmers_of(session, campaign):
        for view in confirmers.members:
            if view.email is None:
                continue
            told = True
            put_mail(
                session,
                template,
                view.email,
                key=f"campaign:{campaign.id}:{occasion}",
                language=view.language,
                facts={
                    **facts,
                    "application_code": campaign.application_code,
                    "organisation_name": organisation.name,
                    "campaign_id": str(campaign.id),
                    "given_name": view.person.given_name,
                    "in_place": confirmers.in_place,
                },
                subject_id=campaign.id,
            )
    return told
