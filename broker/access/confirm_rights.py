"""confirm_rights: an administrator keeps or ends the rights of some people in a campaign, or of everybody left (lifecycles §12).

Nobody confirms their own right: alone it is refused, among others it is left for a colleague. A right from a merged organisation
that is kept lasts as long again as it did there, as far as a right given today could.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.administered_grant import OWN_RIGHT, AdministeredGrant
from broker.access.campaign import ENDED, KEPT, CampaignItem, RecertificationCampaign, still_open, write_outcome
from broker.access.campaign_authority import CampaignAuthority, lock_campaign_authority
from broker.access.change_last_day import latest_last_day
from broker.access.decision import cleaned_reason
from broker.access.end_right import end_as_administrator
from broker.access.grant import Grant
from broker.access.own_people import own_people
from broker.access.tell_last_day import EXTENDED, tell_last_day
from broker.access.tell_rights_changed import tell_rights_changed
from broker.database import to_change
from broker.errors import ConflictError, ForbiddenError, InvalidError
from broker.installation import Installation
from broker.people.affiliation import Affiliation
from broker.people.person import Person
from broker.text import Text

CAMPAIGN_OVER = Text(
    "Dit nazicht is afgesloten. Er is niets veranderd.", "This review has been closed. Nothing was changed."
)
NOBODY_CHOSEN = Text("Kies eerst een of meer mensen.", "First choose one or more people.")
WHY_MISSING = Text("Schrijf waarom het stopt.", "Write why it ends.")


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the administrator chose: `people` None is everybody of whom nothing was said yet. Ending needs a reason."""

    campaign_id: uuid.UUID
    people: tuple[uuid.UUID, ...] | None
    keep: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """How many rights were kept or ended, and how many were left as they are the actor's own."""

    changed: int
    own: int


def confirm_rights(session: Session, installation: Installation, actor: uuid.UUID, wish: Confirmation) -> Confirmed:
    """Keep or end them.

    Raises:
        NotFoundError: no such campaign at an organisation of `actor`.
        ForbiddenError: only the actor's own rights were chosen, or the mandate ended.
        ConflictError: the campaign is over.
        InvalidError: nobody was chosen, or an end has no reason.
    """
    reason = _reason(wish)
    if wish.people == ():
        raise InvalidError("nobody_chosen", NOBODY_CHOSEN)
    authority = lock_campaign_authority(session, actor, wish.campaign_id)
    chosen = _chosen(wish, authority, clock.now())
    own = own_people(session, actor, select(CampaignItem.person_id).join(*_JOINED).where(*chosen))
    people, grants = _lock_rights(session, wish, chosen)
    campaign = session.scalars(
        to_change(select(RecertificationCampaign).where(RecertificationCampaign.id == wish.campaign_id))
    ).one()
    now = clock.now()
    if campaign.closed_at is not None or campaign.due_at <= now:
        raise ConflictError("campaign_over", CAMPAIGN_OVER)
    items = session.execute(
        to_change(
            select(CampaignItem.id, CampaignItem.grant_id, CampaignItem.person_id, CampaignItem.keep_until)
            .where(CampaignItem.id.in_(select(CampaignItem.id).join(*_JOINED).where(*chosen)))
            .order_by(CampaignItem.id)
        )
    ).all()
    mine = [each for each in items if each.person_id not in own]
    if items and not mine:
        raise ForbiddenError("not_for_yourself", OWN_RIGHT)
    write_outcome(session, [each.id for each in mine], KEPT if wish.keep else ENDED, actor, now)
    audit.record_each(
        session,
        "access:campaign:keep" if wish.keep else "access:campaign:end",
        [each.grant_id for each in mine],
        organisation_id=campaign.organisation_id,
        details={"campaign": campaign.id, "in_place": authority.in_place},
    )
    for item in mine:
        grant = grants.get(item.grant_id)
        if grant is None or grant.ended_at is not None:
            continue
        if wish.keep:
            _lengthen(session, installation, authority, grant, people[grant.person_id], item.keep_until)
        else:
            person = people[grant.person_id]
            end_as_administrator(session, installation, actor, grant, person, reason, in_place=authority.in_place)
    return Confirmed(changed=len(mine), own=len(items) - len(mine))


_JOINED = (Grant, Grant.id == CampaignItem.grant_id)


def _reason(wish: Confirmation) -> str:
    reason = cleaned_reason(wish.reason, required=False)
    if not wish.keep and not reason:
        raise InvalidError("reason_missing", WHY_MISSING, {"reason": WHY_MISSING})
    return reason


def _chosen(wish: Confirmation, authority: CampaignAuthority, now: datetime) -> list[ColumnElement[bool]]:
    """The items that this wish is about and this mandate reaches, over items joined with their rights."""
    chosen = [*authority.items(wish.campaign_id), still_open(now)]
    return chosen if wish.people is None else [*chosen, CampaignItem.person_id.in_(wish.people)]


def _lock_rights(
    session: Session, wish: Confirmation, chosen: Sequence[ColumnElement[bool]]
) -> tuple[dict[uuid.UUID, Person], dict[uuid.UUID, Grant]]:
    """The people and rights that change, locked: those that end, or last longer. Just keeping changes no right, and locks none."""
    period = session.scalars(
        select(RecertificationCampaign.period).where(RecertificationCampaign.id == wish.campaign_id)
    ).one()
    if wish.keep and period.isdigit():
        return {}, {}
    of_items = select(CampaignItem.person_id).join(*_JOINED).where(*chosen)
    people = session.scalars(to_change(select(Person).where(Person.id.in_(of_items)).order_by(Person.id))).all()
    ids = session.scalars(select(CampaignItem.grant_id).join(*_JOINED).where(*chosen)).all()
    grants = session.scalars(to_change(select(Grant).where(Grant.id.in_(ids)).order_by(Grant.id))).all()
    return {each.id: each for each in people}, {each.id: each for each in grants}


def _lengthen(
    session: Session,
    installation: Installation,
    authority: CampaignAuthority,
    grant: Grant,
    person: Person,
    keep_until: datetime | None,
) -> None:
    """A right of a merged organisation gets the end back that it had there; no later than a right given today."""
    latest = latest_last_day(installation.catalogue, grant, authority.organisation)
    if latest is None or grant.valid_until is None:
        return
    wanted = clock.end_of_day(latest)
    if keep_until is not None:
        wanted = min(keep_until, wanted)
    if wanted <= grant.valid_until:
        return
    grant.valid_until, grant.end_notices = wanted, 0
    session.flush()
    last_day = clock.last_day(wanted)
    audit.record(
        session,
        "access:grant:extend",
        subject_id=grant.id,
        organisation_id=grant.organisation_id,
        details={"last_day": last_day.isoformat(), "in_place": authority.in_place},
    )
    tell_rights_changed(session, grant, EXTENDED, key=uuid.uuid4())
    job = session.get_one(Affiliation, grant.affiliation_id)
    found = AdministeredGrant(
        grant, person, job, authority.organisation, authority.mandate_id, in_place=authority.in_place, own=False
    )
    tell_last_day(session, installation, found, last_day, EXTENDED, "")
