"""list_organisations: the organisations of some kinds where nobody decides, and the appointments at organisations of those kinds
(decisions 9, threats AP4). Reads only: the same number of statements whatever there is, paged by key.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from broker import clock
from broker.people.identifiers import folded
from broker.people.list_administrators import Administrator, administrators_of
from broker.people.living_mandates import living_rows
from broker.people.mandate import LOCAL_KINDS, Mandate
from broker.people.organisation import Organisation

PAGE = 50
Kinds = Collection[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class UnadministeredPage:
    """Organisations without anybody who decides, by name. `to_sign_in`: of these somebody was appointed who never signed in."""

    organisations: list[Organisation]
    to_sign_in: frozenset[uuid.UUID]
    count: int
    next_key: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class AppointmentPage:
    """Mandates that nobody ended, the newest first."""

    lines: list[Administrator]
    count: int
    next_key: uuid.UUID | None


def unadministered(session: Session, kinds: Kinds, words: str, after: uuid.UUID | None) -> UnadministeredPage:
    """Living organisations of these kinds in which nobody decides at this moment."""
    now = clock.now()
    living = living_rows(now).with_only_columns(Mandate.organisation_id).where(Mandate.kind.in_(LOCAL_KINDS))
    conditions = [Organisation.ended_at.is_(None), of_kinds(kinds), Organisation.id.not_in(living), _named(words)]
    query = select(Organisation).where(*conditions).order_by(Organisation.name, Organisation.id)
    last = session.get(Organisation, after) if after else None
    if last is not None:
        query = query.where(tuple_(Organisation.name, Organisation.id) > (last.name, last.id))
    found = list(session.scalars(query.limit(PAGE + 1)))
    shown = found[:PAGE]
    appointed = session.scalars(
        select(Mandate.organisation_id).where(
            Mandate.organisation_id.in_([each.id for each in shown]),
            Mandate.not_over(now),
        )
    )
    return UnadministeredPage(
        organisations=shown,
        to_sign_in=frozenset(each for each in appointed if each is not None),
        count=session.scalar(select(func.count()).select_from(Organisation).where(*conditions)) or 0,
        next_key=shown[-1].id if len(found) > PAGE else None,
    )


def appointments(session: Session, kinds: Kinds, words: str, after: uuid.UUID | None) -> AppointmentPage:
    """The open local mandates at living organisations of these kinds."""
    now = clock.now()
    conditions = [
        Mandate.kind.in_(LOCAL_KINDS),
        Mandate.not_over(now),
        Organisation.ended_at.is_(None),
        of_kinds(kinds),
        _named(words),
    ]
    joined = select(Mandate.id, Mandate.organisation_id).join(Organisation, Organisation.id == Mandate.organisation_id)
    query = joined.where(*conditions).order_by(Mandate.valid_from.desc(), Mandate.id)
    last = session.get(Mandate, after) if after else None
    if last is not None:
        later = and_(Mandate.valid_from == last.valid_from, Mandate.id > last.id)
        query = query.where(or_(Mandate.valid_from < last.valid_from, later))
    found = session.execute(query.limit(PAGE + 1)).all()
    shown = found[:PAGE]
    everybody = administrators_of(session, {organisation_id for _, organisation_id in shown if organisation_id})
    by_id = {each.mandate.id: each for each in everybody}
    return AppointmentPage(
        lines=[by_id[mandate_id] for mandate_id, _ in shown if mandate_id in by_id],
        count=session.scalar(joined.where(*conditions).with_only_columns(func.count())) or 0,
        next_key=shown[-1][0] if len(found) > PAGE else None,
    )


def of_kinds(kinds: Kinds) -> ColumnElement[bool]:
    """A condition: the organisation is of one of these kinds."""
    return or_(
        *(and_(Organisation.target_group == group, Organisation.organisation_type == kind) for group, kind in kinds)
    )


def _named(words: str) -> ColumnElement[bool]:
    return Organisation.search_text.contains(folded(words), autoescape=True)
