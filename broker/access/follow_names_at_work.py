"""follow_names_at_work: what follows when somebody added by number signs in: their rights begin, or whoever typed the name looks.

Part of signing in; no door calls it.
"""

import uuid

from sqlalchemy.orm import Session

from broker.access.open_doubts import close_doubts, open_doubts
from broker.access.tell_rights_changed import tell_rights_changed
from broker.installation import Installation
from broker.people.confirm_name_at_work import confirm_name, names_at_work
from broker.people.person import Person


def follow_names_at_work(session: Session, installation: Installation, person_id: uuid.UUID) -> None:
    """Confirm the names of their jobs; `person_id` has just signed in with a digital key, which locked their row.

    The tasks about a doubt come before the jobs (lifecycles §13).
    """
    names = names_at_work(session, session.get_one(Person, person_id))
    for job in names.right:
        close_doubts(session, person_id, job.organisation_id)
    if names.doubted:
        open_doubts(session, installation, person_id, [job.id for job in names.doubted])
    for job in names.right:
        tell_rights_changed(session, confirm_name(session, job), "linked", key=uuid.uuid4())
