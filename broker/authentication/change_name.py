"""change_name: somebody with a local account writes their name anew (seed 004, Mijn profiel: "uw naam zien en wijzigen").

An administrator vouched for the name, so the administrators of every organisation that the person works for hear that it changed,
and read the new one on the page of the person: what somebody typed goes in no mail to others (threats SR1). The page asks for the
password, and for a code of a moment ago. Of somebody with a digital key the key says the name. Three times in thirty days.
"""

import uuid
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.audit.count_events import count_events
from broker.authentication.browser_session import BrowserSession
from broker.authentication.change_password import lock_account
from broker.authentication.tell_holder import tell_holder
from broker.errors import InvalidError, TooManyError
from broker.notifications import put_mail
from broker.people.affiliation import Affiliation
from broker.people.identifiers import IdentifierError, clean_line, mixes_scripts
from broker.people.living_mandates import pool_members
from broker.people.mandate import organisation_scope
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text

EVENT = "authentication:name:change"
SO_OFTEN, SO_LONG = 3, timedelta(days=30)


def change_name(session: Session, account_id: uuid.UUID, seen: str, given_name: str, family_name: str) -> None:
    """Write it, on the person and on the sessions that are open.

    Raises:
        ConflictError: as `change_password`.
        InvalidError: with every field that cannot be used; or it is the name that they have.
        TooManyError: they changed it often enough.
    """
    checked = _checked(given_name, family_name)
    account = lock_account(session, account_id, seen)
    person = session.get_one(Person, account.person_id)
    before = person.full_name
    if (person.given_name, person.family_name) == checked:
        raise InvalidError("name_unchanged", UNCHANGED, {"family_name": UNCHANGED})
    if count_events(session, EVENT, person.id, clock.now() - SO_LONG) >= SO_OFTEN:
        raise TooManyError("too_many_names", TOO_OFTEN, retry_after=int(SO_LONG.total_seconds()))
    person.given_name, person.family_name = checked
    session.execute(
        update(BrowserSession)
        .where(BrowserSession.person_id == person.id, BrowserSession.ended_at.is_(None))
        .values(given_name=checked[0], family_name=checked[1])
    )
    session.flush()
    event = audit.record(session, EVENT, subject_id=person.id)
    tell_holder(session, person, "name_changed", str(event.id))
    _tell_administrators(session, person, before, str(event.id))


def _checked(given_name: str, family_name: str) -> tuple[str, str]:
    wrong: dict[str, Text] = {}

    def name(field: str, typed: str, missing: Text) -> str:
        try:
            line = clean_line(typed)
        except IdentifierError as error:
            wrong[field] = error.text
            return ""
        if not any(sign.isalpha() for sign in line):
            wrong[field] = missing
        elif mixes_scripts(line):
            wrong[field] = ONE_SCRIPT
        return line

    checked = (
        name("given_name", given_name, GIVEN_NAME_MISSING),
        name("family_name", family_name, FAMILY_NAME_MISSING),
    )
    if wrong:
        raise InvalidError("name_wrong", next(iter(wrong.values())), wrong)
    return checked


def _tell_administrators(session: Session, person: Person, before: str, key: str) -> None:
    rows = session.execute(
        select(Affiliation, Organisation)
        .join(Organisation, Organisation.id == Affiliation.organisation_id)
        .where(
            Affiliation.person_id == person.id,
            Affiliation.holds(clock.now()),
            Affiliation.entered_family_name.is_(None),  # there the name is still the one that was typed
            Organisation.ended_at.is_(None),
        )
        .order_by(Organisation.id)
    ).all()
    for job, organisation in rows:
        for member in pool_members(session, organisation_scope(organisation.id)):
            if member.email is None or member.person_id == person.id:
                continue
            put_mail(
                session,
                "name_told",
                member.email,
                key=f"name:{key}:{organisation.id}",
                language=member.language,
                facts={
                    "organisation_name": organisation.name,
                    "person_name": before,
                    "affiliation_id": str(job.id),
                    "since": clock.now().isoformat(),
                    "given_name": member.given_name,
                },
                subject_id=person.id,
            )


GIVEN_NAME_MISSING = Text("Vul uw voornaam in.", "Fill in your first name.")
FAMILY_NAME_MISSING = Text("Vul uw familienaam in.", "Fill in your surname.")
ONE_SCRIPT = Text("Schrijf uw naam in één soort letters.", "Write your name in one kind of letters.")
UNCHANGED = Text("Zo staat uw naam er al.", "That is your name already.")
TOO_OFTEN = Text(
    "U wijzigde uw naam al drie keer in dertig dagen. Vraag het aan uw lokale beheerder, of probeer het later opnieuw.",
    "You changed your name three times in thirty days already. Ask your local administrator, or try again later.",
)
