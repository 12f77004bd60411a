"""policy_copies: what a Grant copies from the policies, and which open grants hold an old copy (DESIGN §3, threats
PF4). Reads only.

A grant carries its slot of the one-role rule (`role_key`) and the label it needs (`label_code`), because an index and
a join need them. Owns how the two follow from the policies of now. Does not own when they are written again:
`apply_catalogue` after a change of policy, `follow_retype` after a change of the organisation.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.give_grant import role_key
from broker.access.grant import Grant
from broker.access.label import Label
from broker.catalogue import Catalogue
from broker.people.organisation import Organisation


@dataclass(frozen=True, slots=True)
class Copies:
    """One open grant with what it copied (`old_…`) and what the policies say now."""

    grant_id: uuid.UUID
    person_id: uuid.UUID
    organisation_id: uuid.UUID
    organisation_code: str
    organisation_lives: bool
    application_code: str
    old_role_key: str | None
    role_key: str | None
    old_label_code: str | None
    label_code: str | None

    @property
    def outdated(self) -> bool:
        """The row says something else than the policies."""
        return (self.role_key, self.label_code) != (self.old_role_key, self.old_label_code)

    @property
    def needs_other_label(self) -> bool:
        """The right may stop until a label counts."""
        return self.label_code is not None and self.label_code != self.old_label_code


@dataclass(frozen=True, slots=True)
class RoleConflict:
    """Several open grants that would take one slot of the one-role rule. Ids and codes, never names."""

    application_code: str
    person_id: uuid.UUID
    grant_ids: tuple[uuid.UUID, ...]
    organisation_codes: tuple[str, ...]


def policy_copies(session: Session, catalogue: Catalogue, *, organisation_id: uuid.UUID | None = None) -> list[Copies]:
    """Every grant that nobody ended and that has not run out, by id; of one organisation where that is given. One
    statement.

    A grant of an application that the policies no longer know keeps what it has.
    """
    query = (
        select(
            Grant.id,
            Grant.person_id,
            Grant.application_code,
            Grant.role_key,
            Grant.label_code,
            Organisation.id.label("organisation_id"),
            Organisation.code.label("organisation_code"),
            Organisation.ended_at.label("organisation_ended_at"),
            Organisation.target_group,
            Organisation.organisation_type,
        )
        .join(Organisation, Organisation.id == Grant.organisation_id)
        .where(Grant.not_over(clock.now()))
        .order_by(Grant.id)
    )
    if organisation_id is not None:
        query = query.where(Grant.organisation_id == organisation_id)
    found = []
    for row in session.execute(query):
        application = catalogue.applications.get(row.application_code)
        label = application.label_needed(row.target_group, row.organisation_type) if application else None
        found.append(
            Copies(
                grant_id=row.id,
                person_id=row.person_id,
                organisation_id=row.organisation_id,
                organisation_code=row.organisation_code,
                organisation_lives=row.organisation_ended_at is None,
                application_code=row.application_code,
                old_role_key=row.role_key,
                role_key=role_key(application, row.person_id, row.organisation_id) if application else row.role_key,
                old_label_code=row.label_code,
                label_code=(label.code if label else None) if application else row.label_code,
            )
        )
    return found


def role_conflicts(copies: Iterable[Copies]) -> list[RoleConflict]:
    """Which grants would take the same slot; nobody chooses among them here."""
    by_slot: dict[str, list[Copies]] = defaultdict(list)
    for each in copies:
        if each.role_key is not None:
            by_slot[each.role_key].append(each)
    return [
        RoleConflict(
            same[0].application_code,
            same[0].person_id,
            tuple(each.grant_id for each in same),
            tuple(sorted({each.organisation_code for each in same})),
        )
        for _, same in sorted(by_slot.items())
        if len(same) > 1
    ]


def unasked_labels(
    session: Session, copies: Iterable[Copies], *, organisation_id: uuid.UUID | None = None
) -> dict[tuple[uuid.UUID, str, str], uuid.UUID]:
    """(organisation, application, label code) → the first grant, for every label that is needed and that nobody was
    asked for.

    A label that somebody rejected or ended as what the organisation is now is asked anew only where a grant comes to
    need it. Ended organisations are asked nothing. One statement.
    """
    now = clock.now()
    query = select(
        Organisation.id,
        Label.label_code,
        and_(Label.ended_at.is_(None), or_(Label.valid_until.is_(None), Label.valid_until > now)).label("lives"),
    ).join(
        Label,
        and_(
            Label.organisation_id == Organisation.id,
            Label.target_group == Organisation.target_group,
            Label.organisation_type == Organisation.organisation_type,
        ),
    )
    if organisation_id is not None:
        query = query.where(Organisation.id == organisation_id)
    rows = session.execute(query).all()
    ever = {(row.id, row.label_code) for row in rows}
    living = {(row.id, row.label_code) for row in rows if row.lives}
    found: dict[tuple[uuid.UUID, str, str], uuid.UUID] = {}
    for each in copies:
        if each.label_code is None or not each.organisation_lives:
            continue
        place = (each.organisation_id, each.label_code)
        if place not in living and (each.needs_other_label or place not in ever):
            found.setdefault((each.organisation_id, each.application_code, each.label_code), each.grant_id)
    return found


def counting_labels(session: Session) -> set[tuple[uuid.UUID, str]]:
    """(organisation, label code) of every label that counts now, for the kind that its organisation is now. One statement."""
    now = clock.now()
    rows = session.execute(
        select(Label.organisation_id, Label.label_code)
        .join(Organisation, Organisation.id == Label.organisation_id)
        .where(
            Label.approved_at.is_not(None),
            Label.ended_at.is_(None),
            or_(Label.valid_until.is_(None), Label.valid_until > now),
            Label.target_group == Organisation.target_group,
            Label.organisation_type == Organisation.organisation_type,
        )
    )
    return {(organisation_id, code) for organisation_id, code in rows}
