"""look_up_administrators: who administers an organisation, for the helpdesk or an application's owner to tell a caller (M6).

Name, work e-mail and work phone, never a private one. Audited.
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit
from broker.access.look_up_authority import look_up_authority
from broker.errors import NotFoundError
from broker.installation import Installation
from broker.people.affiliation import Affiliation
from broker.people.living_mandates import living_mandates
from broker.people.mandate import organisation_scope
from broker.people.organisation import Organisation


@dataclass(frozen=True, slots=True)
class FoundAdministrator:
    """One of them. `kind`: head_local_admin or local_admin; contact data is that of the job, or empty."""

    name: str
    kind: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class FoundAdministrators:
    """The organisation and its administrators, heads first."""

    organisation: Organisation
    administrators: tuple[FoundAdministrator, ...]


def look_up_administrators(
    session: Session, installation: Installation, actor: uuid.UUID, organisation_id: uuid.UUID
) -> FoundAdministrators:
    """Everybody who administers `organisation_id` now.

    Raises:
        NotFoundError: no such living organisation, or not within the mandate of `actor`.
    """
    authority = look_up_authority(session, actor)
    organisation = session.get(Organisation, organisation_id)
    if (
        organisation is None
        or not organisation.living
        or not authority.covers_organisation(installation.catalogue, organisation)
    ):
        raise NotFoundError("organisation_unknown")
    audit.record(session, "people:organisation:look_up", subject_id=organisation.id, organisation_id=organisation.id)
    views = living_mandates(session, scope_key=organisation_scope(organisation.id))
    jobs = {
        job.person_id: job
        for job in session.scalars(
            select(Affiliation).where(
                Affiliation.organisation_id == organisation.id,
                Affiliation.person_id.in_([view.person_id for view in views]),
                Affiliation.ended_at.is_(None),
            )
        )
    }
    found: dict[uuid.UUID, FoundAdministrator] = {}
    for view in views:
        job = jobs.get(view.person_id)
        found.setdefault(
            view.person_id,
            FoundAdministrator(
                name=view.full_name,
                kind=view.kind,
                email=(job.email or "") if job else "",
                phone=(job.phone or "") if job else "",
            ),
        )
    return FoundAdministrators(organisation, tuple(found.values()))
