"""change_email: somebody signed in gives another e-mail address; it becomes theirs when the link that goes there is used.

The page asks for the password, and for a sign-in with the present second factor a moment ago (threats PW6). Owns the beginning;
what the link does is `confirm_email_change`. The answer is the same whosever the address is, and whether or not a mail left. The
mail holds nothing that anybody typed: it may be a stranger's address. The address stands in no event of the audit.
"""

import uuid
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.suppressed_address import is_suppressed
from broker.authentication.change_password import lock_account
from broker.errors import InvalidError, TooManyError
from broker.installation import Installation
from broker.notifications import put_mail
from broker.people.email_change import REPLACED, EmailChange, close_waiting_email_change
from broker.people.identifiers import IdentifierError, email_address, email_for_limits
from broker.people.local_account import LocalAccount, made_for
from broker.people.one_time_link import PROVE_EMAIL, issue_link
from broker.people.person import Person
from broker.text import Text

A_DAY = 5


def typed_address(installation: Installation, typed: str) -> str:
    """The address that was typed.

    Raises:
        InvalidError: no address that mail can be sent to.
    """
    try:
        return email_address(typed, test_domains=installation.settings.development)
    except IdentifierError as error:
        raise InvalidError("email_wrong", error.text, {"email": error.text}) from error


def change_email(session: Session, installation: Installation, account_id: uuid.UUID, seen: str, address: str) -> None:
    """Let `address`, as `typed_address` gives it, wait for its link. One that waited already is replaced.

    Raises:
        ConflictError: as `change_password`.
        InvalidError: it is the address that stands there already.
        TooManyError: this was asked often enough today.
    """
    account = lock_account(session, account_id, seen)
    person = session.get_one(Person, account.person_id)
    if address.casefold() == (person.email or "").casefold():
        raise InvalidError("same_address", SAME_ADDRESS, {"email": SAME_ADDRESS})
    if _asked_today(session, account.id) >= A_DAY:
        raise TooManyError("asked_often", ASKED_OFTEN, retry_after=86400)
    close_waiting_email_change(session, account.id, REPLACED)
    change = EmailChange(id=uuid.uuid4(), account_id=account.id, person_id=person.id, asked_at=clock.now())
    change.address_sealed = installation.keys.seal(address, change.address_place)
    session.add(change)
    session.flush()
    audit.record(session, "authentication:email:ask", subject_id=person.id, details={"change": change.id})
    if not is_suppressed(session, installation.keys.private_hash(email_for_limits(address), "limits")):
        _send(session, account, person, change, address)


def _asked_today(session: Session, account_id: uuid.UUID) -> int:
    since = clock.now() - timedelta(days=1)
    query = select(func.count()).where(EmailChange.account_id == account_id, EmailChange.asked_at > since)
    return session.scalar(query) or 0


def _send(session: Session, account: LocalAccount, person: Person, change: EmailChange, address: str) -> None:
    put_mail(
        session,
        "email_change_asked",
        address,
        key=str(change.id),
        language=person.language,
        facts=made_for(account),
        link=issue_link(session, PROVE_EMAIL, change.id).reference(),
        subject_id=person.id,
    )


SAME_ADDRESS = Text("Dit is het adres dat er al staat.", "This is the address that stands there already.")
ASKED_OFTEN = Text(
    "U vroeg vandaag al vaak een ander e-mailadres. Probeer het morgen opnieuw.",
    "You asked for another email address often today. Try again tomorrow.",
)
