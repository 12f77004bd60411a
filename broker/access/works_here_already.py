"""works_here_already: an account is asked for somebody who by name and address works here already: a second press of the button, or
an invitation that was forgotten. Read-only.

Looks at what stands on the jobs of this one organisation, which its administrators see anyway (threats DG2). Two people who share a
mailbox are two: another name and another number.
"""

import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broker import clock
from broker.errors import InvalidError
from broker.people.add_person import NewPerson
from broker.people.affiliation import Affiliation
from broker.people.identifiers import same_name
from broker.people.name_at_work import name_at_work
from broker.people.person import Person
from broker.text import Text


def refuse_who_works_here(session: Session, organisation_id: uuid.UUID, new: NewPerson) -> None:
    """Refuse a second account for the same person; `new` was checked.

    Raises:
        InvalidError: `works_here_already`, at `email`.
    """
    wanted = f"{new.given_name} {new.family_name}"
    rows = session.execute(
        select(Affiliation, Person)
        .join(Person, Person.id == Affiliation.person_id)
        .where(
            Affiliation.organisation_id == organisation_id,
            Affiliation.holds(clock.now()),
            func.lower(Affiliation.email) == (new.email or "").lower(),
        )
    )
    for job, person in rows:
        known = name_at_work(person, job).full_name
        if same_name(known, wanted) or job.phone == new.phone:
            sentence = WORKS_HERE_ALREADY.with_facts(name=known)
            raise InvalidError("works_here_already", sentence, {"email": sentence})


WORKS_HERE_ALREADY = Text(
    "{name} werkt hier al met dit e-mailadres. Zoek de naam bij Mensen: daar stuurt u de uitnodiging opnieuw of geeft u een recht.",
    "{name} works here already with this email address. Look for the name under People: there you send the invitation again or"
    " give a right.",
)
