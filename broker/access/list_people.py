"""list_people: who works for one's organisations, with the rights that each of them has there (issue "the desk").

Reads only: the same number of statements with fifty people as with five thousand, paged by key. The key of a page is the id of a
job, as a name has no place in an address. Does not own when a right was last used (`authentication.last_used`).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, exists, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from broker import clock
from broker.access.grant import Grant
from broker.access.live_rights import grant_state, label_join
from broker.access.mandate_over import mandate_over
from broker.catalogue import Catalogue
from broker.errors import NotFoundError
from broker.people.affiliation import Affiliation
from broker.people.living_mandates import living_mandates
from broker.people.mandate import LOCAL_KINDS
from broker.people.name_at_work import (
    NameAtWork,
    family_name_at_work,
    given_name_at_work,
    in_name_at_work,
    name_at_work,
)
from broker.people.organisation import Organisation
from broker.people.person import Person

PAGE = 50


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """What the row of filters says. `words`: part of a name or of an organisation; `without`: only who has no right."""

    words: str = ""
    without: bool = False


@dataclass(frozen=True, slots=True)
class HeldRight:
    """One living right. `state` is that of `grant_state`; `given_by` a name, "" where it is not known."""

    grant_id: uuid.UUID
    application_code: str
    right_code: str
    context_code: str
    state: str
    valid_from: datetime
    valid_until: datetime | None
    given_by: str
    suspended_until: datetime | None
    handed_over: bool


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody in one job. `own`: the reader; `unconfirmed`: nobody signed in for this name yet."""

    affiliation_id: uuid.UUID
    person_id: uuid.UUID
    organisation_id: uuid.UUID
    organisation_name: str
    name: NameAtWork
    since: datetime
    rights: tuple[HeldRight, ...]
    own: bool
    unconfirmed: bool


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """A page of lines, the key of the next one (None on the last), how many there are, and the reader's organisations."""

    lines: list[PersonLine]
    next_key: uuid.UUID | None
    count: int
    organisations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PersonAtWork:
    """One person in one job, for a page about them."""

    person: Person
    affiliation: Affiliation
    organisation: Organisation
    name: NameAtWork
    rights: tuple[HeldRight, ...]
    own: bool


def list_people(
    session: Session,
    catalogue: Catalogue,
    actor: uuid.UUID,
    wanted: PeopleFilter | None = None,
    after: uuid.UUID | None = None,
) -> PeoplePage | None:
    """The people of the organisations of which `actor` is an administrator; None for somebody who is of none."""
    mandates = living_mandates(session, person_id=actor, kinds=LOCAL_KINDS)
    mine = {view.organisation.id: view.organisation.name for view in mandates if view.organisation is not None}
    if not mine:
        return None
    now = clock.now()
    conditions = _conditions(list(mine), wanted or PeopleFilter(), now)
    order = (family_name_at_work(), given_name_at_work(), Affiliation.id)
    people = (
        select(Affiliation, Person)
        .join(Person, Person.id == Affiliation.person_id)
        .join(Organisation, Organisation.id == Affiliation.organisation_id)
        .where(*conditions)
    )
    page = people.order_by(*order).limit(PAGE + 1)
    if after is not None:
        last = session.execute(
            people.with_only_columns(*order, maintain_column_froms=True).where(Affiliation.id == after)
        ).one_or_none()
        page = page.where(tuple_(*order) > tuple_(*last)) if last is not None else page
    rows = session.execute(page).all()
    count = session.scalar(people.with_only_columns(func.count(), maintain_column_froms=True))
    rights = _rights(session, catalogue, [affiliation for affiliation, _person in rows[:PAGE]], now)
    lines = [_line(row, mine, rights, actor) for row in rows[:PAGE]]
    return PeoplePage(
        lines=lines,
        next_key=lines[-1].affiliation_id if len(rows) > PAGE else None,
        count=count or 0,
        organisations=tuple(sorted(mine.values())),
    )


def person_at_work(session: Session, catalogue: Catalogue, actor: uuid.UUID, affiliation_id: uuid.UUID) -> PersonAtWork:
    """One person of an organisation of `actor`.

    Raises:
        NotFoundError: no such job, it ended, or at an organisation of others: the same answer (threats ID2).
    """
    now = clock.now()
    row = session.execute(
        select(Affiliation, Person)
        .join(Person, Person.id == Affiliation.person_id)
        .where(Affiliation.id == affiliation_id, Affiliation.holds(now))
    ).one_or_none()
    if row is None:
        raise NotFoundError("person_unknown")
    affiliation, person = row
    organisation = mandate_over(session, actor, affiliation.organisation_id)
    return PersonAtWork(
        person=person,
        affiliation=affiliation,
        organisation=organisation,
        name=name_at_work(person, affiliation),
        rights=_rights(session, catalogue, [affiliation], now).get(affiliation.id, ()),
        own=person.id == actor,
    )


def _conditions(organisations: list[uuid.UUID], wanted: PeopleFilter, now: datetime) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        Affiliation.organisation_id.in_(organisations),
        Affiliation.holds(now),
        Person.state.not_in(("merged", "erased")),
    ]
    if wanted.without:
        conditions.append(~exists().where(_of_the_job(), Grant.not_over(now)))
    if searched := wanted.words.strip().casefold():
        conditions.append(in_name_at_work(searched, Organisation.name))
    return conditions


def _of_the_job() -> ColumnElement[bool]:
    """The grant stands on the job; the person is named as well, as that is what grants are indexed by."""
    return (Grant.person_id == Affiliation.person_id) & (Grant.affiliation_id == Affiliation.id)


def _rights(
    session: Session, catalogue: Catalogue, jobs: Sequence[Affiliation], now: datetime
) -> dict[uuid.UUID, tuple[HeldRight, ...]]:
    """The living rights of each job, by application and since when; one statement."""
    giver = aliased(Person)
    query = (
        label_join(now)
        .add_columns(giver)
        .outerjoin(giver, giver.id == Grant.given_by)
        .where(
            Grant.person_id.in_([job.person_id for job in jobs]),
            Grant.affiliation_id.in_([job.id for job in jobs]),
            Grant.not_over(now),
        )
        .order_by(Grant.application_code, Grant.valid_from, Grant.id)
    )
    found: dict[uuid.UUID, tuple[HeldRight, ...]] = {}
    for grant, organisation, affiliation, person, label, given_by in session.execute(query):
        right = HeldRight(
            grant_id=grant.id,
            application_code=grant.application_code,
            right_code=grant.right_code,
            context_code=grant.context_code,
            state=grant_state(grant, organisation, affiliation, person, label, catalogue, now),
            valid_from=grant.valid_from,
            valid_until=grant.valid_until,
            given_by=given_by.full_name if given_by is not None else "",
            suspended_until=grant.suspended_until,
            handed_over=grant.handed_over_from is not None,
        )
        found[affiliation.id] = (*found.get(affiliation.id, ()), right)
    return found


def _line(
    row: Row[Affiliation, Person],
    organisations: dict[uuid.UUID, str],
    rights: dict[uuid.UUID, tuple[HeldRight, ...]],
    actor: uuid.UUID,
) -> PersonLine:
    affiliation, person = row
    return PersonLine(
        affiliation_id=affiliation.id,
        person_id=person.id,
        organisation_id=affiliation.organisation_id,
        organisation_name=organisations[affiliation.organisation_id],
        name=name_at_work(person, affiliation),
        since=affiliation.valid_from,
        rights=rights.get(affiliation.id, ()),
        own=person.id == actor,
        unconfirmed=affiliation.name_unconfirmed or person.state != "matched",
    )
