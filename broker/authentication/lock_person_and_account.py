"""lock_person_and_account: a local account and its person, held in the one order (lifecycles §13): the person first.

Owns that order. What the caller knew before is read again; whether the account still lives is for the caller to ask.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.database import to_change
from broker.people.local_account import LocalAccount
from broker.people.person import Person


def lock_person_and_account(
    session: Session, person_id: uuid.UUID, account_id: uuid.UUID
) -> tuple[Person, LocalAccount]:
    """Both, held until the transaction ends."""
    person = session.scalars(to_change(select(Person).where(Person.id == person_id))).one()
    account = session.scalars(to_change(select(LocalAccount).where(LocalAccount.id == account_id))).one()
    return person, account
