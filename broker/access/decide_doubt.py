"""decide_doubt: whoever gave somebody a right says what was wrong: the name, or the number (threats DG6).

The answer says nothing of who stood at the gate. A name that was written wrongly is written again, and compared at the next sign-in
like the first. A number that was somebody else's gives nothing here any more; it is let go once no other organisation still vouches
for it. Each organisation speaks for itself only.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit
from broker.access.decision import Decision, close_decided, lock_authority, lock_organisation, lock_task, task_for
from broker.access.end_grant import end_locked_grant
from broker.access.grant import Grant
from broker.access.load_case import about_themselves
from broker.access.open_doubts import close_doubts
from broker.access.settle_doubt import WRONG_NUMBER, RightName
from broker.access.task import FOR_DOUBT
from broker.access.tell_rights_changed import tell_rights_changed
from broker.database import to_change
from broker.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from broker.installation import Installation
from broker.people.affiliation import Affiliation
from broker.people.confirm_name_at_work import confirm_name
from broker.people.deputy import Deputy
from broker.people.end_affiliation import end_locked_affiliation
from broker.people.end_deputyships import end_deputyships, lock_deputyships
from broker.people.identifiers import IdentifierError, clean_line, same_name
from broker.people.mandate import Mandate
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text

REASON = "wrong_number"
CORRECTED, LET_GO, OVER = "corrected", "let_go", "over"


@dataclass(frozen=True, slots=True)
class DoubtDecided:
    """What came of it: `corrected`, `let_go` with so many rights ended, or `over`, as the doubt had gone meanwhile."""

    outcome: str
    ended: int = 0


def decide_doubt(
    session: Session, installation: Installation, actor: uuid.UUID, decision: Decision, name: RightName
) -> DoubtDecided:
    """Approving means: the name was written wrongly, and this is it. Rejecting: the number is somebody else's.

    Raises:
        NotFoundError: no such task in the pools of `actor`.
        ForbiddenError: the mandate ended, or it is about the actor.
        ConflictError: decided already; or another organisation vouches for this person too, and the helpdesk must look.
        InvalidError: the name is missing or cannot be used.
    """
    right_name = _cleaned(name) if decision.approve else None
    unlocked, authority = task_for(session, actor, decision.task_id)
    if unlocked.kind != FOR_DOUBT:
        raise NotFoundError("task_unknown")
    organisation = lock_organisation(session, unlocked.organisation_id)
    assert organisation is not None
    authority = lock_authority(session, actor, unlocked, authority)
    job = _on_the_job(session, unlocked.doubted_person_id, organisation)
    person = session.scalars(to_change(select(Person).where(Person.id == unlocked.doubted_person_id))).one()
    task = lock_task(session, decision.task_id, decision.seen_version)
    if about_themselves(session, actor, task.pool_key, person.id):
        raise ForbiddenError("not_for_yourself", NOT_YOUR_OWN)
    grants = session.scalars(
        to_change(
            select(Grant)
            .where(Grant.person_id == person.id, Grant.organisation_id == organisation.id, Grant.ended_at.is_(None))
            .order_by(Grant.id)
        )
    ).all()
    affiliation = session.scalar(
        to_change(
            select(Affiliation).where(
                Affiliation.person_id == person.id,
                Affiliation.organisation_id == organisation.id,
                Affiliation.ended_at.is_(None),
            )
        )
    )
    unconfirmed = affiliation if affiliation is not None and affiliation.name_unconfirmed else None
    if person.state != "doubted" and unconfirmed is None:
        close_doubts(session, person.id, organisation.id)
        return DoubtDecided(OVER)
    close_decided(session, task, actor, authority, approve=decision.approve)
    if right_name is not None:
        _correct(session, person, unconfirmed, right_name, organisation)
        return _settled(session, person, organisation, DoubtDecided(CORRECTED))
    for grant in grants:
        end_locked_grant(session, installation, grant, person, ended_by=actor, reason=REASON, cause=WRONG_NUMBER)
    if person.state == "doubted":
        _let_go(session, person, organisation)
    elif unconfirmed is not None:
        _end_job(session, unconfirmed, job, person, organisation, actor)
    return _settled(session, person, organisation, DoubtDecided(LET_GO, len(grants)))


def elsewhere(session: Session, person_id: uuid.UUID, organisation_id: uuid.UUID) -> bool:
    """Whether another organisation gave this person something that still stands."""
    found = select(Grant.id).where(
        Grant.person_id == person_id, Grant.organisation_id != organisation_id, Grant.ended_at.is_(None)
    )
    return session.scalar(found.limit(1)) is not None


def _cleaned(name: RightName) -> RightName:
    wrong: dict[str, Text] = {}
    cleaned = {}
    for field, typed in (("given_name", name.given_name), ("family_name", name.family_name)):
        try:
            cleaned[field] = clean_line(typed, 100)
        except IdentifierError as error:
            wrong[field] = error.text
        else:
            if not cleaned[field]:
                wrong[field] = MISSING[field]
    if wrong:
        raise InvalidError("name_bad", Text("Deze naam kan zo niet.", "This name cannot be used."), wrong)
    return RightName(**cleaned)


@dataclass(frozen=True, slots=True)
class _OnTheJob:
    """What would end with the job of somebody who was never meant."""

    mandates: Sequence[Mandate]
    deputies: Sequence[Deputy]


def _on_the_job(session: Session, person_id: uuid.UUID | None, organisation: Organisation) -> _OnTheJob:
    mandates = session.scalars(
        to_change(
            select(Mandate)
            .where(
                Mandate.person_id == person_id,
                Mandate.organisation_id == organisation.id,
                Mandate.ended_at.is_(None),
            )
            .order_by(Mandate.id)
        )
    ).all()
    ids = [mandate.id for mandate in mandates]
    deputies = lock_deputyships(session, mandate_ids=ids, deputy_person_id=person_id, organisation_id=organisation.id)
    return _OnTheJob(mandates, deputies)


def _correct(
    session: Session,
    person: Person,
    unconfirmed: Affiliation | None,
    name: RightName,
    organisation: Organisation,
) -> None:
    if person.state == "doubted":
        if elsewhere(session, person.id, organisation.id):
            raise ConflictError("several_organisations", SEVERAL)
        person.given_name, person.family_name, person.name_source = name.given_name, name.family_name, "entered"
        person.state = "unlinked"
    if unconfirmed is None:
        return
    unconfirmed.entered_given_name, unconfirmed.entered_family_name = name.given_name, name.family_name
    written = f"{name.given_name} {name.family_name}"
    if person.state == "matched" and person.name_source == "verified" and same_name(written, person.full_name):
        confirm_name(session, unconfirmed)
        tell_rights_changed(session, unconfirmed, "linked", key=uuid.uuid4())


def _let_go(session: Session, person: Person, organisation: Organisation) -> None:
    """The owner of the number can sign in again, unless another organisation still says that it is this person's."""
    if elsewhere(session, person.id, organisation.id):
        return
    person.state = "unlinked"
    person.number_hash = person.number_hash_version = person.number_sealed = None


