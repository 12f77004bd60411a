"""list_rights: who may use what at one's organisations (seed 000: "wie in uw gemeente reeds over toegangsrechten beschikt"), or
in one's application.

Reads only: the same number of statements with fifty rights as with twenty thousand, paged by key. The key of a page is the id of a
right, as a name has no place in an address.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Row, func, select, tuple_
from sqlalchemy.orm import Session

from broker import clock
from broker.access.change_last_day import latest_last_day
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.live_rights import grant_state, label_join
from broker.catalogue import Catalogue
from broker.people.affiliation import Affiliation
from broker.people.living_mandates import living_mandates
from broker.people.mandate import LOCAL_KINDS
from broker.people.name_at_work import family_name_at_work, given_name_at_work, in_name_at_work, name_at_work
from broker.people.organisation import Organisation
from broker.people.person import Person

PAGE = 50
SOON = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class RightFilter:
    """What the row of filters says. `words`: part of a name or of an organisation; `soon`: only what ends within a month."""

    words: str = ""
    soon: bool = False


@dataclass(frozen=True, slots=True)
class RightLine:
    """One right of one person. `state` is that of `grant_state`; `own`: the reader's. `extend_to`: it ends soon, and could last
    until this day."""

    grant_id: uuid.UUID
    person_name: str
    organisation_name: str
    application_code: str
    right_code: str
    context_code: str
    state: str
    valid_from: datetime
    valid_until: datetime | None
    own: bool
    extend_to: date | None


@dataclass(frozen=True, slots=True)
class RightPage:
    """A page of lines, the key of the next one (None on the last), how many there are, and the reader's organisations (none named
    for the owner of an application)."""

    lines: list[RightLine]
    next_key: uuid.UUID | None
    count: int
    organisations: tuple[str, ...]


def list_rights(
    session: Session,
    catalogue: Catalogue,
    actor: uuid.UUID,
    wanted: RightFilter | None = None,
    after: uuid.UUID | None = None,
) -> RightPage | None:
    """The rights at the organisations of which `actor` is an administrator; None for somebody who is of none."""
    mandates = living_mandates(session, person_id=actor, kinds=LOCAL_KINDS)
    mine = {view.organisation.id: view.organisation.name for view in mandates if view.organisation is not None}
    if not mine:
        return None
    page = _page(session, catalogue, actor, Grant.organisation_id.in_(mine), wanted or RightFilter(), after)
    return replace(page, organisations=tuple(sorted(mine.values())))


def list_rights_in(
    session: Session,
    catalogue: Catalogue,
    actor: uuid.UUID,
    application_code: str,
    wanted: RightFilter | None = None,
    after: uuid.UUID | None = None,
) -> RightPage:
    """The rights in one application, at every organisation, for its owner: `actor` (the door has asked
    `owned_application`)."""
    return _page(session, catalogue, actor, Grant.application_code == application_code, wanted or RightFilter(), after)


def _page(
    session: Session,
    catalogue: Catalogue,
    actor: uuid.UUID,
    scope: ColumnElement[bool],
    wanted: RightFilter,
    after: uuid.UUID | None,
) -> RightPage:
    now = clock.now()
    conditions = [scope, *_conditions(wanted, now)]
    order = (family_name_at_work(), given_name_at_work(), Grant.id)
    query = label_join(now).where(*conditions).order_by(*order)
    if after is not None:
        last = session.execute(
            select(*order)
            .select_from(Grant)
            .join(Person, Person.id == Grant.person_id)
            .join(Affiliation, Affiliation.id == Grant.affiliation_id)
            .where(Grant.id == after, scope)
        ).one_or_none()
        query = query.where(tuple_(*order) > tuple_(*last)) if last is not None else query
    rows = session.execute(query.limit(PAGE + 1)).all()
    count = session.scalar(
        select(func.count())
        .select_from(Grant)
        .join(Person, Person.id == Grant.person_id)
        .join(Affiliation, Affiliation.id == Grant.affiliation_id)
        .join(Organisation, Organisation.id == Grant.organisation_id)
        .where(*conditions)
    )
    lines = [_line(row, catalogue, actor, now) for row in rows[:PAGE]]
    return RightPage(
        lines=lines,
        next_key=lines[-1].grant_id if len(rows) > PAGE else None,
        count=count or 0,
        organisations=(),
    )


def _conditions(wanted: RightFilter, now: datetime) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        Grant.not_over(now),
    ]
    if wanted.soon:
        conditions.append(Grant.valid_until <= now + SOON)
    if searched := wanted.words.strip().casefold():
        conditions.append(in_name_at_work(searched, Organisation.name))
    return conditions


def _line(
    row: Row[Grant, Organisation, Affiliation, Person, Label | None],
    catalogue: Catalogue,
    actor: uuid.UUID,
    now: datetime,
) -> RightLine:
    grant, organisation, affiliation, person, label = row
    return RightLine(
        grant_id=grant.id,
        person_name=name_at_work(person, affiliation).full_name,
        organisation_name=organisation.name,
        application_code=grant.application_code,
        right_code=grant.right_code,
        context_code=grant.context_code,
        state=grant_state(grant, organisation, affiliation, person, label, catalogue, now),
        valid_from=grant.valid_from,
        valid_until=grant.valid_until,
        own=person.id == actor,
        extend_to=_extend_to(grant, organisation, catalogue, now) if person.id != actor else None,
    )


def _extend_to(grant: Grant, organisation: Organisation, catalogue: Catalogue, now: datetime) -> date | None:
    if grant.valid_until is None or grant.valid_until > now + SOON:
        return None
    latest = latest_last_day(catalogue, grant, organisation)
    return latest if latest is not None and latest > clock.last_day(grant.valid_until) else None
