"""live_rights: what a person may use at this moment. Read-only; the one place that knows when a Grant counts (lifecycles §3).

Every state of a Grant but `ended` is derived here. `grant_counts` with `offered` says that it counts: tokens and everything
that lets somebody in ask these, in SQL (`live_rights`, `session_facts`). `grant_state` says why not, for pages and mails.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, case, not_, or_, select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.grant import Grant
from broker.access.label import Label
from broker.catalogue import Catalogue
from broker.database import Instant, UtcDateTime
from broker.people.affiliation import Affiliation
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.precompiled import Precompiled


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


def counting_label(instant: Instant) -> ColumnElement[bool]:
    """What joins a grant to its label, only while that counts: approved, living, in its dates, for the kind that the
    organisation is now."""
    return and_(
        Label.organisation_id == Grant.organisation_id,
        Label.label_code == Grant.label_code,
        Label.target_group == Organisation.target_group,
        Label.organisation_type == Organisation.organisation_type,
        Label.approved_at.is_not(None),
        Label.ended_at.is_(None),
        or_(Label.valid_until.is_(None), Label.valid_until > instant),
    )


def label_join(instant: datetime) -> Select[Grant, Organisation, Affiliation, Person, Label | None]:
    """Grants with everything their state is derived from, in one statement; add conditions to it."""
    return (
        select(Grant, Organisation, Affiliation, Person, Label)
        .join(Organisation, Organisation.id == Grant.organisation_id)
        .join(Affiliation, Affiliation.id == Grant.affiliation_id)
        .join(Person, Person.id == Grant.person_id)
        .outerjoin(Label, counting_label(instant))
    )


def suspended(instant: Instant) -> ColumnElement[bool]:
    """The grant is within its suspension (`Grant.suspended_at`). Never NULL, as its opposite is asked as well."""
    return and_(
        Grant.suspended_from.is_not(None),
        Grant.suspended_from <= instant,
        or_(Grant.suspended_until.is_(None), Grant.suspended_until > instant),
    )


def coming_suspension(instant: Instant) -> ColumnElement[datetime | None]:
    """When a suspension that has not begun yet will: a token lives no longer (threats OA2)."""
    return case((Grant.suspended_from > instant, Grant.suspended_from))


def grant_counts(instant: Instant) -> ColumnElement[bool]:
    """The grant counts, as far as the database knows, over the joins of `label_join`; beside it stands `offered`."""
    return and_(not_(suspended(instant)), counts_or_rests(instant))


def counts_or_rests(instant: Instant) -> ColumnElement[bool]:
    """The same, or it would if it were not suspended: it comes back by itself."""
    return and_(
        Grant.holds(instant),
        Organisation.ended_at.is_(None),
        Affiliation.counts(instant),
        Person.state == "matched",
        or_(Grant.label_code.is_(None), Label.id.is_not(None)),
    )


def offered(catalogue: Catalogue, application_code: str, right_code: str, context_code: str) -> bool:
    """Whether the policies still have this right in this context."""
    application = catalogue.applications.get(application_code)
    right = application.rights.get(right_code) if application else None
    return right is not None and (context_code == "" or context_code in right.contexts)


def grant_state(
    grant: Grant,
    organisation: Organisation,
    affiliation: Affiliation,
    person: Person,
    label: Label | None,
    catalogue: Catalogue,
    instant: datetime,
) -> str:
    """Where a grant stands: ended, expired, planned, not_offered, organisation_ended, affiliation_ended, suspended,
    waiting_for_label, waiting_for_identity or active. `label` is the one that counts, or None."""
    if grant.ended_at is not None:
        return "expired" if grant.end_reason == "expired" else "ended"
    if grant.run_out(instant):
        return "expired"
    checks = (
        (not offered(catalogue, grant.application_code, grant.right_code, grant.context_code), "not_offered"),
        (not organisation.living, "organisation_ended"),
        (not affiliation.in_force(instant), "affiliation_ended"),
        (grant.suspended_at(instant), "suspended"),
        (grant.label_code is not None and label is None, "waiting_for_label"),
        (person.state != "matched" or affiliation.name_unconfirmed, "waiting_for_identity"),
        (grant.valid_from > instant, "planned"),
    )
    return next((state for holds, state in checks if holds), "active")


def live_rights(
    session: Session | Connection, catalogue: Catalogue, person_id: uuid.UUID, application_code: str
) -> list[LiveRight]:
    """The rights of a person in one application that count now, by organisation name."""
    rows = _LIVE_RIGHTS.rows(session, person_id=person_id, application_code=application_code, instant=clock.now())
    return [
        LiveRight(
            grant_id=row.grant_id,
            organisation_id=row.organisation_id,
            organisation_code=row.organisation_code,
            organisation_name=row.organisation_name,
            target_group=row.target_group,
            organisation_type=row.organisation_type,
            right_code=row.right_code,
            context_code=row.context_code,
            valid_until=earliest(row.grant_until, row.suspended_from, row.job_until, row.label_until),
        )
        for row in rows
        if offered(catalogue, application_code, row.right_code, row.context_code)
    ]


_INSTANT = bindparam("instant", type_=UtcDateTime())
_LIVE_RIGHTS = Precompiled(
    select(
        Grant.id.label("grant_id"),
        Organisation.id.label("organisation_id"),
        Organisation.code.label("organisation_code"),
        Organisation.name.label("organisation_name"),
        Organisation.target_group,
        Organisation.organisation_type,
        Grant.right_code,
        Grant.context_code,
        Grant.valid_until.label("grant_until"),
        coming_suspension(_INSTANT).label("suspended_from"),
        Affiliation.valid_until.label("job_until"),
        Label.valid_until.label("label_until"),
    )
    .join(Organisation, Organisation.id == Grant.organisation_id)
    .join(Affiliation, Affiliation.id == Grant.affiliation_id)
    .join(Person, Person.id == Grant.person_id)
    .outerjoin(Label, counting_label(_INSTANT))
    .where(
        Grant.person_id == bindparam("person_id"),
        Grant.application_code == bindparam("application_code"),
        grant_counts(_INSTANT),
    )
    .order_by(Organisation.name, Grant.id)
)


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
