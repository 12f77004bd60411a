"""account_at_work: the local account of somebody who works for an administrator's organisation, to act on it (threats PW6, rule 6).

Owns the question who may and the locks, in the order of lifecycles §13: organisation, mandate, persons, account. What is done with
the account is an operation of its own.
"""

import uuid
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.load_case import somebodies
from broker.access.mandate_over import lock_mandate_over
from broker.access.rules.case import Somebody
from broker.access.rules.not_for_yourself import same_human
from broker.database import to_change
from broker.errors import ForbiddenError, InvalidError, NotFoundError
from broker.people.affiliation import Affiliation
from broker.people.find_local_account import account_of_person
from broker.people.local_account import LocalAccount
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text


@dataclass(frozen=True, slots=True)
class AccountAtWork:
    """A living account with its person and the job, all held; `administrator` is what tells the one who acts apart."""

    organisation: Organisation
    job: Affiliation
    person: Person = field(repr=False)
    account: LocalAccount = field(repr=False)
    administrator: Somebody = field(repr=False)

    def refuse_own_number(self, number: str) -> None:
        """Codes of somebody else do not go to the one who acts.

        Raises:
            InvalidError: `number` is the administrator's own.
        """
        if number in self.administrator.phones:
            raise InvalidError("own_number", OWN_NUMBER, {"number": OWN_NUMBER})


def lock_account_at_work(session: Session, actor: uuid.UUID, affiliation_id: uuid.UUID) -> AccountAtWork:
    """Hold them for `actor`, an administrator of the organisation of the job.

    Raises:
        NotFoundError: no such living job at an organisation of `actor`, or no account: the same answer (threats ID2).
        ForbiddenError: the mandate ended, or it is the administrator's own account.
        ConflictError: the organisation ended.
    """
    job = session.get(Affiliation, affiliation_id)
    if job is None or not job.in_force(clock.now()):
        raise NotFoundError("person_unknown")
    organisation = lock_mandate_over(session, actor, job.organisation_id)
    people = {actor, job.person_id}
    session.scalars(to_change(select(Person).where(Person.id.in_(people)).order_by(Person.id))).all()
    unlocked = account_of_person(session, job.person_id)
    if unlocked is None:
        raise NotFoundError("account_unknown")
    account = session.scalars(to_change(select(LocalAccount).where(LocalAccount.id == unlocked.id))).one()
    session.refresh(job)
    if account.ended_at is not None or not job.in_force(clock.now()):
        raise NotFoundError("account_unknown")
    known = somebodies(session, {actor, job.person_id})
    if same_human(known[actor], known[job.person_id]):
        raise ForbiddenError("not_for_yourself", YOUR_OWN)
    return AccountAtWork(organisation, job, session.get_one(Person, job.person_id), account, known[actor])


def never_proved(person: Person) -> bool:
    """Nobody has signed in with the account yet, and no code came back from its number."""
    return person.state == "unlinked" and person.phone_source != "proved"


YOUR_OWN = Text(
    "Dit is uw eigen account. Uw nummer wijzigt u zelf in Mijn profiel.",
    "This is your own account. You change your number yourself in My profile.",
)
OWN_NUMBER = Text(
    "Dit is uw eigen nummer. Codes van iemand anders komen niet bij u aan.",
    "This is your own number. Codes of somebody else do not come to you.",
)
