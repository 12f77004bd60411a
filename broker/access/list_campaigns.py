"""list_campaigns: which rights somebody has to confirm, where, and by when (lifecycles §12). Reads only.

The number of statements is the same with one organisation as with three hundred, and with fifty rights as with twenty thousand.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.campaign import BY_POLICY, ENDED, KEPT, CampaignItem, RecertificationCampaign, still_open
from broker.access.grant import Grant
from broker.people.living_mandates import living_mandates
from broker.people.mandate import APPLICATION_OWNER, LOCAL_KINDS, TARGET_GROUP_OFFICER
from broker.people.organisation import Organisation

CLOSED_SHOWN_FOR = timedelta(days=400)  # the round of last year stays in sight until that of this year is closed


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """One campaign: how many rights, of which `left` still to confirm, and what became of the others.

    `gone` ended in another way meanwhile. `in_place`: the reader is the officer, for what no administrator there can confirm.
    """

    campaign_id: uuid.UUID
    application_code: str
    organisation_id: uuid.UUID
    organisation_code: str
    organisation_name: str
    period: str
    unconfirmed: str
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None
    rights: int
    kept: int
    ended: int
    by_policy: int
    left: int
    in_place: bool = False

    @property
    def done(self) -> int:
        """How many rights need nobody's word any more."""
        return self.rights - self.left

    @property
    def merged(self) -> bool:
        """It is about rights that came from an organisation that merged into this one."""
        return not self.period.isdigit()

    def over(self, instant: datetime) -> bool:
        """Nothing can be confirmed any more."""
        return self.closed_at is not None or self.due_at <= instant


@dataclass(frozen=True, slots=True)
class CampaignList:
    """The campaigns of a reader, what still is to be done first. `administers`: they are a local administrator somewhere;
    `oversees`: they may read how far others are (`campaign_progress`)."""

    lines: list[CampaignLine]
    administers: bool
    oversees: bool


def list_campaigns(session: Session, actor: uuid.UUID) -> CampaignList:
    """The campaigns at the organisations of which `actor` is an administrator, and those where they step in as the officer."""
    now = clock.now()
    mandates = living_mandates(session, person_id=actor, kinds=(*LOCAL_KINDS, TARGET_GROUP_OFFICER, APPLICATION_OWNER))
    mine = {view.organisation.id for view in mandates if view.organisation is not None}
    lines = campaign_lines(session, RecertificationCampaign.organisation_id.in_(mine)) if mine else []
    kinds = [
        (view.mandate.target_group, view.mandate.organisation_type)
        for view in mandates
        if view.kind == TARGET_GROUP_OFFICER
    ]
    if kinds:
        lines += _in_place(session, kinds, mine, now)
    recent = [each for each in lines if each.closed_at is None or each.closed_at > now - CLOSED_SHOWN_FOR]
    return CampaignList(
        lines=sorted(recent, key=lambda each: (each.over(now), each.left == 0, each.due_at, each.organisation_name)),
        administers=bool(mine),
        oversees=any(view.kind not in LOCAL_KINDS for view in mandates),
    )


def campaign_lines(
    session: Session,
    *conditions: ColumnElement[bool],
    items: Sequence[ColumnElement[bool]] = (),
    limit: int | None = None,
) -> list[CampaignLine]:
    """The campaigns for which `conditions` hold (on them or their organisations), by organisation.

    With what became of their rights, or only of those for which `items` hold; one statement.
    """
    now = clock.now()

    def counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    chosen = (
        select(RecertificationCampaign.id)
        .join(Organisation, Organisation.id == RecertificationCampaign.organisation_id)
        .where(*conditions)
        .order_by(Organisation.name, RecertificationCampaign.id)
        .limit(limit)
    )
    rows = session.execute(
        select(
            RecertificationCampaign,
            Organisation.code,
            Organisation.name,
            func.count(CampaignItem.id),
            counted(CampaignItem.outcome == KEPT),
            counted(CampaignItem.outcome == ENDED),
            counted(CampaignItem.outcome == BY_POLICY),
            counted(still_open(now)),
        )
        .join(Organisation, Organisation.id == RecertificationCampaign.organisation_id)
        .join(CampaignItem, CampaignItem.campaign_id == RecertificationCampaign.id)
        .join(Grant, Grant.id == CampaignItem.grant_id)
        .where(RecertificationCampaign.id.in_(chosen), *items)
        .group_by(RecertificationCampaign.id, Organisation.id)
        .order_by(Organisation.name, RecertificationCampaign.id)
    )
    return [
        CampaignLine(
            campaign_id=campaign.id,
            application_code=campaign.application_code,
            organisation_id=campaign.organisation_id,
            organisation_code=code,
            organisation_name=name,
            period=campaign.period,
            unconfirmed=campaign.unconfirmed,
            opened_at=campaign.opened_at,
            due_at=campaign.due_at,
            closed_at=campaign.closed_at,
            rights=rights,
            kept=kept,
            ended=ended,
            by_policy=by_policy,
            left=left,
        )
        for campaign, code, name, rights, kept, ended, by_policy, left in rows
    ]


def _in_place(
    session: Session, kinds: list[tuple[str | None, str | None]], mine: set[uuid.UUID], now: datetime
) -> list[CampaignLine]:
    """Open campaigns at organisations of these kinds, with the rights that no administrator there can confirm."""
    of_kinds = or_(
        *(and_(Organisation.target_group == group, Organisation.organisation_type == kind) for group, kind in kinds)
    )
    reachable: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for view in living_mandates(session, kinds=LOCAL_KINDS):
        if view.organisation is not None and view.email:
            reachable[view.organisation.id].add(view.person_id)
    nobody_else = session.execute(
        select(
            RecertificationCampaign.id, RecertificationCampaign.organisation_id, CampaignItem.person_id, func.count()
        )
        .join(Organisation, Organisation.id == RecertificationCampaign.organisation_id)
        .join(CampaignItem, CampaignItem.campaign_id == RecertificationCampaign.id)
        .join(Grant, Grant.id == CampaignItem.grant_id)
        .where(
            of_kinds,
            RecertificationCampaign.closed_at.is_(None),
            RecertificationCampaign.due_at > now,
            still_open(now),
            or_(
                CampaignItem.person_id.in_([next(iter(each)) for each in reachable.values() if len(each) == 1]),
                RecertificationCampaign.organisation_id.not_in(list(reachable)),
            ),
        )
        .group_by(RecertificationCampaign.id, RecertificationCampaign.organisation_id, CampaignItem.person_id)
    ).all()
    left: dict[uuid.UUID, int] = defaultdict(int)
    for campaign_id, organisation_id, person_id, count in nobody_else:
        if organisation_id not in mine and not reachable[organisation_id] - {person_id}:
            left[campaign_id] += count
    if not left:
        return []
    found = campaign_lines(session, RecertificationCampaign.id.in_(left))
    return [_for_officer(line, left[line.campaign_id]) for line in found]


def _for_officer(line: CampaignLine, left: int) -> CampaignLine:
    return replace(line, rights=left, kept=0, ended=0, by_policy=0, left=left, in_place=True)
