"""invite_colleague: somebody who was added without a number gets a link by which they sign in and say who they are
(decisions 7).

Or, of a local account, the one by which they choose a password. The link works 72 hours; an administrator sends it again,
which ends the one before. Accepting it is `accept_invitation`.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.mandate_over import lock_mandate_over
from broker.database import to_depend_on
from broker.errors import ConflictError, NotFoundError
from broker.installation import Installation
from broker.notifications import put_mail
from broker.people.add_local_account import send_account_invitation
from broker.people.affiliation import Affiliation
from broker.people.find_local_account import account_of_person
from broker.people.look_up import count_look_ups, lock_look_ups, subject_key
from broker.people.name_at_work import name_at_work
from broker.people.one_time_link import INVITATION, issue_link
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text


def invite_colleague(session: Session, installation: Installation, actor: uuid.UUID, affiliation_id: uuid.UUID) -> None:
    """Send the link again.

    Raises:
        NotFoundError: no such job at an organisation of `actor`.
        ConflictError: nobody waits for it any more.
        TooManyError: it counts as a look-up, and the administrator had theirs.
    """
    unlocked = session.get(Affiliation, affiliation_id)
    if unlocked is None:
        raise NotFoundError("person_unknown")
    organisation = lock_mandate_over(session, actor, unlocked.organisation_id)
    lock_look_ups(session, actor)
    job = session.scalars(to_depend_on(select(Affiliation).where(Affiliation.id == affiliation_id))).one()
    person = session.get_one(Person, job.person_id)
    if job.ended_at is not None or not waits_for_invitation(person) or job.email is None:
        raise ConflictError("not_invited", NOT_WAITING)
    each = f"{job.email}:{uuid.uuid4()}"  # every mail counts, also to the same address
    count_look_ups(session, actor, organisation, {subject_key(installation, actor, each): False})
    account = account_of_person(session, person.id)
    if account is not None:
        send_account_invitation(session, account, person)
        return
    send_invitation(session, person, organisation, job)


def waits_for_invitation(person: Person) -> bool:
    """Nobody signed in as this person, and no number says who may."""
    return person.state == "unlinked" and person.number_hash is None


def send_invitation(session: Session, person: Person, organisation: Organisation, job: Affiliation) -> None:
    """The mail to somebody who was added, with the link where no number says who they are."""
    link = issue_link(session, INVITATION, job.id) if waits_for_invitation(person) else None
    put_mail(
        session,
        "added_at_work",
        person.proved_email or job.email or "",
        key=f"added:{link.id if link else job.id}",
        language=person.language,
        facts={
            "organisation_name": organisation.name,
            "given_name": name_at_work(person, job).given_name,
            "since": clock.now().isoformat(),
        },
        link=link.reference() if link else None,
        subject_id=job.id,
    )


NOT_WAITING = Text("Deze persoon heeft geen uitnodiging meer nodig.", "This person needs no invitation any more.")
