"""yearly_report: how one organisation stands, for the yearly check on paper: who decides, who may what, and what happened.

Reads only, in a constant number of statements. The rights on it are the first so many; the whole list is `access.lists`.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from sqlalchemy import Select, case, func, select, true
from sqlalchemy.orm import Session

from broker import clock
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.lists.rights import RightEntry, right_entries
from broker.access.reciprocal_rights import Reciprocal, reciprocal_rights
from broker.access.task import APPROVED, FOR_REQUEST, REJECTED, Task
from broker.catalogue import Catalogue
from broker.people.affiliation import Affiliation
from broker.people.living_mandates import living_mandates
from broker.people.mandate import LOCAL_KINDS, organisation_scope
from broker.people.organisation import Organisation

RIGHTS_AT_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Administrator:
    """Who decides, in which function, since when."""

    full_name: str
    kind: str
    since: datetime


@dataclass(frozen=True, slots=True)
class YearFigures:
    """What happened in the year: rights given and stopped, requests approved, refused, and that nobody decided on in time."""

    given: int
    ended: int
    approved: int
    rejected: int
    expired: int


@dataclass(frozen=True, slots=True)
class YearlyReport:
    """`labels` holds (application, label), `rights_by_kind` (application, right, how many).

    `rights` are the first RIGHTS_AT_MOST of `right_count`, by name.
    """

    organisation: Organisation
    year: int
    administrators: list[Administrator]
    people: int
    labels: list[tuple[str, str]]
    rights_by_kind: list[tuple[str, str, int]]
    right_count: int
    rights: list[RightEntry]
    figures: YearFigures
    reciprocal: list[Reciprocal]


def yearly_report(session: Session, catalogue: Catalogue, organisation_id: uuid.UUID, year: int) -> YearlyReport:
    """The report as things stand now, with what happened in `year`; the caller has asked who may read it."""
    now = clock.now()
    begin, end = clock.start_of_day(date(year, 1, 1)), clock.end_of_day(date(year, 12, 31))
    organisation, people, figures = _figures(session, organisation_id, begin, end)
    administrators = [
        Administrator(view.full_name, view.kind, view.mandate.valid_from)
        for view in living_mandates(session, scope_key=organisation_scope(organisation.id), kinds=LOCAL_KINDS)
    ]
    open_grants = (
        Grant.organisation_id == organisation.id,
        Grant.not_over(now),
    )
    by_kind = session.execute(
        select(Grant.application_code, Grant.right_code, func.count())
        .where(*open_grants)
        .group_by(Grant.application_code, Grant.right_code)
        .order_by(Grant.application_code, Grant.right_code)
    ).all()
    labels = session.execute(
        select(Label.application_code, Label.label_code).where(
            Label.organisation_id == organisation.id,
            Label.target_group == organisation.target_group,
            Label.organisation_type == organisation.organisation_type,
            Label.approved_at.is_not(None),
            Label.ended_at.is_(None),
        )
    ).all()
    return YearlyReport(
        organisation=organisation,
        year=year,
        administrators=administrators,
        people=people,
        labels=[(row[0], row[1]) for row in labels],
        rights_by_kind=[(row[0], row[1], row[2]) for row in by_kind],
        right_count=sum(row[2] for row in by_kind),
        rights=list(islice(right_entries(session, catalogue, [organisation.id], RIGHTS_AT_MOST), RIGHTS_AT_MOST)),
        reciprocal=reciprocal_rights(session, begin, end, organisation.id),
        figures=figures,
    )


def _figures(
    session: Session, organisation_id: uuid.UUID, begin: datetime, end: datetime
) -> tuple[Organisation, int, YearFigures]:
    """The organisation, how many work there now, and what happened from `begin` to `end`, in one statement."""
    grants = _grants_of_year(organisation_id, begin, end).subquery()
    requests = _requests_of_year(organisation_id, begin, end).subquery()
    people = select(func.count(Affiliation.person_id.distinct())).where(
        Affiliation.organisation_id == organisation_id, Affiliation.holds(clock.now())
    )
    organisation, at_work, *numbers = session.execute(
        select(Organisation, people.scalar_subquery(), *grants.c, *requests.c)
        .select_from(Organisation)
        .join(grants, true())
        .join(requests, true())
        .where(Organisation.id == organisation_id)
    ).one()
    return organisation, at_work, YearFigures(*(number or 0 for number in numbers))


def _grants_of_year(organisation_id: uuid.UUID, begin: datetime, end: datetime) -> Select[int | None, int | None]:
    given = (Grant.given_at >= begin) & (Grant.given_at < end)
    ended = (Grant.ended_at >= begin) & (Grant.ended_at < end)
    return select(
        func.sum(case((given, 1), else_=0)).label("given"), func.sum(case((ended, 1), else_=0)).label("ended")
    ).where(Grant.organisation_id == organisation_id)


def _requests_of_year(
    organisation_id: uuid.UUID, begin: datetime, end: datetime
) -> Select[int | None, int | None, int | None]:
    ways = {
        "approved": Task.decision == APPROVED,
        "rejected": Task.decision == REJECTED,
        "expired": Task.close_reason == "expired",
    }
    approved, rejected, expired = (func.sum(case((way, 1), else_=0)).label(name) for name, way in ways.items())
    return select(approved, rejected, expired).where(
        Task.pool_key == organisation_scope(organisation_id),
        Task.kind == FOR_REQUEST,
        Task.closed_at >= begin,
        Task.closed_at < end,
    )
