"""live_rights: what a person may use at this moment. Read-only; the one place that knows when a Grant counts (lifecycles §3).

Every state of a Grant but `ended` is derived here and in `grant_state`; tokens, pages and mails all ask these two.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.grant import Grant
from broker.access.label import Label
from broker.catalogue import Catalogue
from broker.people.affiliation import Affiliation
from broker.people.organisation import Organisation
from broker.people.person import Person


@dataclass(frozen=True, slots=True)
class LiveRight:
    """One right that counts now, with what a token says of its organisation."""

    grant_id: uuid.UUID
    organisation_id: uuid.UUID
    organisation_code: str
    organisation_name: str
    target_group: str
    organisation_type: str
    right_code: str
    context_code: str
    valid_until: datetime | None


def label_join(instant: datetime) -> Select[Grant, Organisation, Affiliation, Person, Label | None]:
    """Grants with everything their state is derived from, in one statement; add conditions to it.

    The label is joined only while it counts: approved, living, in its dates, for the kind the organisation is now.
    """
    return (
        select(Grant, Organisation, Affiliation, Person, Label)
        .join(Organisation, Organisation.id == Grant.organisation_id)
        .join(Affiliation, Affiliation.id == Grant.affiliation_id)
        .join(Person, Person.id == Grant.person_id)
        .outerjoin(
            Label,
            and_(
                Label.organisation_id == Grant.organisation_id,
                Label.label_code == Grant.label_code,
                Label.target_group == Organisation.target_group,
                Label.organisation_type == Organisation.organisation_type,
                Label.approved_at.is_not(None),
                Label.ended_at.is_(None),
                or_(Label.valid_until.is_(None), Label.valid_until > instant),
            ),
        )
    )


def grant_state(
    grant: Grant,
    organisation: Organisation,
    affiliation: Affiliation,
    person: Person,
    label: Label | None,
    catalogue: Catalogue,
    instant: datetime,
) -> str:
    """Where a grant stands: ended, expired, planned, not_offered, organisation_ended, affiliation_ended, waiting_for_label,
    waiting_for_identity or active. `label` is the one that counts, or None."""
    if grant.ended_at is not None:
        return "ended"
    if grant.run_out(instant):
        return "expired"
    application = catalogue.applications.get(grant.application_code)
    right = application.rights.get(grant.right_code) if application else None
    checks = (
        (right is None or (grant.context_code != "" and grant.context_code not in right.contexts), "not_offered"),
        (not organisation.living, "organisation_ended"),
        (not affiliation.in_force(instant), "affiliation_ended"),
        (grant.label_code is not None and label is None, "waiting_for_label"),
        (person.state != "matched", "waiting_for_identity"),
        (grant.valid_from > instant, "planned"),
    )
    return next((state for holds, state in checks if holds), "active")


def live_rights(session: Session, catalogue: Catalogue, person_id: uuid.UUID, application_code: str) -> list[LiveRight]:
    """The rights of a person in one application that count now, by organisation name."""
    instant = clock.now()
    rows = session.execute(
        label_join(instant)
        .where(
            Grant.person_id == person_id,
            Grant.application_code == application_code,
            Grant.ended_at.is_(None),
        )
        .order_by(Organisation.name, Grant.id)
    )
    return [
        LiveRight(
            grant_id=grant.id,
            organisation_id=organisation.id,
            organisation_code=organisation.code,
            organisation_name=organisation.name,
            target_group=organisation.target_group,
            organisation_type=organisation.organisation_type,
            right_code=grant.right_code,
            context_code=grant.context_code,
            valid_until=earliest(grant.valid_until, affiliation.valid_until, label.valid_until if label else None),
        )
        for grant, organisation, affiliation, person, label in rows
        if grant_state(grant, organisation, affiliation, person, label, catalogue, instant) == "active"
    ]


def earliest(*ends: datetime | None) -> datetime | None:
    """The first of several ends; None where nothing ends."""
    return min(_known(ends), default=None)


def _known(ends: Iterable[datetime | None]) -> list[datetime]:
    return [end for end in ends if end is not None]


def grant_is_active(session: Session, catalogue: Catalogue, grant_id: uuid.UUID) -> bool:
    """Whether one grant counts now: asked again when a message about it is delivered (lifecycles §14)."""
    instant = clock.now()
    row = session.execute(label_join(instant).where(Grant.id == grant_id)).one_or_none()
    if row is None:
        return False
    return grant_state(*row, catalogue=catalogue, instant=instant) == "active"
