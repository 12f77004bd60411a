"""know_number: somebody who was added without a rijksregisternummer is known by one from now on.

Part of the operations that learn it; the caller holds the person. The number is sealed and a keyed hash, as when it is entered
with the person (`add_person`), and erased at the first sign-in. Does not own whose word it is: it ties nothing to anybody before a
digital key with that number signs in under the name that was entered (threats DG6).
"""

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from broker.database import WorldChangedError
from broker.keys import Keys
from broker.people.find_person import find_person_by_number
from broker.people.person import Person


def know_number(session: Session, keys: Keys, person: Person, number: str) -> bool:
    """Whether `person` is known by it now; not where they have one, or it is somebody else's, of which nobody is told (DG2)."""
    if person.state != "unlinked" or person.number_hash is not None:
        return False
    if find_person_by_number(session, keys, number) is not None:
        return False
    person.number_hash_version, person.number_hash = keys.lookup_hash(number)
    person.number_sealed = keys.seal(number, f"persons.number_sealed:{person.id}")
    try:
        session.flush()
    except IntegrityError as error:
        raise WorldChangedError from error  # entered somewhere else at this moment: run again, and it is seen
    return True
