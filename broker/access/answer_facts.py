"""answer_facts: the person behind the link answers, or says no (threats NR2).

Whoever holds the link may type; a digital key must be of the person who was asked.

A number that answers a request is kept on it as its keyed hash only: the request can then be approved like one that brought a
number. What was filled in is sealed, for whoever asked.
"""

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.access_request import OPEN, AccessRequest
from broker.access.asked_facts import BIRTH_DATE, NUMBER, REFUSED, TYPED, VERIFIED, WORK_PHONE, AskedFacts
from broker.access.close_asked_facts import close_asked
from broker.access.task import Task
from broker.database import to_change, to_depend_on
from broker.errors import ForbiddenError, InvalidError, NotFoundError
from broker.installation import Installation
from broker.notifications import put_mail
from broker.people.affiliation import Affiliation
from broker.people.identifiers import same_name
from broker.people.know_number import know_number
from broker.people.living_mandates import address_of
from broker.people.one_time_link import ASK_NUMBER, LINK_IS_OVER, find_link, use_link
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text


@dataclass(frozen=True, slots=True)
class Answers:
    """What was filled in, checked. `person_id`: whose digital key said the number, with the name that it says."""

    number: str | None = None
    birth_date: date | None = None
    work_phone: str | None = None
    person_id: uuid.UUID | None = None
    full_name: str = ""


def answer_facts(session: Session, installation: Installation, token: str, answers: Answers) -> None:
    """Use the link and keep the answer, sealed; tell whoever asked that it is there.

    Raises:
        NotFoundError: the link was used, replaced or ran out, or what it was for is over.
        ForbiddenError: the digital key is of somebody else.
        InvalidError: something that was asked is missing.
    """
    asked, request, person = _locked(session, installation, token)
    if answers.person_id is not None and not _is_the_one(session, asked, request, answers):
        raise ForbiddenError("another_person", ANOTHER_PERSON)
    given = {
        NUMBER: answers.number,
        BIRTH_DATE: answers.birth_date.isoformat() if answers.birth_date else None,
        WORK_PHONE: answers.work_phone,
    }
    missing = {fact: MISSING for fact in asked.facts if not given[fact]}
    if missing:
        raise InvalidError("answer_missing", MISSING, missing)
    _use(session, installation, token)
    verified = answers.person_id is not None and NUMBER in asked.facts
    asked.answered_at = clock.now()
    asked.answer_source = VERIFIED if verified else TYPED
    asked.answered_by = answers.person_id if verified else None
    asked.answer_sealed = installation.keys.seal_json({fact: given[fact] for fact in asked.facts}, asked.answer_place)
    if request is not None and NUMBER in asked.facts and answers.number:
        request.number_hash_version, request.number_hash = installation.keys.lookup_hash(answers.number)
    if person is not None and NUMBER in asked.facts and answers.number:
        know_number(session, installation.keys, person, answers.number)
    audit.record(
        session,
        "access:facts:answer",
        subject_id=asked.id,
        organisation_id=asked.organisation_id,
        details={"source": asked.answer_source},
    )
    _tell_asker(session, asked, refused=False)


def refuse_facts(session: Session, installation: Installation, token: str) -> None:
    """The person does not want to give this: the question ends, and whoever asked is told.

    Raises:
        NotFoundError: as `answer_facts`.
    """
    asked, _request, _person = _locked(session, installation, token)
    _use(session, installation, token)
    close_asked(session, asked, REFUSED)
    _tell_asker(session, asked, refused=True)


def _locked(
    session: Session, installation: Installation, token: str
) -> tuple[AskedFacts, AccessRequest | None, Person | None]:
    """What was asked, of whom: the request, or the person of the job."""
    link = find_link(session, installation.keys, ASK_NUMBER, token)
    unlocked = session.get(AskedFacts, link.subject_id)
    if unlocked is None:
        raise NotFoundError("link_over", LINK_IS_OVER)
    request = person = None
    if unlocked.request_id is not None:
        request = session.scalars(to_change(select(AccessRequest).where(AccessRequest.id == unlocked.request_id))).one()
        living = request.status == OPEN
    else:
        of_job = select(Affiliation.person_id).where(Affiliation.id == unlocked.affiliation_id).scalar_subquery()
        person = session.scalars(to_change(select(Person).where(Person.id == of_job))).one()
        job = session.scalars(to_depend_on(select(Affiliation).where(Affiliation.id == unlocked.affiliation_id))).one()
        living = job.ended_at is None
    asked = session.scalars(to_change(select(AskedFacts).where(AskedFacts.id == unlocked.id))).one()
    if not living or not asked.waits_at(clock.now()):
        raise NotFoundError("link_over", LINK_IS_OVER)
    return asked, request, person


def _use(session: Session, installation: Installation, token: str) -> None:
    use_link(session, find_link(session, installation.keys, ASK_NUMBER, token))


def _is_the_one(session: Session, asked: AskedFacts, request: AccessRequest | None, answers: Answers) -> bool:
    if request is not None:
        if request.person_id is not None:
            return request.person_id == answers.person_id
        return same_name(request.full_name, answers.full_name)
    job = session.get_one(Affiliation, asked.affiliation_id)
    person = session.get_one(Person, job.person_id)
    return person.id == answers.person_id or (
        person.state == "unlinked" and same_name(person.full_name, answers.full_name)
    )


def _tell_asker(session: Session, asked: AskedFacts, *, refused: bool) -> None:
    """Whoever asked gets a mail that says nothing of the answer."""
    asker = session.get_one(Person, asked.asked_by)
    job = session.scalar(
        select(Affiliation).where(
            Affiliation.person_id == asked.asked_by,
            Affiliation.organisation_id == asked.organisation_id,
            Affiliation.ended_at.is_(None),
        )
    )
    email = address_of(asker, job)
    if email is None:
        return
    task_id = session.scalar(select(Task.id).where(Task.request_id == asked.request_id, Task.closed_at.is_(None)))
    put_mail(
        session,
        "facts_answered",
        email,
        key=f"facts:{asked.id}",
        language=asker.language,
        facts={
            "organisation_name": session.get_one(Organisation, asked.organisation_id).name,
            "given_name": asker.given_name,
            "facts_id": str(asked.id),
            "task_id": str(task_id) if task_id else None,
            "refused": refused,
        },
        subject_id=asked.id,
    )


ANOTHER_PERSON = Text(
    "Deze digitale sleutel is van iemand anders dan aan wie dit gevraagd is. Meld u af, of typ het antwoord.",
    "This digital key belongs to somebody other than the person who was asked. Sign out, or type the answer.",
)
MISSING = Text("Vul dit in, of kies dat u het niet geeft", "Fill this in, or choose not to give it")
