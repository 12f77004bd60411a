"""add_local_account: somebody whom an administrator vouches for gets a user name, and by mail a link to set a password (issue 5).

Owns the user name and the invitation. Nothing can be done with the account before the person has used the link, which proves the
e-mail, and the code that then goes to the mobile number.
"""

import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.database import to_change
from broker.errors import ConflictError
from broker.notifications import put_mail
from broker.people.local_account import LocalAccount, user_name_of
from broker.people.one_time_link import SET_PASSWORD, issue_link
from broker.people.person import Person
from broker.people.where_they_work import where_they_work
from broker.text import Text


def add_local_account(
    session: Session, actor: uuid.UUID | None, person_id: uuid.UUID, application_code: str | None = None
) -> LocalAccount:
    """The new account of a person with an e-mail address and a mobile number of their own; the invitation leaves by mail.

    Raises:
        ConflictError: there is one already, a digital key says who this is, or the person has no address or no number.
    """
    person = session.scalars(to_change(select(Person).where(Person.id == person_id))).one()
    living = session.scalar(
        select(LocalAccount.id).where(LocalAccount.person_id == person.id, LocalAccount.ended_at.is_(None))
    )
    if living is not None:
        raise ConflictError("has_local_account", HAS_ONE)
    if person.state != "unlinked" or person.number_hash is not None:
        raise ConflictError("has_digital_key", HAS_A_KEY)
    if person.email is None or person.phone is None:
        raise ConflictError("cannot_be_reached", CANNOT_BE_REACHED)
    account = LocalAccount(
        id=uuid.uuid4(),
        person_id=person.id,
        user_name=_free_user_name(session, person),
        invited_for=application_code,
        created_by=actor,
        created_at=clock.now(),
    )
    session.add(account)
    session.flush()
    audit.record(session, "people:local_account:add", subject_id=person.id)
    send_account_invitation(session, account, person)
    return account


def send_account_invitation(session: Session, account: LocalAccount, person: Person) -> None:
    """The mail with the user name and a new link; the one before no longer works."""
    assert person.email is not None
    link = issue_link(session, SET_PASSWORD, account.id)
    organisation_name = where_they_work(session, person.id)
    put_mail(
        session,
        "account_invited",
        person.email,
        key=f"invited:{link.id}",
        language=person.language,
        facts={
            "given_name": person.given_name,
            "user_name": account.user_name,
            "application_code": account.invited_for,
            **({"organisation_name": organisation_name} if organisation_name else {}),
        },
        link=link.reference(),
        subject_id=person.id,
    )


def _free_user_name(session: Session, person: Person) -> str:
    """The first of nele.vercauteren, nele.vercauteren2… that nobody ever had. Two at once: the unique key lets one through."""
    base = user_name_of(person.given_name, person.family_name)
    taken = set(
        session.scalars(select(LocalAccount.user_name).where(func.substr(LocalAccount.user_name, 1, len(base)) == base))
    )
    if base not in taken:
        return base
    return next(name for number in range(2, len(taken) + 3) if (name := f"{base}{number}") not in taken)


HAS_ONE = Text("Deze persoon heeft al een account.", "This person has an account already.")
HAS_A_KEY = Text("Deze persoon meldt zich aan met een digitale sleutel.", "This person signs in with a digital key.")
CANNOT_BE_REACHED = Text(
    "Een account vraagt een e-mailadres en een mobiel nummer.", "An account needs an email address and a mobile number."
)
