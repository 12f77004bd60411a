"""confirm_entered_names: somebody with a local account proved e-mail and number: the name that an administrator vouched for
is theirs.

There is no digital key to hold it against (`confirm_name_at_work`): only jobs whose name is the person's own, and which were
entered with the person, are confirmed.
"""

from sqlalchemy.orm import Session

from broker.people.confirm_name_at_work import confirm_name, unconfirmed_jobs
from broker.people.identifiers import same_name
from broker.people.name_at_work import name_at_work
from broker.people.person import Person


def confirm_entered_names(session: Session, person: Person) -> None:
    """The living jobs of `person` under their own name count from now on. The caller holds the person."""
    for job in unconfirmed_jobs(session, person):
        if same_name(name_at_work(person, job).full_name, person.full_name):
            confirm_name(session, job)
