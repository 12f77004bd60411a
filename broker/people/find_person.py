"""find_person_by_number: the person who has a rijksregisternummer, or had it before. Read-only."""

from collections.abc import Mapping

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from broker.keys import Keys
from broker.people.person import Person
from broker.people.person_number import PersonNumber


def find_person_by_number(session: Session, keys: Keys, number: str) -> Person | None:
    """The living person who has or had this number (11 digits), hashed under whatever version of the look-up key."""
    return find_person_by_hashes(session, keys.lookup_hashes(number))


def find_person_by_hashes(session: Session, by_version: Mapping[str, str]) -> Person | None:
    """The living person who has or had the number with these look-up hashes, by version; one statement, found or not."""
    hashes = by_version.items()
    now_theirs = [and_(Person.number_hash_version == version, Person.number_hash == value) for version, value in hashes]
    once_theirs = [
        and_(PersonNumber.number_hash_version == version, PersonNumber.number_hash == value)
        for version, value in hashes
    ]
    earlier = select(PersonNumber.person_id).where(or_(*once_theirs))
    return session.scalar(
        select(Person)
        .where(Person.merged_into_id.is_(None), or_(*now_theirs, Person.id.in_(earlier)))
        .order_by(Person.created_at)
        .limit(1)
    )
