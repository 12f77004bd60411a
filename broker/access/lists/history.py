"""What happened at some organisations, from the audit, oldest first. Who was meant is looked up now: the audit holds no names."""

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from broker.access.access_request import AccessRequest
from broker.access.grant import Grant
from broker.access.lists.batches import in_batches
from broker.access.task import Task
from broker.audit.audit_event import AuditEvent
from broker.people.affiliation import Affiliation
from broker.people.mandate import Mandate
from broker.people.organisation import Organisation
from broker.people.person import Person

_actor = aliased(Person, name="actor")
_about = aliased(Person, name="about")
_job = aliased(Affiliation, name="job")


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One event. `name` is its code; `actor_kind` says what acted where it was no person with a name."""

    happened_at: datetime
    name: str
    about: str
    application_code: str
    right_code: str
    context_code: str
    reason: str
    actor_kind: str
    actor_name: str
    organisation_name: str


def history_entries(
    session: Session,
    organisations: Collection[uuid.UUID],
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[HistoryEntry]:
    """By the moment it happened; `since` is included, `until` is not."""
    subject = AuditEvent.subject_id
    about = func.coalesce(Grant.person_id, Affiliation.person_id, Mandate.person_id, AccessRequest.person_id)
    request_id = func.coalesce(Grant.request_id, Task.request_id, subject)
    query = (
        select(
            AuditEvent.happened_at,
            AuditEvent.name,
            AuditEvent.details,
            AuditEvent.actor_kind,
            Grant.application_code.label("grant_application"),
            Grant.right_code.label("grant_right"),
            Grant.context_code.label("grant_context"),
            AccessRequest.application_code,
            AccessRequest.right_code,
            AccessRequest.context_code,
            AccessRequest.given_name.label("asked_given"),
            AccessRequest.family_name.label("asked_family"),
            func.coalesce(_job.entered_given_name, _about.given_name).label("given_name"),
            func.coalesce(_job.entered_family_name, _about.family_name).label("family_name"),
            _actor.given_name.label("actor_given"),
            _actor.family_name.label("actor_family"),
            Organisation.name.label("organisation"),
        )
        .join(Organisation, Organisation.id == AuditEvent.organisation_id)
        .outerjoin(Grant, Grant.id == subject)
        .outerjoin(Affiliation, Affiliation.id == subject)
        .outerjoin(Mandate, Mandate.id == subject)
        .outerjoin(Task, Task.id == subject)
        .outerjoin(AccessRequest, AccessRequest.id == request_id)
        .outerjoin(_about, _about.id == about)
        .outerjoin(_job, _job.id == func.coalesce(Grant.affiliation_id, Affiliation.id))
        .outerjoin(_actor, _actor.id == AuditEvent.actor_id)
        .where(AuditEvent.organisation_id.in_(organisations))
    )
    if since is not None:
        query = query.where(AuditEvent.happened_at >= since)
    if until is not None:
        query = query.where(AuditEvent.happened_at < until)
    for row in in_batches(session, query, (AuditEvent.happened_at, AuditEvent.id)):
        yield HistoryEntry(
            happened_at=row.happened_at,
            name=row.name,
            about=_name(row.given_name, row.family_name) or _name(row.asked_given, row.asked_family),
            application_code=row.grant_application or row.application_code or "",
            right_code=row.grant_right or row.right_code or "",
            context_code=row.grant_context or row.context_code or "",
            reason=str(row.details.get("reason") or ""),
            actor_kind=row.actor_kind,
            actor_name=_name(row.actor_given, row.actor_family),
            organisation_name=row.organisation,
        )


def _name(given_name: str | None, family_name: str | None) -> str:
    return f"{given_name or ''} {family_name or ''}".strip()
