"""give_grant: the rows that giving a right makes (lifecycles §3, §4). Part of the operations that give; no door calls it.

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
from broker.access.wish import GrantWish
from broker.catalogue import Application
from broker.database import to_change
from broker.installation import Installation
from broker.people.add_affiliation import JobContact
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
    wish: GrantWish,
    person: Person,
    organisation: Organisation,
    label: Label | None,
    valid_until: datetime,
) -> Given:
    """Give `wish` to `person`, until `valid_until`.

    `label` is the living one that it needs, locked (`ask_label.lock_needed_label`); where it lacks it is asked.
    """
    now = clock.now()
    application = installation.catalogue.applications[wish.application_code]
    policy = application.label_needed(organisation.target_group, organisation.organisation_type)
    grant_id = uuid.uuid4()
    # In the order of lifecycles §13: labels and tasks, grants, affiliations.
    if policy is not None and label is None:
        label = ask_label(session, installation, organisation, application.code, policy.code, grant_id=grant_id)
    replaced = _free_the_slot(session, installation, actor, wish, person, now)
    affiliation = affiliation_for(session, wish, person, organisation, now)
    grant = Grant(
        id=grant_id,
        person_id=person.id,
        organisation_id=organisation.id,
        affiliation_id=affiliation.id,
        application_code=application.code,
        right_code=wish.right_code,
        context_code=wish.context_code,
        role_key=role_key(application, person.id, organisation.id),
        label_code=policy.code if policy else None,
        request_id=wish.request_id,
        given_by=actor,
        given_at=now,
        valid_from=wish.valid_from or now,
        valid_until=valid_until,
    )
    session.add(grant)
    session.flush()
    details: dict[str, audit.Detail] = {"right": grant.right_code, "context": grant.context_code}
    if wish.request_id is not None:
        details["request"] = wish.request_id
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
    waiting = label is not None and not label_counts(label, organisation, now)
    identified = person.state == "matched" and not affiliation.name_unconfirmed
    if replaced is not None or (not waiting and identified):
        tell_rights_changed(session, grant, "changed_role" if replaced is not None else "given")
    if waiting:
        return Given(grant, "waiting_for_label", replaced, label)
    if not identified:
        return Given(grant, "waiting_for_identity", replaced, label)
    return Given(grant, "given" if grant.valid_from <= now else "planned", replaced, label)


def role_key(application: Application, person_id: uuid.UUID, organisation_id: uuid.UUID) -> str | None:
    """The slot of the one-role rule that a grant takes; None where the policy has no such rule (lifecycles §3)."""
    if application.one_role_per == "person":
        return f"{application.code}:{person_id}"
    if application.one_role_per == "person_and_organisation":
        return f"{application.code}:{person_id}:{organisation_id}"
    return None


def affiliation_for(
    session: Session, wish: GrantWish, person: Person, organisation: Organisation, now: datetime
) -> Affiliation:
    """The living affiliation of the two; made, with the contact of `wish`, where it lacks."""
    found = session.scalar(
        to_change(
            select(Affiliation).where(
                Affiliation.person_id == person.id,
                Affiliation.organisation_id == organisation.id,
                Affiliation.ended_at.is_(None),
            )
        )
    )
    found = settle_run_out_job(session, found, now)
    if found is not None:
        if wish.contact is not None and found.general_email is None:
            found.general_email = wish.contact.general_email
        return found
    contact = wish.contact or JobContact()
    affiliation = Affiliation(
        id=uuid.uuid4(),
        person_id=person.id,
        organisation_id=organisation.id,
        email=contact.email,
        email_source=contact.email_source if contact.email else None,
        phone=contact.phone,
        general_email=contact.general_email,
        valid_from=now,
    )
    session.add(affiliation)
    session.flush()
    details: dict[str, audit.Detail] = {"person": person.id}
    if wish.request_id is not None:
        details["request"] = wish.request_id
    audit.record(
        session, "people:affiliation:add", subject_id=affiliation.id, organisation_id=organisation.id, details=details
    )
    return affiliation


def settle_run_out_job(session: Session, found: Affiliation | None, now: datetime) -> Affiliation | None:
    """`found`, unless the clock has ended it: then that is written, and its place is free (settle on write)."""
    if found is None or not found.run_out(now):
        return found
    found.ended_at, found.end_reason = found.valid_until, "expired"
    session.flush()
    audit.record(session, "people:affiliation:expire", subject_id=found.id, organisation_id=found.organisation_id)
    return None


def _free_the_slot(
    session: Session, installation: Installation, actor: uuid.UUID, wish: GrantWish, person: Person, now: datetime
) -> Grant | None:
    """End the grant this one replaces, and in writing every grant that the clock has ended already (settle on write)."""
    replaced = None
    grants = session.scalars(
        to_change(
            select(Grant)
            .where(
                Grant.person_id == person.id,
                Grant.application_code == wish.application_code,
                Grant.ended_at.is_(None),
            )
            .order_by(Grant.id)
        )
    )
    for grant in grants:
        if grant.run_out(now):
            settle_run_out_grant(session, installation, grant)
        elif grant.id == wish.replaces_grant_id:
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
