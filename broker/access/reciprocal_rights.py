"""reciprocal_rights: two people who gave each other a right within a year (threats ID8). Reads only.

It cannot be refused, as in a small organisation there is often nobody else; whoever oversees an application or a kind of
organisation sees it. Owns what counts; not who is told (`tell_reciprocal`).
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased

from broker import clock
from broker.access.grant import Grant
from broker.people.living_mandates import living_mandates
from broker.people.mandate import APPLICATION_OWNER, TARGET_GROUP_OFFICER, Mandate
from broker.people.organisation import Organisation
from broker.people.person import Person

WITHIN = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class GivenRight:
    """One of the two rights: who got it, where and when."""

    person_id: uuid.UUID
    person_name: str
    application_code: str
    right_code: str
    context_code: str
    organisation_name: str
    target_group: str
    organisation_type: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Reciprocal:
    """The right that somebody gave last, and the one that they got from the same person before."""

    last: GivenRight
    before: GivenRight

    @property
    def scopes(self) -> frozenset[tuple[str, ...]]:
        """Who oversees it, as `overseen_scope` says."""
        both = (self.last, self.before)
        return frozenset(
            {(each.application_code,) for each in both} | {(each.target_group, each.organisation_type) for each in both}
        )


def reciprocal_rights(
    session: Session, since: datetime, until: datetime, organisation_id: uuid.UUID | None = None
) -> list[Reciprocal]:
    """Those of which the last was given from `since` until `until`, everywhere or at one organisation, the newest first; one
    statement."""
    last, before = aliased(Grant), aliased(Grant)
    places = aliased(Organisation), aliased(Organisation)
    people = aliased(Person), aliased(Person)
    rows = session.execute(
        select(last, places[0], people[0], before, places[1], people[1])
        .join(before, and_(before.person_id == last.given_by, before.given_by == last.person_id))
        .join(places[0], places[0].id == last.organisation_id)
        .join(places[1], places[1].id == before.organisation_id)
        .join(people[0], people[0].id == last.person_id)
        .join(people[1], people[1].id == before.person_id)
        .where(
            last.given_at >= since,
            last.given_at < until,
            before.given_at > since - WITHIN,
            *([last.organisation_id == organisation_id] if organisation_id is not None else []),
            or_(before.given_at < last.given_at, and_(before.given_at == last.given_at, before.id < last.id)),
        )
        .order_by(last.given_at.desc(), last.id)
    ).all()
    return [
        Reciprocal(_given(row[0], row[1], row[2]), _given(row[3], row[4], row[5]))
        for row in rows
        if row[3].given_at > row[0].given_at - WITHIN
    ]


def overseen_scope(mandate: Mandate) -> tuple[str, ...]:
    """What the holder of an owner's or officer's mandate oversees: (application,), or (target group, type)."""
    if mandate.kind == APPLICATION_OWNER:
        return (mandate.application_code or "",)
    return (mandate.target_group or "", mandate.organisation_type or "")


def overseen_by(session: Session, actor: uuid.UUID) -> frozenset[tuple[str, ...]]:
    """Everything that `actor` oversees."""
    held = living_mandates(session, person_id=actor, kinds=(APPLICATION_OWNER, TARGET_GROUP_OFFICER))
    return frozenset(overseen_scope(view.mandate) for view in held)


def within(found: Collection[Reciprocal], scopes: Collection[tuple[str, ...]]) -> list[Reciprocal]:
    """Those of `found` that somebody with these scopes oversees."""
    return [each for each in found if not each.scopes.isdisjoint(scopes)]


def month_of(instant: datetime, back: int = 0) -> tuple[datetime, datetime]:
    """The month of `instant`, or so many months before it: its first instant, and that of the next one."""
    first = clock.local_date(instant).replace(day=1)
    for _ in range(back):
        first = (first - timedelta(days=1)).replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    day = timedelta(days=1)
    return clock.end_of_day(first - day), clock.end_of_day(following - day)


def _given(grant: Grant, place: Organisation, person: Person) -> GivenRight:
    return GivenRight(
        person_id=person.id,
        person_name=person.full_name,
        application_code=grant.application_code,
        right_code=grant.right_code,
        context_code=grant.context_code,
        organisation_name=place.name,
        target_group=place.target_group,
        organisation_type=place.organisation_type,
        given_at=grant.given_at,
    )
