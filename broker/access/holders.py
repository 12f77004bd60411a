"""Who has a right already at an organisation (seed 000: "wie in uw gemeente reeds over toegangsrechten beschikt").

The query and its rows, for whoever decides on one more; run by `authentication.last_used`, which adds the last use.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from broker import clock
from broker.access.grant import Grant
from broker.people.affiliation import Affiliation
from broker.people.name_at_work import family_name_at_work, given_name_at_work, name_at_work
from broker.people.person import Person

AT_MOST = 50


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who has the right, and since when; `suspended`: it rests at this moment, or will."""

    grant_id: uuid.UUID
    person_id: uuid.UUID
    full_name: str
    since: datetime
    suspended: bool


def holding(organisation_id: uuid.UUID, application_code: str, right_code: str) -> Select[Grant, Person, Affiliation]:
    """The rows of whoever has this right there, in whatever context, by name; at most AT_MOST."""
    now = clock.now()
    return (
        select(Grant, Person, Affiliation)
        .join(Person, Person.id == Grant.person_id)
        .join(Affiliation, Affiliation.id == Grant.affiliation_id)
        .where(
            Grant.organisation_id == organisation_id,
            Grant.application_code == application_code,
            Grant.right_code == right_code,
            Grant.not_over(now),
            Affiliation.holds(now),
        )
        .order_by(family_name_at_work(), given_name_at_work(), Grant.id)
        .limit(AT_MOST)
    )


def holder(grant: Grant, person: Person, job: Affiliation) -> Holder:
    """One row of `holding`."""
    resting = grant.suspension_open(clock.now())
    return Holder(grant.id, person.id, name_at_work(person, job).full_name, grant.valid_from, resting)