def _end_job(
    session: Session,
    affiliation: Affiliation,
    job: _OnTheJob,
    person: Person,
    organisation: Organisation,
    actor: uuid.UUID,
) -> None:
    end_deputyships(session, job.deputies, ended_by=actor, reason=REASON)
    end_locked_affiliation(session, affiliation, job.mandates, person, organisation, ended_by=actor, reason=REASON)


def _settled(session: Session, person: Person, organisation: Organisation, decided: DoubtDecided) -> DoubtDecided:
    session.flush()
    audit.record(
        session,
        "people:person:settle_doubt",
        subject_id=person.id,
        organisation_id=organisation.id,
        details={"outcome": decided.outcome, "grants_ended": decided.ended},
    )
    return decided


NOT_YOUR_OWN = Text(
    "Dit gaat over uzelf, of over wie u vervangt. Een collega-beheerder beslist.",
    "This is about you, or about somebody you stand in for. A fellow administrator decides.",
)
SEVERAL = Text(
    "Een andere organisatie gaf deze persoon ook een recht. Bel gratis 1700: de helpdesk kijkt dit na.",
    "Another organisation gave this person a right as well. Call 1700, free of charge: the helpdesk will look into it.",
)
MISSING = {
    "given_name": Text("Vul de voornaam in.", "Fill in the first name."),
    "family_name": Text("Vul de familienaam in.", "Fill in the surname."),
}
