"""settle_leavers: whoever works nowhere any more, and kept a local account for a mandate or a request that has ended since, or
whose organisation is no more (`end_account_of_leaver`). Run by the worker; each a transaction of its own.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.access.end_account_of_leaver import end_account_of_leaver, has_business
from broker.database import to_change
from broker.people.affiliation import Affiliation
from broker.people.local_account import LocalAccount
from broker.people.organisation import Organisation
from broker.people.person import Person

AT_ONCE = 100


def leavers(session: Session) -> list[uuid.UUID]:
    """People with a living account who had a job and have nothing left, at most a hundred, by id."""
    person_id = LocalAccount.person_id
    worked = select(Affiliation.id).where(Affiliation.person_id == person_id).exists()
    return list(
        session.scalars(
            select(person_id)
            .where(LocalAccount.ended_at.is_(None), worked, ~has_business(person_id))
            .order_by(person_id)
            .limit(AT_ONCE)
        )
    )


def settle_leaver(session: Session, person_id: uuid.UUID) -> None:
    """End the account, unless the person works somewhere again; they read for which organisation they worked last."""
    person = session.scalars(to_change(select(Person).where(Person.id == person_id))).one()
    organisation = session.scalars(
        select(Organisation)
        .join(Affiliation, Affiliation.organisation_id == Organisation.id)
        .where(Affiliation.person_id == person_id)
        .order_by(Affiliation.ended_at.is_(None).desc(), Affiliation.ended_at.desc(), Affiliation.id)
        .limit(1)
    ).one()
    end_account_of_leaver(session, person, organisation)
