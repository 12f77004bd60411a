"""campaign_authority: who confirms the rights of an organisation (lifecycles §12).

Its local administrators, and the officer of that kind of organisation for what none of them can: nobody is there, or it is the
right of the only one.

Nobody confirms their own right. A deputy decides tasks only, and confirms nothing. Owns that question, locked and read again for a
change (threats rule 4), and who is told; not what changes.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from broker.access.campaign import CampaignItem, RecertificationCampaign, still_open
from broker.access.decision import MANDATE_ENDED, lock_organisation
from broker.access.grant import Grant
from broker.clock import now
from broker.errors import ForbiddenError, NotFoundError
from broker.people.living_mandates import MandateView, living_mandates
from broker.people.mandate import (
    LOCAL_KINDS,
    TARGET_GROUP_OFFICER,
    Mandate,
    officer_scope,
    organisation_scope,
)
from broker.people.organisation import Organisation


@dataclass(frozen=True, slots=True)
class CampaignAuthority:
    """The mandate under which somebody confirms. `in_place`: as the officer; then `only` names whose rights, None everybody's."""

    organisation: Organisation
    mandate_id: uuid.UUID
    in_place: bool
    only: uuid.UUID | None = None

    def items(self, campaign_id: uuid.UUID) -> list[ColumnElement[bool]]:
        """The conditions for the items of a campaign that this mandate reaches."""
        items = [CampaignItem.campaign_id == campaign_id]
        return items if self.only is None else [*items, CampaignItem.person_id == self.only]


@dataclass(frozen=True, slots=True)
class Confirmers:
    """Who is told of a campaign. `in_place`: the officers, as the administrators cannot confirm all of it."""

    members: Sequence[MandateView]
    in_place: bool


def campaign_authority(session: Session, actor: uuid.UUID, campaign_id: uuid.UUID) -> CampaignAuthority:
    """The authority of `actor` over a campaign, for reading.

    Raises:
        NotFoundError: none: the campaign does not exist for them (threats ID2).
    """
    organisation = session.scalar(
        select(Organisation)
        .join(RecertificationCampaign, RecertificationCampaign.organisation_id == Organisation.id)
        .where(RecertificationCampaign.id == campaign_id)
    )
    if organisation is None:
        raise NotFoundError("campaign_unknown")
    return _authority(session, actor, organisation)


def lock_campaign_authority(session: Session, actor: uuid.UUID, campaign_id: uuid.UUID) -> CampaignAuthority:
    """The same, with organisation and mandate locked in the order of lifecycles §13.

    Raises:
        NotFoundError: no authority over this campaign.
        ForbiddenError: the mandate ended meanwhile.
    """
    found = campaign_authority(session, actor, campaign_id)
    organisation = lock_organisation(session, found.organisation.id)
    assert organisation is not None
    session.execute(select(Mandate.id).where(Mandate.id == found.mandate_id).with_for_update(read=True))
    try:
        return _authority(session, actor, organisation)
    except NotFoundError as error:
        raise ForbiddenError("mandate_ended", MANDATE_ENDED) from error


def confirmers_of(session: Session, campaign: RecertificationCampaign) -> list[Confirmers]:
    """The administrators; and the officers where there are rights that no administrator can confirm. Empty: the operator."""
    organisation = session.get_one(Organisation, campaign.organisation_id)
    local = _administrators(session, organisation)
    reachable = {view.person_id for view in local if view.email}
    told = [Confirmers(local, in_place=False)] if local else []
    if not reachable or (len(reachable) == 1 and _has_open_item(session, campaign, next(iter(reachable)))):
        scope = officer_scope(organisation.target_group, organisation.organisation_type)
        officers = living_mandates(session, scope_key=scope, kinds=(TARGET_GROUP_OFFICER,))
        if officers:
            told.append(Confirmers(officers, in_place=True))
    return told


def _authority(session: Session, actor: uuid.UUID, organisation: Organisation) -> CampaignAuthority:
    local = organisation_scope(organisation.id)
    officer = officer_scope(organisation.target_group, organisation.organisation_type)
    held = {
        view.scope_key: view.mandate_id
        for view in living_mandates(session, person_id=actor, kinds=(*LOCAL_KINDS, TARGET_GROUP_OFFICER))
    }
    if local in held:
        return CampaignAuthority(organisation, held[local], in_place=False)
    if officer in held:
        reachable = {view.person_id for view in _administrators(session, organisation) if view.email}
        if len(reachable) <= 1:
            return CampaignAuthority(organisation, held[officer], True, next(iter(reachable), None))
    raise NotFoundError("campaign_unknown")


def _administrators(session: Session, organisation: Organisation) -> list[MandateView]:
    """Who administers it now, each once."""
    views = living_mandates(session, scope_key=organisation_scope(organisation.id), kinds=LOCAL_KINDS)
    return list({view.person_id: view for view in views}.values())


def _has_open_item(session: Session, campaign: RecertificationCampaign, person_id: uuid.UUID) -> bool:
    found = session.scalar(
        select(CampaignItem.id)
        .join(Grant, Grant.id == CampaignItem.grant_id)
        .where(CampaignItem.campaign_id == campaign.id, CampaignItem.person_id == person_id, still_open(now()))
        .limit(1)
    )
    return found is not None
