"""add_person: an administrator or the operator enters somebody, who need not have signed in yet.

Owns: what may be entered and under whose word it stands (`entered`), and finding back whoever has the number already.
Does not own linking to a digital key (`link_identity`).
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.database import violated_constraint
from broker.errors import ConflictError, InvalidError
from broker.installation import Installation
from broker.people.add_affiliation import JobContact, add_affiliation
from broker.people.find_person import find_person_by_number
from broker.people.identifiers import IdentifierError, clean_line, email_address, national_number, phone_number
from broker.people.person import Person
from broker.text import Text

_UNIQUE_NUMBER: dict[str, tuple[str, ...]] = {
    "uq_persons_number": ("persons.number_hash_version", "persons.number_hash")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """What was filled in, as it was typed. `email_source` is entered, or proved where a link showed that the person
    reads it."""

    given_name: str
    family_name: str
    number: str | None = None
    email: str | None = None
    email_source: str = "entered"
    phone: str | None = None
    language: str = "nl"


def add_person(
    session: Session,
    installation: Installation,
    actor: uuid.UUID | None,
    new: NewPerson,
    organisation_id: uuid.UUID | None = None,
) -> Person:
    """The person of `new`, working for `organisation_id` where one is given.

    Somebody known by that number is that person, and keeps the name and the own address that we have: what was
    entered then stands on the affiliation only (threats DG2, DG8). A new person is `unlinked` until a digital key
    with that number signs in; the number is kept sealed until then, and as a keyed hash.

    Raises:
        InvalidError: with every field that cannot be used.
        NotFoundError, ConflictError: as `add_affiliation`; or somebody added the same number at the same moment.
    """
    checked = checked_person(new, test_domains=installation.settings.development)
    person = find_person_by_number(session, installation.keys, checked.number) if checked.number else None
    if person is None:
        person = _add(session, installation, checked)
    elif person.state == "unlinked" and person.email is None and checked.email:
        person.email, person.email_source = checked.email, checked.email_source
    if organisation_id is not None:
        contact = JobContact(email=checked.email, email_source=checked.email_source, phone=checked.phone)
        add_affiliation(session, installation, actor, person.id, organisation_id, contact)
    return person


def _add(session: Session, installation: Installation, checked: NewPerson) -> Person:
    person = Person(
        id=uuid.uuid4(),
        given_name=checked.given_name,
        family_name=checked.family_name,
        name_source="entered",
        email=checked.email,
        email_source=checked.email_source if checked.email else None,
        phone=checked.phone,
        phone_source="entered" if checked.phone else None,
        language=checked.language,
        state="unlinked",
        created_at=clock.now(),
    )
    if checked.number:
        keys = installation.keys
        person.number_hash_version, person.number_hash = keys.lookup_hash(checked.number)
        person.number_sealed = keys.seal(checked.number, f"persons.number_sealed:{person.id}")
    session.add(person)
    try:
        session.flush()
    except IntegrityError as error:
        if violated_constraint(error, _UNIQUE_NUMBER) is None:
            raise
        raise ConflictError(
            "person_added_at_once",
            Text(
                "Iemand anders voegde deze persoon net toe. Probeer opnieuw.",
                "Somebody else just added this person. Please try again.",
            ),
        ) from error
    audit.record(session, "people:person:add", subject_id=person.id, details={"with_number": bool(checked.number)})
    return person


def checked_person(new: NewPerson, *, test_domains: bool) -> NewPerson:
    """`new` with every field in the form in which it is kept.

    Raises:
        InvalidError: with every field that cannot be used.
    """
    wrong: dict[str, Text] = {}

    def check(field: str, value: str | None, normalise: Callable[[str], str]) -> str | None:
        if value is None or not value.strip():
            return None
        try:
            return normalise(value)
        except IdentifierError as error:
            wrong[field] = error.text
            return None

    given_name = check("given_name", new.given_name, clean_line)
    family_name = check("family_name", new.family_name, clean_line)
    number = check("number", new.number, national_number)
    email = check("email", new.email, lambda typed: email_address(typed, test_domains=test_domains))
    phone = check("phone", new.phone, phone_number)
    if given_name is None:
        wrong.setdefault("given_name", Text("Vul de voornaam in.", "Fill in the first name."))
    if family_name is None:
        wrong.setdefault("family_name", Text("Vul de familienaam in.", "Fill in the surname."))
    if new.language not in ("nl", "en"):
        wrong["language"] = Text("Kies nl of en.", "Choose nl or en.")
    if new.email_source not in ("entered", "proved"):
        wrong["email_source"] = Text("Kies entered of proved.", "Choose entered or proved.")
    if wrong or given_name is None or family_name is None:
        raise InvalidError(
            "person_invalid",
            Text("Deze persoon kan zo niet worden bewaard.", "This person cannot be kept like this."),
            wrong,
        )
    return NewPerson(
        given_name=given_name,
        family_name=family_name,
        number=number,
        email=email,
        email_source=new.email_source,
        phone=phone,
        language=new.language,
    )
