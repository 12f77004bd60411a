"""list_labels: the labels that organisations of some kinds have now, for their officers (lifecycles §4). Reads only, by pages."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from broker import clock
from broker.access.grant import Grant
from broker.access.label import Label
from broker.people.identifiers import folded
from broker.people.organisation import Organisation
from broker.people.person import Person

PAGE = 50


@dataclass(frozen=True, slots=True)
class LabelLine:
    """One label that was approved and not ended, and how many rights stand on it."""

    label: Label
    organisation: Organisation
    approved_by: str
    rights: int


@dataclass(frozen=True, slots=True)
class LabelPage:
    """Labels by name of their organisation."""

    lines: list[LabelLine]
    count: int
    next_key: uuid.UUID | None


def list_labels(session: Session, kinds: Collection[tuple[str, str]], words: str, after: uuid.UUID | None) -> LabelPage:
    """The labels that officers of these kinds decide on; three statements."""
    conditions = [
        Label.approved_at.is_not(None),
        Label.ended_at.is_(None),
        or_(Label.valid_until.is_(None), Label.valid_until > clock.now()),
        or_(*(and_(Label.target_group == group, Label.organisation_type == kind) for group, kind in kinds)),
        Organisation.search_text.contains(folded(words), autoescape=True),
    ]
    rights = (
        select(func.count())
        .where(
            Grant.organisation_id == Label.organisation_id,
            Grant.label_code == Label.label_code,
            Grant.ended_at.is_(None),
        )
        .correlate(Label)
        .scalar_subquery()
    )
    joined = select(Label).join(Organisation, Organisation.id == Label.organisation_id).where(*conditions)
    query = (
        joined.outerjoin(Person, Person.id == Label.approved_by)
        .add_columns(Organisation, Person, rights)
        .order_by(Organisation.name, Label.id)
    )
    last = session.execute(
        select(Organisation.name, Label.id)
        .join(Organisation, Organisation.id == Label.organisation_id)
        .where(Label.id == after)
    ).first()
    if last is not None:
        query = query.where(tuple_(Organisation.name, Label.id) > tuple(last))
    rows = session.execute(query.limit(PAGE + 1)).all()
    lines = [
        LabelLine(label, organisation, person.full_name if person is not None else "", count)
        for label, organisation, person, count in rows[:PAGE]
    ]
    return LabelPage(
        lines=lines,
        count=session.scalar(joined.with_only_columns(func.count())) or 0,
        next_key=lines[-1].label.id if len(rows) > PAGE else None,
    )


def label_line(session: Session, kinds: Collection[tuple[str, str]], label_id: uuid.UUID) -> LabelLine | None:
    """One of them."""
    label = session.get(Label, label_id)
    if label is None or (label.target_group, label.organisation_type) not in kinds or label.approved_at is None:
        return None
    approver = session.get(Person, label.approved_by) if label.approved_by else None
    rights = session.scalar(
        select(func.count()).where(
            Grant.organisation_id == label.organisation_id,
            Grant.label_code == label.label_code,
            Grant.ended_at.is_(None),
        )
    )
    organisation = session.get_one(Organisation, label.organisation_id)
    return LabelLine(label, organisation, approver.full_name if approver else "", rights or 0)
