"""link_identity: find out which Person a proved sign-in belongs to (lifecycles §7).

Owns: the table of known and unknown (issuer, subject) and number, and what linking does to the person's data. Does not
own how the sign-in was proved, nor the session that follows (authentication/). An e-mail address is no part of it
(threats UP5).

| (issuer, subject) | number           | outcome                                                                  |
|-------------------|------------------|--------------------------------------------------------------------------|
| known             | same or none     | that Person                                                              |
| known             | new, free        | that Person, renumbered                                                  |
| known A           | known B          | refused, `identity_conflict`; the operator ends one, with evidence       |
| unknown           | known            | linked; or doubted, where the name differs from the one typed or entered |
| unknown           | free or none     | a new Person without rights                                              |
"""

import uuid
from dataclasses import dataclass, field

from sqlalchemy import select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.catalogue import Catalogue
from broker.database import violated_constraint
from broker.errors import BusyError, ConflictError
from broker.installation import Installation
from broker.notifications import put_mail
from broker.people.end_local_account import LINKED, end_local_account
from broker.people.identifiers import same_name
from broker.people.identity_link import IdentityLink
from broker.people.person import Person
from broker.people.person_number import PersonNumber
from broker.text import Text

ASSERTS_NAME = "name"
ASSERTS_NUMBER = "national_number"

_ATTEMPTS = 3
_UNPROVED = ("typed", "entered")
_RACES: dict[str, tuple[str, ...]] = {
    "uq_identity_links_living": ("identity_links.issuer", "identity_links.subject"),
    "uq_persons_number": ("persons.number_hash_version", "persons.number_hash"),
    "uq_person_numbers_number": ("person_numbers.number_hash_version", "person_numbers.number_hash"),
}

IDENTITY_CONFLICT = Text(
    "Uw digitale sleutel en uw rijksregisternummer horen bij ons niet bij dezelfde persoon.",
    "Your digital key and your national register number do not belong to the same person here.",
)


@dataclass(frozen=True, slots=True)
class UpstreamIdentity:
    """What a provider proved. `number` (11 digits) and the names count only where the policy lets the provider assert
    them.

    `level` is that of domain-facts §1.5. `language` is the one a new Person starts with.
    """

    provider_code: str
    issuer: str
    subject: str
    given_name: str
    family_name: str
    number: str | None = field(repr=False)
    level: int
    language: str = "nl"


@dataclass(frozen=True, slots=True)
class LinkOutcome:
    """The Person, whether a link was made just now, and the Person's state: only `matched` may sign in."""

    person_id: uuid.UUID
    newly_linked: bool
    state: str


def link_identity(session: Session, installation: Installation, identity: UpstreamIdentity) -> LinkOutcome:
    """The Person that `identity` belongs to, linked, renumbered or made where the table says so.

    Of two first sign-ins at once one writes, the other reads what was written (threats UP6).

    Raises:
        ConflictError: `identity_conflict`, link and number point to different persons.
        BusyError: others kept changing the same persons.
    """
    number = usable_number(installation.catalogue, identity)
    for _ in range(_ATTEMPTS):
        try:
            with session.begin_nested():
                outcome = _Linking(session, installation, identity, number).outcome()
        except IntegrityError as error:
            if violated_constraint(error, _RACES) is None:
                raise
            continue
        if outcome is not None:
            return outcome
    raise BusyError


def usable_number(catalogue: Catalogue, identity: UpstreamIdentity) -> str | None:
    """The number, where this provider may assert one and the person proved it as strongly as that takes (threats UP3)."""
    provider = catalogue.identity_providers[identity.provider_code]
    believed = ASSERTS_NUMBER in provider.asserts and identity.level >= provider.number_from
    return identity.number if believed else None


