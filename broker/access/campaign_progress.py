"""campaign_progress: how far the organisations are with confirming, for the owner of an application, the officer of a kind of
organisation, and the operator (lifecycles §12). Reads only; counts and organisations, no people.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, or_, select, tuple_
from sqlalchemy.orm import Session

from broker import clock
from broker.access.campaign import BY_POLICY, CampaignItem, RecertificationCampaign, still_open
from broker.access.grant import Grant
from broker.access.list_campaigns import CampaignLine, campaign_lines
from broker.people.living_mandates import living_mandates
from broker.people.mandate import APPLICATION_OWNER, TARGET_GROUP_OFFICER
from broker.people.organisation import Organisation

PAGE = 50


@dataclass(frozen=True, slots=True)
class Round:
    """All campaigns of one application in one period: how many organisations, of which `complete` have confirmed everything, and
    their rights. `due_at` is the last day of the last one."""

    application_code: str
    period: str
    organisations: int
    complete: int
    rights: int
    left: int
    by_policy: int
    due_at: datetime
    closed: int

    @property
    def merged(self) -> bool:
        """It is about what came from one merged organisation."""
        return not self.period.isdigit()


@dataclass(frozen=True, slots=True)
class ProgressPage:
    """The organisations of one round, and the key of the next page (None on the last)."""

    lines: list[CampaignLine]
    next_key: uuid.UUID | None


def overseen(session: Session, actor: uuid.UUID) -> ColumnElement[bool] | None:
    """A condition on campaigns and their organisations: those in an application that `actor` owns, or at a kind of organisation
    that they are the officer of; None for somebody who is neither."""
    held = living_mandates(session, person_id=actor, kinds=(APPLICATION_OWNER, TARGET_GROUP_OFFICER))
    conditions: list[ColumnElement[bool]] = []
    for view in held:
        mandate = view.mandate
        if view.kind == APPLICATION_OWNER:
            conditions.append(RecertificationCampaign.application_code == mandate.application_code)
        else:
            conditions.append(
                and_(
                    Organisation.target_group == mandate.target_group,
                    Organisation.organisation_type == mandate.organisation_type,
                )
            )
    return or_(*conditions) if conditions else None


def rounds(session: Session, *conditions: ColumnElement[bool]) -> list[Round]:
    """Every round within `conditions`, the newest first; one statement."""
    now = clock.now()
    left = func.coalesce(func.sum(case((still_open(now), 1), else_=0)), 0)
    of_one = (
        select(
            RecertificationCampaign.application_code,
            RecertificationCampaign.period,
            RecertificationCampaign.due_at,
            RecertificationCampaign.closed_at,
            func.count().label("rights"),
            left.label("left_over"),
            func.coalesce(func.sum(case((CampaignItem.outcome == BY_POLICY, 1), else_=0)), 0).label("by_policy"),
        )
        .join(Organisation, Organisation.id == RecertificationCampaign.organisation_id)
        .join(CampaignItem, CampaignItem.campaign_id == RecertificationCampaign.id)
        .join(Grant, Grant.id == CampaignItem.grant_id)
        .where(*conditions)
        .group_by(RecertificationCampaign.id)
        .subquery()
    )
    complete = case((and_(of_one.c.left_over == 0, of_one.c.by_policy == 0), 1), else_=0)
    rows = session.execute(
        select(
            of_one.c.application_code,
            of_one.c.period,
            func.count(),
            func.sum(complete),
            func.sum(of_one.c.rights),
            func.sum(of_one.c.left_over),
            func.sum(of_one.c.by_policy),
            func.max(of_one.c.due_at),
            func.count(of_one.c.closed_at),
        )
        .group_by(of_one.c.application_code, of_one.c.period)
        .order_by(func.max(of_one.c.due_at).desc(), of_one.c.application_code)
    )
    return [
        Round(code, period, count, int(done), int(rights), int(open_), int(policy), due_at, closed)
        for code, period, count, done, rights, open_, policy, due_at, closed in rows
    ]


def campaign_progress(
    session: Session,
    conditions: Sequence[ColumnElement[bool]],
    *,
    unfinished: bool = False,
    after: uuid.UUID | None = None,
) -> ProgressPage:
    """The organisations within `conditions`, by name; with `unfinished` only those with something left."""
    wanted = list(conditions)
    if unfinished:
        wanted.append(
            select(CampaignItem.id)
            .join(Grant, Grant.id == CampaignItem.grant_id)
            .where(CampaignItem.campaign_id == RecertificationCampaign.id, still_open(clock.now()))
            .correlate(RecertificationCampaign)
            .exists()
        )
    order = (Organisation.name, RecertificationCampaign.id)
    if after is not None:
        last = session.execute(
            select(*order)
            .join(RecertificationCampaign, RecertificationCampaign.organisation_id == Organisation.id)
            .where(RecertificationCampaign.id == after)
        ).one_or_none()
        if last is not None:
            wanted.append(tuple_(*order) > tuple_(*last))
    lines = campaign_lines(session, *wanted, limit=PAGE + 1)
    return ProgressPage(lines[:PAGE], lines[PAGE - 1].campaign_id if len(lines) > PAGE else None)
