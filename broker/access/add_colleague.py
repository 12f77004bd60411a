"""add_colleague: an administrator adds somebody to their organisation by number (seed 002: "Nieuwe persoon toevoegen").

The answer is the same for somebody we know and somebody new (threats DG2): the organisation sees the name that was typed, and
nothing that stands on the job counts until that person signs in and the name is theirs (DG6). Whoever is added is told by whom.
Counts as a look-up (DG3). Contact data stands on the job only (DG8).
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from broker import clock
from broker.access.decide_nomination import answer_by_adding
from broker.access.explain_direct import rights_offered
from broker.access.invite_colleague import send_invitation
from broker.access.load_case import somebody
from broker.access.mandate_over import lock_mandate_over
from broker.access.rules.not_for_yourself import same_human
from broker.access.works_here_already import refuse_who_works_here
from broker.catalogue import Catalogue
from broker.database import WorldChangedError, to_change
from broker.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from broker.installation import Installation
from broker.people.add_affiliation import JobContact, add_affiliation
from broker.people.add_local_account import add_local_account
from broker.people.add_person import NewPerson, add_person, checked_person
from broker.people.affiliation import Affiliation
from broker.people.find_person import find_person_by_number
from broker.people.identifiers import IdentifierError
from broker.people.look_up import count_look_ups, subject_key
from broker.people.mobile_number import mobile_number
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class NewColleague:
    """What the administrator typed. Without `number` a link in a mail says who it is (`invite_colleague`). `account_for`: the
    application for whose sake the person gets a local account, with `phone` as its mobile number, and no `number`.
    `answers_task`: the task by which somebody else asked for it (`nominate_colleague`); adding answers it."""

    given_name: str
    family_name: str
    number: str
    email: str
    phone: str | None = None
    language: str = "nl"
    account_for: str | None = None
    answers_task: uuid.UUID | None = None


def add_colleague(
    session: Session, installation: Installation, actor: uuid.UUID, organisation_id: uuid.UUID, new: NewColleague
) -> Affiliation:
    """The job of whoever has that number; one who works there already keeps theirs as it is.

    Raises:
        NotFoundError, ForbiddenError, ConflictError: as `lock_mandate_over`; or it is the administrator's own number; or the task
            that it answers was answered already, and nobody is added.
        InvalidError: with every field that cannot be used; or an account is asked for somebody who works there already.
        TooManyError: the administrator had their look-ups of this hour or day.
    """
    organisation = lock_mandate_over(session, actor, organisation_id)
    if new.account_for is not None and new.account_for not in account_applications(
        installation.catalogue, organisation
    ):
        raise NotFoundError("application_unknown")
    checked = _checked(installation, new)
    known = find_person_by_number(session, installation.keys, checked.number) if checked.number else None
    _lock_people(session, actor, known)
    _refuse_oneself(session, installation, actor, known)
    if new.account_for is not None:
        refuse_who_works_here(session, organisation.id, checked)
    # Without a number each is somebody new and brings a mail: the same address again counts again.
    looked_for = checked.number or f"{checked.email}:{uuid.uuid4()}"
    count_look_ups(session, actor, organisation, {subject_key(installation, actor, looked_for): bool(checked.number)})
    if new.answers_task is not None:
        answer_by_adding(session, actor, new.answers_task, organisation.id)
    here = _job_here(session, known, organisation)
    if here is not None:
        return here
    try:
        person = known or add_person(session, installation, actor, checked)
        contact = JobContact(email=checked.email, phone=checked.phone)
        affiliation = add_affiliation(session, installation, actor, person.id, organisation.id, contact)
    except (ConflictError, IntegrityError) as error:
        raise WorldChangedError from error
    affiliation.entered_given_name, affiliation.entered_family_name = checked.given_name, checked.family_name
    affiliation.entered_by = actor
    session.flush()
    if new.account_for is None:
        send_invitation(session, person, organisation, affiliation)
        return affiliation
    try:
        add_local_account(session, actor, person.id, new.account_for)
    except IntegrityError as error:  # the same user name, a moment ago
        raise WorldChangedError from error
    return affiliation


def account_applications(catalogue: Catalogue, organisation: Organisation) -> list[str]:
    """The applications of local accounts that organisations of this kind may use, by their code."""
    return [each.code for each in catalogue.with_local_accounts() if rights_offered(each, organisation)]


def _checked(installation: Installation, new: NewColleague) -> NewPerson:
    missing = {} if new.email.strip() else {"email": EMAIL_MISSING}
    number, phone = new.number, new.phone
    if new.account_for is not None:
        number = ""
        try:
            phone = mobile_number(new.phone or "")
        except IdentifierError as error:
            missing["phone"], phone = error.text, None
    typed = NewPerson(
        given_name=new.given_name,
        family_name=new.family_name,
        number=number,
        email=new.email,
        phone=phone,
        language=new.language,
    )
    try:
        checked = checked_person(typed, test_domains=installation.settings.development)
    except InvalidError as error:
        raise InvalidError(error.code, error.text, missing | error.fields) from error
    if missing:
        raise InvalidError("person_invalid", next(iter(missing.values())), missing)
    return checked


def _lock_people(session: Session, actor: uuid.UUID, known: Person | None) -> None:
    """The administrator, whose look-ups are counted, and the person: in one order."""
    ids = {actor, known.id if known else actor}
    session.scalars(to_change(select(Person).where(Person.id.in_(ids)).order_by(Person.id))).all()


def _refuse_oneself(session: Session, installation: Installation, actor: uuid.UUID, known: Person | None) -> None:
    if known is not None and same_human(somebody(session, actor), somebody(session, known.id)):
        raise ForbiddenError("not_for_yourself", YOUR_OWN_NUMBER)


def _job_here(session: Session, known: Person | None, organisation: Organisation) -> Affiliation | None:
    affiliation = session.scalar(
        select(Affiliation).where(
            Affiliation.person_id == (known.id if known else uuid.UUID(int=0)),
            Affiliation.organisation_id == organisation.id,
            Affiliation.ended_at.is_(None),
        )
    )
    return affiliation if affiliation is not None and affiliation.in_force(clock.now()) else None


EMAIL_MISSING = Text("Vul het e-mailadres op het werk in.", "Fill in the email address at work.")
YOUR_OWN_NUMBER = Text(
    "Dit is uw eigen nummer. Een collega-beheerder doet dat.",
    "This is your own number. A fellow administrator does that.",
)
