"""raise_number_hashes: bring look-up hashes of numbers to the newest key, from what the rows hold (threats RE4, decisions 4).

The number itself is erased once a person is linked, so the hash is layered: v2 = HMAC(k2, v1). Run by the worker; safe to repeat.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit
from broker.installation import Installation
from broker.keys import Keys
from broker.people.person import Person
from broker.people.person_number import PersonNumber

AT_ONCE = 200


def raise_number_hashes(session: Session, installation: Installation) -> int:
    """Raise at most two hundred hashes of persons, and as many of earlier numbers; how many were raised."""
    keys = installation.keys
    raised = _raise(session, keys, Person) + _raise(session, keys, PersonNumber)
    if raised:
        audit.record(session, "people:person:raise_hashes", details={"count": raised, "key": keys.newest})
    return raised


def _raise(session: Session, keys: Keys, table: type[Person] | type[PersonNumber]) -> int:
    older = [key_id for key_id in keys.secrets if key_id != keys.newest]
    rows: list[Person | PersonNumber] = list(
        session.scalars(
            select(table)
            .where(table.number_hash_version.in_(older))
            .order_by(table.id)
            .limit(AT_ONCE)
            .with_for_update(key_share=True)
        )
    )
    for row in rows:
        assert row.number_hash_version is not None
        assert row.number_hash is not None
        row.number_hash_version, row.number_hash = keys.raised_lookup_hash(row.number_hash_version, row.number_hash)
    return len(rows)
