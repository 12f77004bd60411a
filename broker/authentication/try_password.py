"""try_password: somebody types a user name and a password.

Operations around one hash, which is computed between them as it must not hold the database: a guess is counted first
(`claim_try`), then it was wrong (`refuse_try`) or right: taken back (`forgive_guess`), whatever comes of the rest (`accept_try`).
Each step is the same for a user name that nobody has (threats PW3), and each try stands in the audit. After a right password comes
the second factor, unless the device is remembered and what is asked is no stronger than that (PW8). A number that an administrator
changed is proved by its first code, at the sign-in itself (PW6).
"""

import uuid
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from broker import audit, clock
from broker.authentication.begin_session import begin_session
from broker.authentication.local_proof import local_proof
from broker.authentication.local_sign_in import (
    PROVE_PHONE,
    SIGN_IN,
    SignInWish,
    begin_pending,
)
from broker.authentication.lock_person_and_account import lock_person_and_account
from broker.authentication.passkey import has_passkey
from broker.authentication.remembered_device import DeviceCookie, device_of, renew_secret
from broker.authentication.send_sms_code import send_sms_code
from broker.authentication.sign_in_delay import claim_guess, lanes_of
from broker.authentication.take_phone_change import take_if_due
from broker.authentication.terms_acceptance import accept_terms
from broker.authentication.totp import has_totp
from broker.catalogue import Application, Terms
from broker.catalogue.local_levels import PASSWORD_ALONE, WITH_SMS
from broker.errors import ConflictError, ForbiddenError
from broker.installation import Installation
from broker.people.find_local_account import account_of_user_name
from broker.people.local_account import LocalAccount, is_ready
from broker.text import Text

Lanes = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ClaimedTry:
    """`wait` seconds before the next guess is looked at, or 0. `password_hash` is None where nobody has that user name."""

    wait: int
    lanes: Lanes
    account_id: uuid.UUID | None = None
    password_hash: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RightPassword:
    """What the browser goes on with: `session_token` (signed in, by a remembered device) or `pending` (something must follow);
    `device` is the next secret of the device that was used; `renewed` the documents that are newer than at
    the last sign-in; `not_sent` why no new code is on its way (`send_sms_code`)."""

    session_token: str | None = field(default=None, repr=False)
    pending: str | None = field(default=None, repr=False)
    device: DeviceCookie | None = field(default=None, repr=False)
    renewed: tuple[Terms, ...] = ()
    not_sent: str | None = None


def claim_try(
    session: Session, installation: Installation, user_name: str, source: str, device: DeviceCookie | None
) -> ClaimedTry:
    """Count one guess, before anything is known of it."""
    account = account_of_user_name(session, user_name)
    known = device_of(session, account, device) if account is not None else None
    lanes = lanes_of(installation, user_name, source, known.id if known else None)
    wait = claim_guess(session, lanes)
    subject_id = account.person_id if account else None
    if wait:
        audit.record(session, "authentication:password:refuse", subject_id=subject_id, details={"reason": "too_soon"})
        return ClaimedTry(wait, lanes)
    if account is None:
        return ClaimedTry(0, lanes)
    return ClaimedTry(0, lanes, account.id, account.password_hash)


def refuse_try(session: Session, claimed: ClaimedTry) -> None:
    """It was wrong."""
    account = session.get(LocalAccount, claimed.account_id or uuid.UUID(int=0))
    subject_id = account.person_id if account else None
    audit.record(session, "authentication:password:refuse", subject_id=subject_id, details={"reason": "wrong"})


def accept_try(
    session: Session,
    installation: Installation,
    claimed: ClaimedTry,
    wish: SignInWish,
    applications: tuple[Application, ...],
    device: DeviceCookie | None,
    cookie: str | None,
) -> RightPassword:
    """It was right: note what was agreed to (the terms of `applications`), and go on. `cookie` is the session's, if there is one.

    Raises:
        ConflictError: the password changed, or the account ended, a moment ago; or nobody can be reached to prove a number.
        ForbiddenError: as `begin_session`; or an app or passkey is asked, and there is none.
    """
    unlocked = session.get_one(LocalAccount, claimed.account_id)
    person, account = lock_person_and_account(session, unlocked.person_id, unlocked.id)
    if account.ended_at is not None or account.password_hash != claimed.password_hash:
        raise ConflictError("password_changed", PASSWORD_CHANGED)
    if person.phone is None:
        raise ConflictError("no_number", NO_NUMBER)
    take_if_due(session, installation, account, person)
    renewed = accept_terms(session, account.id, person.id, applications)
    audit.record(session, "authentication:password:accept", subject_id=person.id)
    used = device_of(session, account, device)
    ready = is_ready(account, person) and person.state == "matched"
    if used is not None and used.skips_code and ready and password_is_enough(installation, wish):
        proof = local_proof(person, "device", clock.now())
        with audit.acting(replace(audit.current_acting(), kind="person", person_id=person.id)):
            token = begin_session(session, installation, person.id, proof, cookie, wish.application_code)
        return RightPassword(session_token=token, device=renew_secret(used), renewed=renewed)
    another_number = not ready and person.state == "matched" and least_level(installation, wish) <= WITH_SMS[1]
    pending = begin_pending(session, account, SIGN_IN if ready or another_number else PROVE_PHONE, wish)
    strong = ready and (has_totp(session, account.id) or has_passkey(session, account.id))
    if ready and not strong and least_level(installation, wish) > WITH_SMS[1]:
        raise ForbiddenError("needs_app", NEEDS_APP)
    if strong:
        return RightPassword(pending=pending, renewed=renewed)
    sending = send_sms_code(
        session,
        installation,
        account,
        person.phone,
        language=person.language,
        application_code=wish.application_code,
    )
    return RightPassword(pending=pending, renewed=renewed, not_sent=sending.refused)


def password_is_enough(installation: Installation, wish: SignInWish) -> bool:
    """Whether a remembered device may take the place of the second factor here: the policy lets it, and asks no higher level."""
    if least_level(installation, wish) > PASSWORD_ALONE[1] or wish.fresh:
        return False
    application = installation.catalogue.applications.get(wish.application_code or "")
    policy = application.local_account if application else None
    return application is None or (policy is not None and policy.remember_days > 0)


def least_level(installation: Installation, wish: SignInWish) -> int:
    """The level that is enough for what somebody comes for."""
    application = installation.catalogue.applications.get(wish.application_code or "")
    return max(wish.requested_level, application.minimum_level if application else 0)


PASSWORD_CHANGED = Text(
    "Het wachtwoord is net gewijzigd. Meld u opnieuw aan.", "The password was changed just now. Please sign in again."
)
NO_NUMBER = Text(
    "Er staat geen mobiel nummer bij uw account. Vraag uw beheerder om het in te vullen.",
    "Your account has no mobile number. Ask your administrator to fill it in.",
)
NEEDS_APP = Text(
    "Hiervoor is een toegangssleutel of een code uit een app nodig. Voeg eerst een app of een toegangssleutel toe in Mijn profiel.",
    "This needs a passkey or a code from an app. First add an app or a passkey in My profile.",
)
