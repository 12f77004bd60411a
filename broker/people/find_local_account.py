"""find_local_account: the living local account of a user name, or of a person. Read-only."""

import uuid

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from broker.people.local_account import LocalAccount, is_ready, typed_user_name
from broker.people.person import Person


def account_of_user_name(session: Session, typed: str) -> LocalAccount | None:
    """The living account of that user name; None where there is none."""
    return session.scalar(
        select(LocalAccount).where(LocalAccount.user_name == typed_user_name(typed), LocalAccount.ended_at.is_(None))
    )


def account_of_person(session: Session, person_id: uuid.UUID) -> LocalAccount | None:
    """The living account of a person; None where there is none."""
    return session.scalar(
        select(LocalAccount).where(LocalAccount.person_id == person_id, LocalAccount.ended_at.is_(None))
    )


def accounts_to_recover(session: Session, typed: str) -> list[tuple[LocalAccount, Person]]:
    """Those of a user name, or of an address that their person has proved (threats DG8)."""
    wanted = typed_user_name(typed)
    rows = session.execute(
        select(LocalAccount, Person)
        .join(Person, Person.id == LocalAccount.person_id)
        .where(
            LocalAccount.ended_at.is_(None),
            LocalAccount.password_hash.is_not(None),
            Person.email_source == "proved",
            or_(LocalAccount.user_name == wanted, func.lower(Person.email) == wanted),
        )
        .order_by(LocalAccount.id)
        .limit(3)
    )
    return [(account, person) for account, person in rows]


def recovers(typed: str, account: LocalAccount, person: Person) -> bool:
    """Whether `accounts_to_recover` finds this one, as it is now."""
    return (
        account.ended_at is None
        and account.password_hash is not None
        and person.proved_email is not None
        and typed_user_name(typed) in (account.user_name, person.proved_email.lower())
    )


def account_is_ready(session: Session, person_id: uuid.UUID) -> bool:
    """Whether the person can sign in with a local account: nothing is granted before (issue 5)."""
    account = account_of_person(session, person_id)
    return account is not None and is_ready(account, session.get_one(Person, person_id))
