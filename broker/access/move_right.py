"""move_right: a right of an organisation that merged, given at its successor for a while (lifecycles §6).

Part of `merge_organisation`, which has locked everything; no door calls it. Nobody decides anew: who
vouched for the right then still does, so that the rule that nobody gives himself a right goes on to hold when the holder links.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.ask_label import ask_label
from broker.access.end_grant import address_of, name_of, write_end
from broker.access.give_grant import role_key, settle_run_out_job
from broker.access.grant import Grant
from broker.access.label import Label, label_counts
from broker.access.plan_merge import MERGED
from broker.access.tell_owner import tell_owner
from broker.access.tell_rights_changed import tell_rights_changed
from broker.installation import Installation
from broker.people.affiliation import Affiliation
from broker.people.organisation import Organisation
from broker.people.person import Person

# What an affiliation at the successor takes over: how to reach somebody at work, and the name that was typed for them.
_OF_THE_JOB = (
    "email",
    "email_source",
    "phone",
    "general_email",
    "entered_given_name",
    "entered_family_name",
    "entered_by",
)
_SUSPENSION = ("suspended_from", "suspended_until", "suspended_by", "suspension_note", "suspension_begun")


@dataclass(frozen=True, slots=True)
class Moved:
    """The right that ended and the one that was given for it."""

    old: Grant
    new: Grant


def move_right(
    session: Session,
    installation: Installation,
    actor: uuid.UUID | None,
    old: Grant,
    person: Person,
    predecessor: Organisation,
    successor: Organisation,
    labels: dict[str, Label],
    valid_until: datetime,
) -> Moved:
    """End `old`, and give at `successor` what it was, until `valid_until`.

    `labels` are the locked, living labels of the successor as what it is now, by code; one that lacks is asked, and added.
    """
    application = installation.catalogue.applications[old.application_code]
    policy = application.label_needed(successor.target_group, successor.organisation_type)
    now, grant_id = clock.now(), uuid.uuid4()
    if policy is not None and policy.code not in labels:
        labels[policy.code] = ask_label(
            session, installation, successor, application.code, policy.code, grant_id=grant_id
        )
    suspension = open_suspension(old, now)
    write_end(session, old, ended_by=actor, reason=MERGED)
    new = Grant(
        id=grant_id,
        person_id=person.id,
        organisation_id=successor.id,
        affiliation_id=_affiliation(session, old, successor).id,
        application_code=old.application_code,
        right_code=old.right_code,
        context_code=old.context_code,
        role_key=role_key(application, person.id, successor.id),
        label_code=policy.code if policy else None,
        given_by=old.given_by,
        given_at=old.given_at,
        valid_from=max(now, old.valid_from),
        valid_until=valid_until,
        **suspension,
    )
    session.add(new)
    session.flush()
    audit.record(
        session,
        "access:grant:give",
        subject_id=new.id,
        organisation_id=successor.id,
        details={"right": new.right_code, "context": new.context_code, "merged_from": old.id},
    )
    tell_rights_changed(session, new, "given")
    waiting = policy is not None and not label_counts(labels[policy.code], successor, now)
    email, _language = address_of(session, old, person)
    name = name_of(session, old, person).full_name
    catalogue = installation.catalogue
    tell_owner(session, catalogue, old, name, email, predecessor.name, "ended")
    change = "waiting_for_label" if waiting else "given"
    tell_owner(session, catalogue, new, name, email, successor.name, change)
    return Moved(old, new)


def open_suspension(grant: Grant, now: datetime) -> dict[str, Any]:
    """The columns of a suspension that goes on where the right goes on as another row; to be read before the old one ends."""
    return {name: getattr(grant, name) for name in _SUSPENSION} if grant.suspension_open(now) else {}


def _affiliation(session: Session, old: Grant, successor: Organisation) -> Affiliation:
    """The job at the successor: the one that is there, else a new one with the contact data of the old."""
    found = session.scalar(
        select(Affiliation).where(
            Affiliation.person_id == old.person_id,
            Affiliation.organisation_id == successor.id,
            Affiliation.ended_at.is_(None),
        )
    )
    now = clock.now()
    found = settle_run_out_job(session, found, now)
    if found is not None:
        return found
    before = session.get_one(Affiliation, old.affiliation_id)
    affiliation = Affiliation(
        id=uuid.uuid4(),
        person_id=old.person_id,
        organisation_id=successor.id,
        valid_from=now,
        valid_until=before.valid_until,
        **{name: getattr(before, name) for name in _OF_THE_JOB},
    )
    session.add(affiliation)
    session.flush()
    audit.record(
        session,
        "people:affiliation:add",
        subject_id=affiliation.id,
        organisation_id=successor.id,
        details={"person": old.person_id, "merged_from": before.id},
    )
    return affiliation
