"""end_grant: a right ends (lifecycles §3). In this release by the person who holds it, signed in, and by the system.

Who ends rights locks the person first (lifecycles §13), so that a token being issued at that moment sees it.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.access_request import AccessRequest
from broker.access.grant import Grant
from broker.access.tell_owner import tell_owner
from broker.access.tell_rights_changed import tell_rights_changed
from broker.database import to_change
from broker.errors import ConflictError, NotFoundError
from broker.installation import Installation
from broker.notifications import both, put_mail
from broker.people.affiliation import Affiliation
from broker.people.name_at_work import NameAtWork, name_at_work
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text

OWN_WISH = Text("U gaf dit recht zelf terug.", "You gave this right back yourself.")


def end_own_grant(session: Session, installation: Installation, actor: uuid.UUID, grant_id: uuid.UUID) -> None:
    """The person gives a right back.

    Raises:
        NotFoundError: not a grant of `actor`.
        ConflictError: it has ended already.
    """
    grant = session.get(Grant, grant_id)
    if grant is None or grant.person_id != actor:
        raise NotFoundError("grant_unknown")
    end_grant(session, installation, grant_id, ended_by=actor, reason="given_back", cause=OWN_WISH)


def end_grant(
    session: Session,
    installation: Installation,
    grant_id: uuid.UUID,
    *,
    ended_by: uuid.UUID | None,
    reason: str,
    cause: Text,
) -> None:
    """End one grant now, tell the person and the owner of the application.

    Raises:
        ConflictError: it has ended already.
    """
    person_id = session.scalars(select(Grant.person_id).where(Grant.id == grant_id)).one()
    person = session.scalars(to_change(select(Person).where(Person.id == person_id))).one()
    grant = session.scalars(to_change(select(Grant).where(Grant.id == grant_id))).one()
    if grant.ended_at is not None:
        raise ConflictError("grant_ended", ALREADY_ENDED)
    end_locked_grant(session, installation, grant, person, ended_by=ended_by, reason=reason, cause=cause)


def end_locked_grant(
    session: Session,
    installation: Installation,
    grant: Grant,
    person: Person,
    *,
    ended_by: uuid.UUID | None,
    reason: str,
    cause: Text,
    note: str | None = None,
) -> None:
    """The rows and messages of one end: the caller has locked first the person, then the living grant.

    `reason` is a code, `cause` a sentence of ours, `note` what an administrator wrote to the person.
    """
    write_end(session, grant, ended_by=ended_by, reason=reason)
    tell_ended(session, installation, grant, person, cause=cause, note=note, key=f"ended:{grant.id}")


def tell_ended(
    session: Session,
    installation: Installation,
    grant: Grant,
    person: Person,
    *,
    cause: Text,
    key: str,
    note: str | None = None,
) -> None:
    """The person and the owner of the application hear of a right that has just been ended in writing."""
    assert grant.ended_at is not None
    organisation = session.get_one(Organisation, grant.organisation_id)
    email, language = address_of(session, grant, person)
    name = name_of(session, grant, person)
    if email is not None:
        put_mail(
            session,
            "grant_ended",
            email,
            key=key,
            language=language,
            facts={
                "application_code": grant.application_code,
                "right_code": grant.right_code,
                "context_code": grant.context_code,
                "organisation_name": organisation.name,
                "given_name": name.given_name,
                "since": grant.ended_at.isoformat(),
                "cause": both(cause),
                "reason": note,
            },
            subject_id=grant.id,
        )
    tell_owner(
        session, installation.catalogue, grant, name.full_name, email, organisation.name, "ended", since=grant.ended_at
    )


def write_end(session: Session, grant: Grant, *, ended_by: uuid.UUID | None, reason: str) -> None:
    """The row of one end, its event, and the word to whatever hangs on the right; people are told by the caller."""
    grant.ended_at, grant.ended_by, grant.end_reason = clock.now(), ended_by, reason
    session.flush()
    audit.record(
        session,
        "access:grant:end",
        subject_id=grant.id,
        organisation_id=grant.organisation_id,
        details={"reason": reason},
    )
    tell_rights_changed(session, grant, reason)


def name_of(session: Session, grant: Grant, person: Person) -> NameAtWork:
    """By which name a message about a right speaks of its holder: an administrator chooses who else reads it (threats DG2)."""
    return name_at_work(person, session.get_one(Affiliation, grant.affiliation_id))


def address_of(session: Session, grant: Grant, person: Person) -> tuple[str | None, str]:
    """Where the person reads mail: the proved address, else that of the request, whose address was proved for it (EP2), else the
    one that an administrator entered for the job."""
    request = session.get(AccessRequest, grant.request_id) if grant.request_id else None
    if person.proved_email is None and request is not None and request.email:
        return request.email, request.language
    if person.proved_email is None:
        return session.get_one(Affiliation, grant.affiliation_id).email, person.language
    return person.proved_email, person.language


ALREADY_ENDED = Text("Dit recht is al gestopt.", "This right has ended already.")
