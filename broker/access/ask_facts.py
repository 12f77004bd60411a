"""ask_facts: an administrator asks the applicant, or somebody who works there, what is needed to tie a right to them (threats NR1).

The mail holds a link that works for 72 hours and once; what is asked and why stands on its page only. One question at a time for
each request or job, ten a day for each administrator, and only about somebody with an open request or a job there.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.access_request import DIGITAL_KEY, OPEN, AccessRequest
from broker.access.asked_facts import FACTS, NUMBER, REPLACED, AskedFacts
from broker.access.asker import Asker, lock_asker_of_job, lock_asker_of_request, still_asks
from broker.access.close_asked_facts import close_asked
from broker.database import WorldChangedError, to_change, to_depend_on
from broker.errors import ConflictError, ForbiddenError, InvalidError, TooManyError
from broker.installation import Installation
from broker.notifications import put_mail
from broker.people.affiliation import Affiliation
from broker.people.identifiers import IdentifierError, clean_line
from broker.people.one_time_link import ASK_NUMBER, LIFETIMES, issue_link
from broker.people.person import Person
from broker.text import Text

QUESTIONS_A_DAY = 10
REASON_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked (fact → why), about the request of a task or about a job: just one of the two is set."""

    reasons: Mapping[str, str] = field(default_factory=dict)
    task_id: uuid.UUID | None = None
    affiliation_id: uuid.UUID | None = None


def ask_facts(session: Session, installation: Installation, actor: uuid.UUID, question: Question) -> uuid.UUID:
    """Write the question and its mail; an earlier one of the same administrator is replaced.

    Raises:
        NotFoundError: no such task or job for this administrator.
        ForbiddenError: the mandate ended, or it is about oneself.
        ConflictError: the request or job is over, nobody can be mailed, or a colleague asked already.
        InvalidError: nothing is asked, or something without a reason, or what is known already.
        TooManyError: ten questions were asked today.
    """
    reasons = _checked(question.reasons)
    if question.task_id is not None:
        asker = lock_asker_of_request(session, actor, question.task_id)
    else:
        asker = lock_asker_of_job(session, actor, question.affiliation_id)
    _limit(session, actor)
    recipient = _of_request(session, actor, asker) if asker.request_id else _of_job(session, actor, asker)
    if NUMBER in reasons and not recipient.may_ask_number:
        raise InvalidError("number_known", NUMBER_KNOWN, {NUMBER: NUMBER_KNOWN})
    _replace(session, actor, asker)
    now = clock.now()
    asked = AskedFacts(
        id=uuid.uuid4(),
        request_id=asker.request_id,
        affiliation_id=asker.affiliation_id,
        organisation_id=asker.organisation.id,
        asked_by=actor,
        mandate_id=asker.mandate_id,
        reasons=reasons,
        asked_at=now,
        expires_at=now + LIFETIMES[ASK_NUMBER],
    )
    session.add(asked)
    try:
        session.flush()
    except IntegrityError as error:
        raise WorldChangedError from error  # a colleague asked at the same moment: run again, and theirs is seen
    link = issue_link(session, ASK_NUMBER, asked.id)
    audit.record(
        session,
        "access:facts:ask",
        subject_id=asked.id,
        organisation_id=asked.organisation_id,
        details={
            "request": asked.request_id,
            "affiliation": asked.affiliation_id,
            "mandate": asked.mandate_id,
            **dict.fromkeys(asked.facts, True),
        },
    )
    put_mail(
        session,
        "facts_asked",
        recipient.email,
        key=f"facts:{asked.id}",
        language=recipient.language,
        facts={"organisation_name": asker.organisation.name, "application_code": recipient.application_code},
        link=link.reference(),
        subject_id=asked.id,
    )
    return asked.id


@dataclass(frozen=True, slots=True)
class _Recipient:
    email: str
    language: str
    may_ask_number: bool
    application_code: str | None = None


def _checked(reasons: Mapping[str, str]) -> dict[str, str]:
    wrong: dict[str, Text] = {}
    checked: dict[str, str] = {}
    for fact in FACTS:
        if fact not in reasons:
            continue
        try:
            checked[fact] = clean_line(reasons[fact], REASON_LENGTH)
        except IdentifierError as error:
            wrong[fact] = error.text
        if fact not in wrong and not checked[fact]:
            wrong[fact] = REASON_MISSING
    if wrong or not checked:
        first = next(iter(wrong.values()), CHOOSE_SOMETHING)
        raise InvalidError("question_bad", first, wrong or {FACTS[0]: CHOOSE_SOMETHING})
    return checked


