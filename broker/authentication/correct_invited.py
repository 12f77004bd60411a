"""correct_invited: an administrator corrects what was mistyped when they invited somebody, before anything of it was proved.

At once, as nobody proved the number, and so nobody can be robbed of it (threats PW6). Codes that went to the wrong number are dead,
and so is a link that went to the wrong address. An address that was proved stays: the invitation was read there.
"""

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from broker import audit, clock
from broker.authentication.account_at_work import AccountAtWork, lock_account_at_work, never_proved
from broker.authentication.local_sign_in import forget_pending
from broker.authentication.send_sms_code import void_codes
from broker.authentication.tell_holder import tell_holder
from broker.errors import ConflictError, InvalidError
from broker.installation import Installation
from broker.people.add_local_account import send_account_invitation
from broker.people.identifiers import IdentifierError, email_address
from broker.people.local_account import LocalAccount
from broker.people.look_up import count_look_ups, subject_key
from broker.people.mobile_number import mobile_number
from broker.people.person import Person
from broker.text import Text


@dataclass(frozen=True, slots=True)
class CorrectedContact:
    """What the administrator typed. `email` is None where the page did not ask for it, as it was proved."""

    number: str
    email: str | None = None


def correct_invited(
    session: Session, installation: Installation, actor: uuid.UUID, affiliation_id: uuid.UUID, typed: CorrectedContact
) -> bool:
    """Write it; whether a new invitation left, to another address.

    Raises:
        NotFoundError, ForbiddenError, ConflictError: as `lock_account_at_work`; or it was proved meanwhile.
        InvalidError: a number that no codes are sent to, the administrator's own, or no address.
        TooManyError: an invitation counts as a look-up, and the administrator had theirs.
    """
    number, email = _checked(installation, typed)
    at = lock_account_at_work(session, actor, affiliation_id)
    if not never_proved(at.person):
        raise ConflictError("number_proved", PROVED_MEANWHILE)
    at.refuse_own_number(number)
    another_number = number != at.person.phone
    another_address = email is not None and email != at.person.email
    if another_address and not address_is_unproved(at.account, at.person):
        raise ConflictError("email_proved", PROVED_MEANWHILE)
    if another_number:
        _write_number(session, at, number)
    if another_address and email is not None:
        _write_address(session, installation, actor, at, email)
    if another_number or another_address:
        audit.record(
            session,
            "people:local_account:correct",
            subject_id=at.person.id,
            organisation_id=at.organisation.id,
            details={"number": another_number, "email": another_address},
        )
    if another_number and not another_address:
        _tell(session, at)
    return another_address


def address_is_unproved(account: LocalAccount, person: Person) -> bool:
    """Nobody used the link of the invitation, so nobody has shown that they read it there."""
    return account.password_hash is None and person.email_source != "proved"


def _checked(installation: Installation, typed: CorrectedContact) -> tuple[str, str | None]:
    wrong: dict[str, Text] = {}
    number, email = "", None
    try:
        number = mobile_number(typed.number)
    except IdentifierError as error:
        wrong["number"] = error.text
    if typed.email is not None:
        try:
            email = email_address(typed.email, test_domains=installation.settings.development)
        except IdentifierError as error:
            wrong["email"] = error.text
    if wrong:
        raise InvalidError("contact_wrong", next(iter(wrong.values())), wrong)
    return number, email


def _write_number(session: Session, at: AccountAtWork, number: str) -> None:
    if at.job.phone == at.person.phone:
        at.job.phone = number
    at.person.phone, at.person.phone_source = number, "entered"
    void_codes(session, at.account.id)
    forget_pending(session, at.account.id)
    session.flush()


def _write_address(
    session: Session, installation: Installation, actor: uuid.UUID, at: AccountAtWork, email: str
) -> None:
    each = f"{email}:{uuid.uuid4()}"  # every mail counts, also to the same address
    count_look_ups(session, actor, at.organisation, {subject_key(installation, actor, each): False})
    if at.job.email == at.person.email:
        at.job.email, at.job.email_source = email, "entered"
    at.person.email, at.person.email_source = email, "entered"
    session.flush()
    send_account_invitation(session, at.account, at.person)


def _tell(session: Session, at: AccountAtWork) -> None:
    """Whoever waited for a code that went elsewhere goes on with the next one; who used no link yet has the invitation."""
    key = f"{at.account.id}:{clock.now().isoformat()}"
    tell_holder(session, at.person, "phone_corrected", key, organisation_name=at.organisation.name)


PROVED_MEANWHILE = Text(
    "Dit is ondertussen bewezen. Een ander nummer vraagt nu 24 uur.",
    "This was proved meanwhile. Another number takes 24 hours now.",
)
