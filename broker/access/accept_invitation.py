"""accept_invitation: whoever was added without a number signs in through the link in their mail and says: that is me (decisions 7).

The stand-in that the administrator entered becomes the person who signed in: the job and its rights go over. A name that is not
theirs is for whoever typed it to look at, and nothing starts before (threats DG6). Nobody accepts what they entered or gave
themselves (rule 6); a role that the person has already stays, the new one ends (lifecycles §7).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.decision import lock_organisation
from broker.access.end_grant import end_locked_grant, write_end
from broker.access.give_grant import role_key
from broker.access.grant import Grant
from broker.access.load_case import open_grants_of, somebody
from broker.access.move_right import open_suspension
from broker.access.open_doubts import lock_doubts
from broker.access.open_task import open_doubt_task
from broker.access.rules.not_for_yourself import same_human
from broker.access.tell_rights_changed import tell_rights_changed
from broker.database import to_change
from broker.errors import ConflictError, ForbiddenError, NotFoundError
from broker.installation import Installation
from broker.people.affiliation import Affiliation
from broker.people.confirm_name_at_work import confirm_name, is_theirs
from broker.people.identifiers import same_name
from broker.people.name_at_work import name_at_work
from broker.people.one_time_link import INVITATION, LINK_IS_OVER, find_link, use_link
from broker.people.person import Person
from broker.text import Text

LINKED, SECOND_ROLE = "linked", "second_role"


@dataclass(frozen=True, slots=True)
class Accepted:
    """Where the person now works. `doubted`: the name is not the one that was typed, and the administrator looks first."""

    organisation_name: str
    doubted: bool


def accept_invitation(session: Session, installation: Installation, token: str, person_id: uuid.UUID) -> Accepted:
    """Use the link; `person_id` is signed in with a digital key.

    Raises:
        NotFoundError: the link was used, replaced or ran out, or the job it is for is over.
        ForbiddenError: the person entered it or gave a right on it themselves, or works there already under another name.
        ConflictError: the organisation ended.
    """
    link = find_link(session, installation.keys, INVITATION, token)
    unlocked = session.get(Affiliation, link.subject_id)
    if unlocked is None:
        raise NotFoundError("link_over", LINK_IS_OVER)
    organisation = lock_organisation(session, unlocked.organisation_id)
    assert organisation is not None
    people = {unlocked.person_id, person_id}
    session.scalars(to_change(select(Person).where(Person.id.in_(people)).order_by(Person.id))).all()
    stand_in, person = session.get_one(Person, unlocked.person_id), session.get_one(Person, person_id)
    doubts = lock_doubts(session, person_id)
    grants = session.scalars(
        to_change(select(Grant).where(Grant.affiliation_id == unlocked.id, Grant.ended_at.is_(None)).order_by(Grant.id))
    ).all()
    job = session.scalars(to_change(select(Affiliation).where(Affiliation.id == unlocked.id))).one()
    if job.ended_at is not None or stand_in.state != "unlinked" or person.state != "matched":
        raise NotFoundError("link_over", LINK_IS_OVER)
    if not organisation.living:
        raise ConflictError("organisation_ended", ORGANISATION_ENDED)
    _refuse_own(session, person, job, grants)
    own_job = _job_of_person(session, person, job)
    use_link(session, link)
    for grant in grants:
        _hand_on(session, installation, grant, stand_in, person, own_job)
    _close(session, stand_in, person, job)
    if own_job.name_unconfirmed and is_theirs(person, own_job):
        tell_rights_changed(session, confirm_name(session, own_job), "linked", key=uuid.uuid4())
    elif own_job.name_unconfirmed and organisation.id not in {each.organisation_id for each in doubts}:
        application_code = grants[0].application_code if grants else ""
        open_doubt_task(session, installation, person.id, organisation, application_code, None)
    return Accepted(organisation.name, own_job.name_unconfirmed)


def _refuse_own(session: Session, person: Person, job: Affiliation, grants: Sequence[Grant]) -> None:
    me = somebody(session, person.id)
    givers = {job.entered_by, *(grant.given_by for grant in grants)}
    if any(same_human(me, somebody(session, giver)) for giver in givers if giver is not None):
        raise ForbiddenError("not_for_yourself", YOUR_OWN)


def _job_of_person(session: Session, person: Person, job: Affiliation) -> Affiliation:
    """The job that the person has there, else a new one with what was typed; its address is proved, as the link came there."""
    found = session.scalar(
        to_change(
            select(Affiliation).where(
                Affiliation.person_id == person.id,
                Affiliation.organisation_id == job.organisation_id,
                Affiliation.ended_at.is_(None),
            )
        )
    )
    if found is not None and found.in_force(clock.now()):
        typed = f"{job.entered_given_name or ''} {job.entered_family_name or ''}"
        if not same_name(typed, name_at_work(person, found).full_name):
            raise ForbiddenError("another_person", ANOTHER_PERSON)
        return found
    if found is not None:
        found.ended_at, found.end_reason = clock.now(), "expired"
        session.flush()
    own_job = Affiliation(
        id=uuid.uuid4(),
        person_id=person.id,
        organisation_id=job.organisation_id,
        email=job.email,
        email_source="proved" if job.email else None,
        phone=job.phone,
        general_email=job.general_email,
        entered_given_name=job.entered_given_name,
        entered_family_name=job.entered_family_name,
        entered_by=job.entered_by,
        valid_from=clock.now(),
    )
    session.add(own_job)
    session.flush()
    audit.record(
        session,
        "people:affiliation:add",
        subject_id=own_job.id,
        organisation_id=job.organisation_id,
        details={"person": person.id, "merged_from": job.id},
    )
    return own_job


def _hand_on(
    session: Session, installation: Installation, grant: Grant, stand_in: Person, person: Person, own_job: Affiliation
) -> None:
    """The right goes over as it is, with who vouched for it; unless the person has it, or another role, already."""
    application = installation.catalogue.applications.get(grant.application_code)
    key = role_key(application, person.id, grant.organisation_id) if application else None
    held = open_grants_of(session, person.id, grant.application_code)
    taken = any(key is not None and each.role_key == key for each in held)
    same = any(_same(each, grant) for each in held)
    if taken or same:
        end_locked_grant(
            session, installation, grant, stand_in, ended_by=None, reason=SECOND_ROLE, cause=HAS_A_ROLE_ALREADY
        )
        return
    suspension = open_suspension(grant, clock.now())
    write_end(session, grant, ended_by=None, reason=LINKED)
    new = Grant(
        id=uuid.uuid4(),
        person_id=person.id,
        organisation_id=grant.organisation_id,
        affiliation_id=own_job.id,
        application_code=grant.application_code,
        right_code=grant.right_code,
        context_code=grant.context_code,
        role_key=key,
        label_code=grant.label_code,
        given_by=grant.given_by,
        given_at=grant.given_at,
        valid_from=grant.valid_from,
        valid_until=grant.valid_until,
        handed_over_from=grant.handed_over_from,
        **suspension,
    )
    session.add(new)
    session.flush()
    # Whoever stands in for it goes on standing in for the new one.
    session.execute(
        update(Grant)
        .where(Grant.handed_over_from == grant.id, Grant.ended_at.is_(None))
        .values(handed_over_from=new.id)
        .execution_options(synchronize_session=False)
    )
    audit.record(
        session,
        "access:grant:give",
        subject_id=new.id,
        organisation_id=new.organisation_id,
        details={"right": new.right_code, "context": new.context_code, "merged_from": grant.id},
    )


def _same(one: Grant, other: Grant) -> bool:
    return (one.organisation_id, one.right_code, one.context_code) == (
        other.organisation_id,
        other.right_code,
        other.context_code,
    )


def _close(session: Session, stand_in: Person, person: Person, job: Affiliation) -> None:
    job.ended_at, job.end_reason = clock.now(), LINKED
    job.entered_given_name = job.entered_family_name = job.entered_by = None
    stand_in.state, stand_in.merged_into_id = "merged", person.id
    session.flush()
    audit.record(session, "people:affiliation:end", subject_id=job.id, organisation_id=job.organisation_id)
    audit.record(session, "people:person:merge", subject_id=stand_in.id, details={"into": person.id})


ORGANISATION_ENDED = Text("Deze organisatie bestaat niet meer.", "This organisation no longer exists.")
YOUR_OWN = Text(
    "U voegde deze persoon zelf toe. Wie zichzelf toevoegt, krijgt geen recht.",
    "You added this person yourself. Nobody gives a right to themselves.",
)
ANOTHER_PERSON = Text(
    "Deze uitnodiging is voor iemand anders. U werkt al bij deze organisatie, onder een andere naam.",
    "This invitation is for somebody else. You work for this organisation already, under another name.",
)
HAS_A_ROLE_ALREADY = Text(
    "U had al een rol in deze toepassing. Iemand kan maar één rol hebben.",
    "You had a role in this application already. A person can have one role only.",
)
