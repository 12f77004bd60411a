"""change_contact: an administrator writes how somebody can be reached at work (threats DG8).

On the job only, never on the person: what recovers an account is what the person proved. The address that stood there, and the
person's own, are told. An address that an administrator entered is nobody's claim. Also the address of the service (seed 000: "het
generieke emailadres van je jeugddienst"), which reads along with what happens to the rights of this job.
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.mandate_over import lock_mandate_over
from broker.database import to_change
from broker.errors import ConflictError, InvalidError, NotFoundError
from broker.installation import Installation
from broker.notifications import put_mail
from broker.people.affiliation import Affiliation
from broker.people.identifiers import IdentifierError, email_address, phone_number
from broker.people.name_at_work import name_at_work
from broker.people.one_time_link import INVITATION, revoke_links
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text

NO_LONGER_THERE = Text("Deze persoon werkt hier niet meer.", "This person no longer works here.")


@dataclass(frozen=True, slots=True)
class WorkContact:
    """What was filled in, as it was typed; "" takes it away."""

    email: str
    phone: str
    general_email: str


def change_contact(
    session: Session, installation: Installation, actor: uuid.UUID, affiliation_id: uuid.UUID, typed: WorkContact
) -> bool:
    """Write it; whether anything is another than it was.

    Raises:
        NotFoundError: no such job at an organisation of `actor`.
        ForbiddenError: the mandate ended.
        ConflictError: the person left meanwhile.
        InvalidError: with every field that cannot be used.
    """
    unlocked = session.get(Affiliation, affiliation_id)
    if unlocked is None:
        raise NotFoundError("person_unknown")
    organisation = lock_mandate_over(session, actor, unlocked.organisation_id)
    contact = _checked(typed, test_domains=installation.settings.development)
    job = session.scalars(to_change(select(Affiliation).where(Affiliation.id == affiliation_id))).one()
    if not job.in_force(clock.now()):
        raise ConflictError("affiliation_ended", NO_LONGER_THERE)
    changed = [name for name, value in contact.items() if getattr(job, name) != value]
    if not changed:
        return False
    before = job.email
    for name in changed:
        setattr(job, name, contact[name])
    if "email" in changed:
        job.email_source = "entered" if job.email else None
        # A link that went to the old address proves nothing of the new one (`accept_invitation`); it is sent again.
        revoke_links(session, INVITATION, job.id)
    session.flush()
    audit.record(
        session,
        "people:affiliation:change_contact",
        subject_id=job.person_id,
        organisation_id=organisation.id,
        details={"affiliation": job.id, **{name: name in changed for name in contact}},
    )
    if "email" in changed:
        _tell(session, job, organisation, before)
    return True


def _checked(typed: WorkContact, *, test_domains: bool) -> dict[str, str | None]:
    wrong: dict[str, Text] = {}
    contact: dict[str, str | None] = {}
    for name in ("email", "phone", "general_email"):
        written = getattr(typed, name).strip()
        try:
            if name == "phone":
                contact[name] = phone_number(written) if written else None
            else:
                contact[name] = email_address(written, test_domains=test_domains) if written else None
        except IdentifierError as error:
            wrong[name] = error.text
    if wrong:
        raise InvalidError("contact_wrong", next(iter(wrong.values())), wrong)
    return contact


def _tell(session: Session, job: Affiliation, organisation: Organisation, before: str | None) -> None:
    person = session.get_one(Person, job.person_id)
    occasion = clock.now().isoformat()
    for address in sorted({each for each in (before, person.proved_email) if each}):
        put_mail(
            session,
            "work_address_changed",
            address,
            key=f"work_address:{job.id}:{occasion}",
            language=person.language,
            facts={
                "organisation_name": organisation.name,
                "given_name": name_at_work(person, job).given_name,
                "since": occasion,
            },
            subject_id=person.id,
        )
