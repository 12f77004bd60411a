"""find_person_by_number: the person who has a rijksregisternummer, or had it before. Read-only."""

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from broker.keys import Keys
from broker.people.person import Person
from broker.people.person_number import PersonNumber

Key = TypeVar("Key", bound=Hashable)


def find_person_by_number(session: Session, keys: Keys, number: str) -> Person | None:
    """The living person who has or had this number (11 digits), hashed under whatever version of the look-up key."""
    return find_person_by_hashes(session, keys.lookup_hashes(number))


def find_person_by_hashes(session: Session, by_version: Mapping[str, str]) -> Person | None:
    """The living person who has or had the number with these look-up hashes, by version; one statement, found or not."""
    return session.scalar(_owners(by_version.items()).order_by(Person.created_at).limit(1))


def find_persons_by_hashes(session: Session, wanted: Mapping[Key, Mapping[str, str]]) -> dict[Key, Person]:
    """The same for several numbers at once, each under a key of the caller's; two statements, however many there are."""
    pairs = {pair for by_version in wanted.values() for pair in by_version.items()}
    if not pairs:
        return {}
    people = session.scalars(_owners(pairs).order_by(Person.created_at.desc())).all()
    owner = {(each.number_hash_version or "", each.number_hash or ""): each for each in people}
    by_id = {each.id: each for each in people}
    for earlier in session.scalars(select(PersonNumber).where(_once_theirs(pairs))):
        if earlier.person_id in by_id:
            owner.setdefault((earlier.number_hash_version, earlier.number_hash), by_id[earlier.person_id])
    found = {key: [owner[pair] for pair in by_version.items() if pair in owner] for key, by_version in wanted.items()}
    return {key: min(each, key=lambda person: person.created_at) for key, each in found.items() if each}


def _owners(pairs: Iterable[tuple[str, str]]) -> Select[Person]:
    listed = list(pairs)
    now_theirs = [and_(Person.number_hash_version == version, Person.number_hash == value) for version, value in listed]
    earlier = select(PersonNumber.person_id).where(_once_theirs(listed))
    return select(Person).where(Person.merged_into_id.is_(None), or_(*now_theirs, Person.id.in_(earlier)))


def _once_theirs(pairs: Iterable[tuple[str, str]]) -> ColumnElement[bool]:
    return or_(
        *(
            and_(PersonNumber.number_hash_version == version, PersonNumber.number_hash == value)
            for version, value in pairs
        )
    )
