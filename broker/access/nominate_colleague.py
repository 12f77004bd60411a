"""nominate_colleague: who works in an application asks for an account for a colleague, at the local administrator of that
colleague's organisation (seed-sentences M11). It becomes a task there, like another.

Only somebody whose own right in the application counts now, for an application that takes user names and passwords, and so many at
a time. The answer says nothing of who works there or administers there (threats SR3). Owns also who may ask, and where. Nothing is
given by it: an administrator adds the person (`add_colleague`), or says no (`decide_nomination`).
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.add_colleague import EMAIL_MISSING
from broker.access.decision import cleaned_reason, lock_organisation
from broker.access.explain_direct import rights_offered
from broker.access.grant import Grant
from broker.access.live_rights import grant_state, label_join
from broker.access.mandate_over import ORGANISATION_ENDED
from broker.access.nomination import Nomination
from broker.access.open_task import open_nomination_task
from broker.catalogue import Application
from broker.database import to_change
from broker.errors import ConflictError, InvalidError, NotFoundError, TooManyError
from broker.installation import Installation
from broker.people.add_person import NewPerson, checked_person
from broker.people.identifiers import email_for_limits
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text

AT_ONCE = 5
A_DAY = 20


@dataclass(frozen=True, slots=True)
class NamedColleague:
    """What was typed: who needs an account, and why."""

    given_name: str
    family_name: str
    email: str
    note: str


def own_right_in(
    session: Session, installation: Installation, actor: uuid.UUID, code: str
) -> tuple[Application, Grant]:
    """The application of that code, and a right of `actor` in it that counts now, the oldest.

    Raises:
        NotFoundError: no such application, it takes no user names and passwords, or `actor` has no right there: the same answer.
    """
    application = next((each for each in installation.catalogue.with_local_accounts() if each.code == code), None)
    if application is None:
        raise NotFoundError("application_unknown")
    now = clock.now()
    rows = session.execute(
        label_join(now)
        .where(Grant.person_id == actor, Grant.application_code == code, Grant.not_over(now))
        .order_by(Grant.given_at, Grant.id)
    )
    for row in rows:
        if grant_state(*row, catalogue=installation.catalogue, instant=now) == "active":
            return application, row[0]
    raise NotFoundError("application_unknown")


def offers_account(application: Application, organisation: Organisation) -> bool:
    """Whether somebody of this kind of organisation may have anything in the application."""
    return bool(rights_offered(application, organisation))


def nominate_colleague(
    session: Session,
    installation: Installation,
    actor: uuid.UUID,
    application_code: str,
    organisation_id: uuid.UUID,
    named: NamedColleague,
) -> None:
    """Put it before the administrators of that organisation. The same colleague named again meanwhile changes nothing.

    Raises:
        NotFoundError: as `own_right_in`; or an organisation that may not use the application.
        InvalidError: with every field that cannot be used.
        ConflictError: the organisation ended.
        TooManyError: too many of theirs wait, or they named enough people today.
    """
    application, _grant = own_right_in(session, installation, actor, application_code)
    checked = _checked(named, test_domains=installation.settings.development)
    organisation = lock_organisation(session, organisation_id)
    if organisation is None or not offers_account(application, organisation):
        raise NotFoundError("organisation_unknown")
    if not organisation.living:
        raise ConflictError("organisation_ended", ORGANISATION_ENDED)
    session.scalar(to_change(select(Person).where(Person.id == actor)))  # one of theirs at a time
    _application, grant = own_right_in(session, installation, actor, application_code)
    if _named_already(session, actor, organisation, application, checked):
        return
    _count(session, actor)
    nomination = Nomination(
        id=uuid.uuid4(),
        application_code=application.code,
        organisation_id=organisation.id,
        nominated_by=actor,
        grant_id=grant.id,
        given_name=checked.given_name,
        family_name=checked.family_name,
        email=checked.email,
        note=checked.note,
        created_at=clock.now(),
    )
    session.add(nomination)
    session.flush()
    audit.record(
        session,
        "access:account:nominate",
        subject_id=nomination.id,
        organisation_id=organisation.id,
        details={"application": application.code},
    )
    open_nomination_task(session, installation, nomination, organisation)


def _checked(named: NamedColleague, *, test_domains: bool) -> NamedColleague:
    """With every field in the form in which it is kept, or every one that cannot be used."""
    wrong: dict[str, Text] = {}
    note, given_name, family_name, email = "", "", "", None
    typed = NewPerson(given_name=named.given_name, family_name=named.family_name, email=named.email)
    try:
        person = checked_person(typed, test_domains=test_domains)
        given_name, family_name, email = person.given_name, person.family_name, person.email
    except InvalidError as error:
        wrong |= error.fields
    if not named.email.strip():
        wrong["email"] = EMAIL_MISSING
    try:
        note = cleaned_reason(named.note, required=False)
    except InvalidError as error:
        wrong["note"] = error.text
    if not note:
        wrong.setdefault("note", SAY_WHY)
    if wrong or email is None:
        raise InvalidError("nomination_invalid", next(iter(wrong.values())), wrong)
    return NamedColleague(given_name, family_name, email, note)


def _named_already(
    session: Session, actor: uuid.UUID, organisation: Organisation, application: Application, checked: NamedColleague
) -> bool:
    open_ones = session.scalars(
        select(Nomination.email).where(
            Nomination.nominated_by == actor,
            Nomination.organisation_id == organisation.id,
            Nomination.application_code == application.code,
            Nomination.settled_at.is_(None),
        )
    )
    return email_for_limits(checked.email) in {email_for_limits(each) for each in open_ones}


def _count(session: Session, actor: uuid.UUID) -> None:
    theirs = select(func.count()).select_from(Nomination).where(Nomination.nominated_by == actor)
    if (session.scalar(theirs.where(Nomination.settled_at.is_(None))) or 0) >= AT_ONCE:
        raise TooManyError("too_many_nominations", TOO_MANY_WAIT, retry_after=3600)
    since = clock.now() - timedelta(days=1)
    if (session.scalar(theirs.where(Nomination.created_at > since)) or 0) >= A_DAY:
        raise TooManyError("too_many_nominations", TOO_MANY_TODAY, retry_after=86400)


SAY_WHY = Text("Schrijf waarvoor, in één zin.", "Write what for, in one sentence.")
TOO_MANY_WAIT = Text(
    "Er wachten al vijf vragen van u. Wacht tot een beheerder ze bekeken heeft.",
    "Five requests of yours are waiting already. Wait until an administrator has looked at them.",
)
TOO_MANY_TODAY = Text(
    "U vroeg vandaag al veel accounts. Probeer het morgen opnieuw.",
    "You asked for many accounts today. Please try again tomorrow.",
)
