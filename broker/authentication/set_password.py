"""set_password: somebody sets the password of their account, through the link in their mail (72 hours, once).

The link proves the e-mail address. Whatever was open of the account ends: sessions, remembered devices, what applications
hold, an e-mail address that still waits to be proved, an app without its first code (threats PW7). The second factor is asked
all the same; of a new account the mobile number is proved by it, at once. It gets a lane of its own as well, so that a
stranger's guesses do not stand in the person's way (PW2).
"""

import uuid
from dataclasses import dataclass, field

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.authentication.earlier_password import EarlierPassword
from broker.authentication.end_person_sessions import end_all_sessions
from broker.authentication.kept_factors import KeptFactors, kept_factors
from broker.authentication.known_words import known_words
from broker.authentication.local_sign_in import (
    PROVE_PHONE,
    SignInWish,
    begin_pending,
    forget_pending,
)
from broker.authentication.lock_person_and_account import lock_person_and_account
from broker.authentication.remembered_device import LANE_LIFETIME, DeviceCookie, end_devices, remember_device
from broker.authentication.send_sms_code import send_sms_code
from broker.authentication.tell_holder import tell_holder
from broker.authentication.totp import forget_begun_totp
from broker.catalogue import PasswordPolicy
from broker.errors import NotFoundError
from broker.installation import Installation
from broker.people.email_change import PASSWORD_SET, close_waiting_email_change
from broker.people.local_account import LocalAccount
from broker.people.one_time_link import LINK_IS_OVER, SET_PASSWORD, find_link, link_is_open, use_link
from broker.people.person import Person
from broker.people.where_they_work import where_they_work

CREDENTIAL_RESET = "credential_reset"


@dataclass(frozen=True, slots=True)
class PasswordToSet:
    """What the page of the link shows, and what a new password may not be. `works_at`: who can invite the person again."""

    account: LocalAccount = field(repr=False)
    person: Person = field(repr=False)
    open_now: bool
    earlier: tuple[str, ...] = field(repr=False)
    known_words: tuple[str, ...] = field(repr=False)
    works_at: str


@dataclass(frozen=True, slots=True)
class PasswordSet:
    """`pending` is what the browser goes on with where the number must still be proved, else None; `lane` its own lane;
    `kept` what still opens the account; `not_sent` why no code is on its way (`send_sms_code`)."""

    pending: str | None = field(repr=False)
    lane: DeviceCookie = field(repr=False)
    kept: KeptFactors
    not_sent: str | None = None


def password_to_set(session: Session, installation: Installation, token: str) -> PasswordToSet:
    """What `token`, of a link in a mail, is for. Read-only.

    Raises:
        NotFoundError: the link is none of ours.
    """
    link = find_link(session, installation.keys, SET_PASSWORD, token)
    account = session.get_one(LocalAccount, link.subject_id)
    person = session.get_one(Person, account.person_id)
    earlier = earlier_passwords(session, account.id, installation.catalogue.passwords)
    open_now = link_is_open(link) and account.ended_at is None
    words = known_words(installation, account, person)
    return PasswordToSet(account, person, open_now, earlier, words, where_they_work(session, person.id))


def earlier_passwords(session: Session, account_id: uuid.UUID, policy: PasswordPolicy) -> tuple[str, ...]:
    """The hashes of the last few, the present one among them."""
    return tuple(
        session.scalars(
            select(EarlierPassword.password_hash)
            .where(EarlierPassword.account_id == account_id)
            .order_by(EarlierPassword.set_at.desc())
            .limit(policy.history)
        )
    )


def set_password(session: Session, installation: Installation, token: str, password_hash: str) -> PasswordSet:
    """Use the link; the caller has judged the password.

    Raises:
        NotFoundError: the link was used, replaced or ran out, or the account ended.
    """
    link = find_link(session, installation.keys, SET_PASSWORD, token)
    unlocked = session.get_one(LocalAccount, link.subject_id)
    person, account = lock_person_and_account(session, unlocked.person_id, unlocked.id)
    if account.ended_at is not None:
        raise NotFoundError("link_over", LINK_IS_OVER)
    use_link(session, link)
    if person.email_source != "proved":
        person.email_source = "proved"  # the link came there
    kept = write_password(session, installation, account, person, password_hash)
    lane = remember_device(session, account, LANE_LIFETIME, skips_code=False)
    pending = not_sent = None
    if person.phone_source != "proved" and person.phone is not None:
        pending = begin_pending(session, account, PROVE_PHONE, SignInWish(application_code=account.invited_for))
        not_sent = send_sms_code(
            session,
            installation,
            account,
            person.phone,
            language=person.language,
            application_code=account.invited_for,
        ).refused
    return PasswordSet(pending, lane, kept, not_sent)


def write_password(
    session: Session,
    installation: Installation,
    account: LocalAccount,
    person: Person,
    password_hash: str,
) -> KeptFactors:
    """The rows of a new password, whichever way it came; the caller has locked the person and the account. What still opens it."""
    now = clock.now()
    first = account.password_hash is None
    account.password_hash, account.password_set_at = password_hash, now
    account.wrong_codes, account.wrong_codes_since = 0, None
    session.add(EarlierPassword(account_id=account.id, password_hash=password_hash, set_at=now))
    session.flush()
    _forget_oldest(session, account.id, installation.catalogue.passwords.history)
    end_devices(session, account.id, CREDENTIAL_RESET)
    end_all_sessions(session, installation, person.id, CREDENTIAL_RESET)
    forget_pending(session, account.id)
    forget_begun_totp(session, account.id)
    kept = kept_factors(session, account.id)
    close_waiting_email_change(session, account.id, PASSWORD_SET)
    event = audit.record(session, "authentication:password:set", subject_id=person.id, details={"first": first})
    if not first:
        tell_holder(session, person, "password_changed", str(event.id), **kept.facts)
    return kept


def _forget_oldest(session: Session, account_id: uuid.UUID, kept: int) -> None:
    newest = (
        select(EarlierPassword.id)
        .where(EarlierPassword.account_id == account_id)
        .order_by(EarlierPassword.set_at.desc(), EarlierPassword.id)
        .limit(kept)
    )
    session.execute(
        delete(EarlierPassword)
        .where(EarlierPassword.account_id == account_id, EarlierPassword.id.not_in(newest))
        .execution_options(synchronize_session=False)
    )