def _limit(session: Session, actor: uuid.UUID) -> None:
    session.scalar(to_change(select(Person.id).where(Person.id == actor)))  # one question of an administrator at a time
    asked = session.scalar(
        select(func.count())
        .select_from(AskedFacts)
        .where(AskedFacts.asked_by == actor, AskedFacts.asked_at > clock.now() - timedelta(days=1))
    )
    if (asked or 0) >= QUESTIONS_A_DAY:
        raise TooManyError("too_many_questions", TOO_MANY, retry_after=86400)


def _of_request(session: Session, actor: uuid.UUID, asker: Asker) -> _Recipient:
    request = session.scalars(to_depend_on(select(AccessRequest).where(AccessRequest.id == asker.request_id))).one()
    if request.status != OPEN:
        raise ConflictError("request_over", OVER)
    if request.person_id == actor:
        raise ForbiddenError("not_for_yourself", NOT_OF_YOURSELF)
    return _Recipient(
        request.email,
        request.language,
        may_ask_number=number_lacks_on_request(request),
        application_code=request.application_code,
    )


def _of_job(session: Session, actor: uuid.UUID, asker: Asker) -> _Recipient:
    job = session.scalars(to_depend_on(select(Affiliation).where(Affiliation.id == asker.affiliation_id))).one()
    person = session.get_one(Person, job.person_id)
    if job.ended_at is not None:
        raise ConflictError("affiliation_over", OVER)
    if person.id == actor:
        raise ForbiddenError("not_for_yourself", NOT_OF_YOURSELF)
    email = job.email or person.proved_email
    if email is None:
        raise ConflictError("no_address", NO_ADDRESS)
    return _Recipient(email, person.language, may_ask_number=number_lacks_of_person(person))


def number_lacks_on_request(request: AccessRequest) -> bool:
    """Nobody gave a number with it; one that the link brought may be asked again (mistyped)."""
    return request.identity_source != DIGITAL_KEY and request.number_masked is None


def number_lacks_of_person(person: Person) -> bool:
    """Nothing is left to ask once somebody is known by number or digital key."""
    return person.state == "unlinked" and person.number_hash is None


def _replace(session: Session, actor: uuid.UUID, asker: Asker) -> None:
    same = (
        AskedFacts.request_id == asker.request_id
        if asker.request_id
        else AskedFacts.affiliation_id == asker.affiliation_id
    )
    earlier = session.scalar(to_change(select(AskedFacts).where(same, AskedFacts.closed_at.is_(None))))
    if earlier is None:
        return
    now = clock.now()
    of_colleague = earlier.asked_by != actor and (earlier.waits_at(now) or earlier.readable_at(now))
    if of_colleague and still_asks(session, earlier):
        raise ConflictError("asked_already", ASKED_ALREADY)
    close_asked(session, earlier, REPLACED)
    session.flush()


REASON_MISSING = Text("Schrijf waarom u dit vraagt", "Write why you ask this")
CHOOSE_SOMETHING = Text("Kies wat u wilt vragen", "Choose what you want to ask")
NUMBER_KNOWN = Text("Dit nummer is al bekend of niet meer nodig", "This number is known already, or no longer needed")
TOO_MANY = Text(
    "U vroeg vandaag al tien keer gegevens. Morgen kunt u weer vragen.",
    "You asked for data ten times today. You can ask again tomorrow.",
)
OVER = Text("Deze vraag of werkrelatie is al afgelopen.", "This request or affiliation is over already.")
NOT_OF_YOURSELF = Text("U kunt niets aan uzelf vragen.", "You cannot ask anything of yourself.")
NO_ADDRESS = Text(
    "Van deze persoon kennen wij geen e-mailadres. Vul er eerst een in.",
    "We know no email address of this person. Fill one in first.",
)
ASKED_ALREADY = Text(
    "Een collega vroeg deze gegevens al. Alleen die collega ziet het antwoord.",
    "A colleague asked for this already. Only that colleague sees the answer.",
)
