"""give_grant: the rows that an approval makes (lifecycles §3, §4). Part of the operations that approve; no door calls it.

Owns: the person of a typed number, the affiliation where it lacks, ending the replaced and the run-out grants of the slot, and the
grant. The caller holds the locks and has asked the rules.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.access_request import AccessRequest
from broker.access.ask_label import ask_label
from broker.access.grant import Grant
from broker.access.label import Label, label_counts
from broker.access.settle_run_out import settle_run_out_grant
from broker.access.tell_rights_changed import tell_rights_changed
from broker.catalogue import Application
from broker.database import to_change
from broker.installation import Installation
from broker.people.affiliation import Affiliation
from broker.people.organisation import Organisation
from broker.people.person import Person


@dataclass(frozen=True, slots=True)
class Given:
    """The grant and where it stands; `replaced` is the grant that ended at the same instant."""

    grant: Grant
    outcome: str
    replaced: Grant | None
    label: Label | None


def person_for_typed(session: Session, installation: Installation, request: AccessRequest) -> Person:
    """The person of a typed name and number: unlinked until a digital key with that number signs in (threats SR5)."""
    person = Person(
        id=uuid.uuid4(),
        given_name=request.given_name,
        family_name=request.family_name,
        name_source="entered",
        number_hash=request.number_hash,
        number_hash_version=request.number_hash_version,
        language=request.language,
        state="unlinked",
        created_at=clock.now(),
    )
    session.add(person)
    session.flush()
    audit.record(session, "people:person:add", subject_id=person.id, details={"request": request.id})
    return person


def give_grant(
    session: Session,
    installation: Installation,
    actor: uuid.UUID,
    *,
    request: AccessRequest,
    person: Person,
    organisation: Organisation,
    label: Label | None,
    valid_until: datetime,
) -> Given:
    """Give what `request` asks to `person`, from now until `valid_until`.

    `label` is the living one that it needs, locked (`ask_label.lock_needed_label`); where it lacks it is asked.
    """
    now = clock.now()
    application = installation.catalogue.applications[request.application_code]
    policy = application.label_needed(organisation.target_group, organisation.organisation_type)
    grant_id = uuid.uuid4()
    # In the order of lifecycles §13: labels and tasks, grants, affiliations.
    if policy is not None and label is None:
        label = ask_label(session, installation, organisation, application.code, policy.code, grant_id=grant_id)
    replaced = _free_the_slot(session, actor, request, person, now)
    affiliation = _affiliation(session, request, person, organisation, now)
    grant = Grant(
        id=grant_id,
        person_id=person.id,
        organisation_id=organisation.id,
        affiliation_id=affiliation.id,
        application_code=application.code,
        right_code=request.right_code,
        context_code=request.context_code,
        role_key=role_key(application, person.id, organisation.id),
        label_code=policy.code if policy else None,
        request_id=request.id,
        given_by=actor,
        given_at=now,
        valid_from=now,
        valid_until=valid_until,
    )
    session.add(grant)
    session.flush()
    details: dict[str, audit.Detail] = {"right": grant.right_code, "context": grant.context_code, "request": request.id}
    if replaced is not None:
        audit.record(
            session,
            "access:grant:change_role",
            subject_id=grant.id,
            organisation_id=organisation.id,
            details={**details, "replaces": replaced.id},
        )
    else:
        audit.record(
            session, "access:grant:give", subject_id=grant.id, organisation_id=organisation.id, details=details
        )
    if replaced is not None and replaced.organisation_id != organisation.id:
        tell_rights_changed(session, replaced, "changed_role")
    request.number_sealed = None  # the person's hash remains; the number itself is needed no longer (DESIGN §6)
    waiting = label is not None and not label_counts(label, organisation, now)
    if replaced is not None or (not waiting and person.state == "matched"):
        tell_rights_changed(session, grant, "changed_role" if replaced is not None else "given")
    if waiting:
        return Given(grant, "waiting_for_label", replaced, label)
    return Given(grant, "given" if person.state == "matched" else "waiting_for_identity", replaced, label)


def role_key(application: Application, person_id: uuid.UUID, organisation_id: uuid.UUID) -> str | None:
    """The slot of the one-role rule that a grant takes; None where the policy has no such rule (lifecycles §3)."""
    if application.one_role_per == "person":
        return f"{application.code}:{person_id}"
    if application.one_role_per == "person_and_organisation":
        return f"{application.code}:{person_id}:{organisation_id}"
    return None


def _affiliation(
    session: Session, request: AccessRequest, person: Person, organisation: Organisation, now: datetime
) -> Affiliation:
    found = session.scalar(
        to_change(
            select(Affiliation).where(
                Affiliation.person_id == person.id,
                Affiliation.organisation_id == organisation.id,
                Affiliation.ended_at.is_(None),
            )
        )
    )
    if found is not None and found.run_out(now):
        found.ended_at, found.end_reason = found.valid_until, "expired"
        session.flush()
        audit.record(session, "people:affiliation:expire", subject_id=found.id, organisation_id=organisation.id)
        found = None
    if found is not None:
        return found
    affiliation = Affiliation(
        id=uuid.uuid4(),
        person_id=person.id,
        organisation_id=organisation.id,
        email=request.email,
        email_source="proved" if request.person_id else "typed",
        phone=request.phone,
        valid_from=now,
    )
    session.add(affiliation)
    session.flush()
    audit.record(
        session,
        "people:affiliation:add",
        subject_id=affiliation.id,
        organisation_id=organisation.id,
        details={"person": person.id, "request": request.id},
    )
    return affiliation


def _free_the_slot(
    session: Session, actor: uuid.UUID, request: AccessRequest, person: Person, now: datetime
) -> Grant | None:
    """End the grant this one replaces, and in writing every grant that the clock has ended already (settle on write)."""
    replaced = None
    grants = session.scalars(
        to_change(
            select(Grant)
            .where(
                Grant.person_id == person.id,
                Grant.application_code == request.application_code,
                Grant.ended_at.is_(None),
            )
            .order_by(Grant.id)
        )
    )
    for grant in grants:
        if grant.run_out(now):
            settle_run_out_grant(session, grant)
        elif grant.id == request.replaces_grant_id:
            grant.ended_at, grant.ended_by, grant.end_reason = now, actor, "change_of_role"
            audit.record(
                session,
                "access:grant:end",
                subject_id=grant.id,
                organisation_id=grant.organisation_id,
                details={"reason": "change_of_role"},
            )
            replaced = grant
    session.flush()
    return replaced