class _Linking:
    """One attempt, inside a savepoint."""

    def __init__(
        self, session: Session, installation: Installation, identity: UpstreamIdentity, number: str | None
    ) -> None:
        self.session = session
        self.identity = identity
        self.hashes = installation.keys.lookup_hashes(number) if number else {}
        self.newest = installation.keys.newest
        provider = installation.catalogue.identity_providers[identity.provider_code]
        self.name_verified = ASSERTS_NAME in provider.asserts

    def outcome(self) -> LinkOutcome | None:
        """The outcome; None when somebody changed the rows between finding and locking them."""
        found = self._owners()
        people = self._locked({each for each in found if each})
        if self._owners() != found:
            return None
        linked, numbered = (people.get(each) if each else None for each in found)
        if linked is not None:
            return self._known(linked, numbered)
        if numbered is not None:
            return self._first_sign_in(numbered)
        return self._stranger()

    def _owners(self) -> tuple[uuid.UUID | None, uuid.UUID | None]:
        """Ids of the persons that the link and the number belong to, read without a lock."""
        by_link = self.session.scalar(
            select(IdentityLink.person_id).where(
                IdentityLink.issuer == self.identity.issuer,
                IdentityLink.subject == self.identity.subject,
                IdentityLink.ended_at.is_(None),
            )
        )
        return by_link, self._owner_of_number()

    def _owner_of_number(self) -> uuid.UUID | None:
        if not self.hashes:
            return None
        wanted = list(self.hashes.items())
        now_theirs = self.session.scalar(
            select(Person.id).where(
                tuple_(Person.number_hash_version, Person.number_hash).in_(wanted), Person.merged_into_id.is_(None)
            )
        )
        return now_theirs or self.session.scalar(
            select(PersonNumber.person_id).where(
                tuple_(PersonNumber.number_hash_version, PersonNumber.number_hash).in_(wanted)
            )
        )

    def _locked(self, ids: set[uuid.UUID]) -> dict[uuid.UUID, Person]:
        if not ids:
            return {}
        rows = self.session.scalars(
            select(Person)
            .where(Person.id.in_(ids))
            .order_by(Person.id)
            .with_for_update(key_share=True, of=Person)
            .execution_options(populate_existing=True)
        )
        return {person.id: person for person in rows}

    def _known(self, person: Person, numbered: Person | None) -> LinkOutcome:
        if numbered is not None and numbered.id != person.id:
            raise ConflictError(
                "identity_conflict", IDENTITY_CONFLICT, person_id=str(person.id), other_id=str(numbered.id)
            )
        if self.hashes and numbered is None:
            self._renumber(person)
        self._raise_hash(person)
        self._take_name(person)
        self.session.flush()
        return LinkOutcome(person.id, newly_linked=False, state=person.state)

    def _renumber(self, person: Person) -> None:
        first = person.number_hash is None
        if person.number_hash is not None and person.number_hash_version is not None:
            earlier = PersonNumber(
                person_id=person.id,
                number_hash=person.number_hash,
                number_hash_version=person.number_hash_version,
                replaced_at=clock.now(),
            )
            self.session.add(earlier)
        self._set_number(person)
        event = audit.record(
            self.session,
            "people:person:renumber",
            subject_id=person.id,
            details={"provider": self.identity.provider_code, "first": first},
        )
        if not first and person.proved_email:
            put_mail(
                self.session,
                "number_changed",
                person.proved_email,
                key=str(event.id),
                language=person.language,
                facts={"given_name": person.given_name or None, "since": clock.now().isoformat()},
                subject_id=person.id,
            )

    def _first_sign_in(self, person: Person) -> LinkOutcome:
        """Somebody whom an administrator entered, or who typed their number, stands at the gate for the first time."""
        if person.name_source in _UNPROVED and not self._same_name(person):
            return self._doubt(person)
        self._link(person)
        return LinkOutcome(person.id, newly_linked=True, state=person.state)

    def _same_name(self, person: Person) -> bool:
        verified = f"{self.identity.given_name} {self.identity.family_name}"
        return self.name_verified and same_name(person.full_name, verified)

    def _doubt(self, person: Person) -> LinkOutcome:
        """Perhaps a mistyped number (threats DG6): nothing is linked and nothing starts until somebody has looked."""
        if person.state != "doubted":
            person.state = "doubted"
            audit.record(
                self.session,
                "people:person:doubt",
                subject_id=person.id,
                details={"provider": self.identity.provider_code},
            )
            self.session.flush()
        return LinkOutcome(person.id, newly_linked=False, state=person.state)

    def _link(self, person: Person) -> None:
        """Make the link. What others wrote about the person loses its force: they could be anybody's (threats DG7)."""
        person.state = "matched"
        person.number_sealed = None
        if person.email_source in _UNPROVED:
            person.email = person.email_source = None
        if person.phone_source in _UNPROVED:
            person.phone = person.phone_source = None
        end_local_account(self.session, person.id, LINKED)
        self._raise_hash(person)
        self._take_name(person)
        self._add_link(person)

    def _stranger(self) -> LinkOutcome:
        person = Person(
            id=uuid.uuid4(),
            given_name=self.identity.given_name,
            family_name=self.identity.family_name,
            name_source="verified" if self.name_verified else "typed",
            language=self.identity.language,
            state="matched",
            created_at=clock.now(),
        )
        if self.hashes:
            self._set_number(person)
        self.session.add(person)
        self.session.flush()
        self._add_link(person)
        return LinkOutcome(person.id, newly_linked=True, state=person.state)

    def _add_link(self, person: Person) -> None:
        link = IdentityLink(
            person_id=person.id,
            provider_code=self.identity.provider_code,
            issuer=self.identity.issuer,
            subject=self.identity.subject,
            linked_at=clock.now(),
        )
        self.session.add(link)
        self.session.flush()
        audit.record(
            self.session,
            "people:person:link",
            subject_id=person.id,
            details={"provider": self.identity.provider_code, "by_number": bool(self.hashes)},
        )

    def _take_name(self, person: Person) -> None:
        if self.name_verified:
            person.given_name, person.family_name = self.identity.given_name, self.identity.family_name
            person.name_source = "verified"

    def _set_number(self, person: Person) -> None:
        person.number_hash_version, person.number_hash = self.newest, self.hashes[self.newest]

    def _raise_hash(self, person: Person) -> None:
        """A sign-in brings the hash to the newest key (decisions 4); an earlier number stays where it is."""
        version = person.number_hash_version
        if version is not None and version != self.newest and self.hashes.get(version) == person.number_hash:
            self._set_number(person)
