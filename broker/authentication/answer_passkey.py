"""answer_passkey: somebody signs in with a passkey, after their password or in place of it.

In place of it only one whose authenticator asked for a PIN, finger or face, now and when it was added: whoever finds a key that
asks for nothing could else set a PIN of their own. No wrong password, code or passkey of anybody delays it: a signature cannot be
guessed, so this lane has nothing to fill (threats PW2). The outcome is returned, never raised: what was used up stays so.
"""

from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from broker import audit, clock
from broker.authentication.begin_session import begin_session
from broker.authentication.finish_local_sign_in import (
    NOT_STRONG_ENOUGH,
    OVER,
    WRONG,
    Answered,
    finish_local_sign_in,
    locked_pending,
)
from broker.authentication.judge_passkey import accept_passkey, judge_passkey, refuse_passkey
from broker.authentication.local_proof import local_proof
from broker.authentication.local_sign_in import SignInWish, pending_sign_in
from broker.authentication.passkey import passkeys_of
from broker.authentication.passkey_answer import ask_to_sign
from broker.authentication.passkey_challenge import new_challenge
from broker.authentication.terms_acceptance import accept_terms
from broker.authentication.try_password import least_level
from broker.catalogue import LOCAL_ACCOUNT, Application, Terms
from broker.errors import ForbiddenError
from broker.installation import Installation
from broker.people.local_account import is_ready

_ALONE, _AFTER_PASSWORD = "alone", "after_password"


@dataclass(frozen=True, slots=True)
class EnteredByPasskey:
    """Signed in; `renewed` are the documents that are newer than at the last sign-in."""

    session_token: str = field(repr=False)
    renewed: tuple[Terms, ...] = ()


def ask_any_passkey(session: Session, installation: Installation, browser: str) -> str:
    """What whoever sits at `browser` (a value that only it has) is to have signed, in JSON; the same for everybody."""
    return ask_to_sign(installation.settings, new_challenge(session, _ALONE, browser))


def enter_by_passkey(
    session: Session,
    installation: Installation,
    browser: str,
    answer: str,
    wish: SignInWish,
    applications: tuple[Application, ...],
    cookie: str | None,
) -> EnteredByPasskey | None:
    """Sign in without a password, agreeing to the terms of `applications`; None for whatever is not right. `cookie` is the
    session's, if there is one.

    Raises:
        ForbiddenError: as `begin_session`; or what was asked is stronger than a passkey.
    """
    right = judge_passkey(session, installation, _ALONE, browser, answer)
    if right is None:
        return None
    account, person = right.account, right.person
    if right.signed.holder != account.id.bytes:
        refuse_passkey(session, person.id, "other_holder")
        return None
    if not (right.signed.verified and right.passkey.verifies_user):
        refuse_passkey(session, person.id, "not_verified")
        return None
    if not is_ready(account, person) or person.state != "matched":
        refuse_passkey(session, person.id, "not_ready")
        return None
    proof = local_proof(person, "passkey_alone", clock.now())
    if proof.level < least_level(installation, wish):
        raise ForbiddenError("level_not_reached", NOT_STRONG_ENOUGH, provider=LOCAL_ACCOUNT)
    accept_passkey(session, right, alone=True)
    renewed = accept_terms(session, account.id, person.id, applications)
    with audit.acting(replace(audit.current_acting(), kind="person", person_id=person.id)):
        token = begin_session(session, installation, person.id, proof, cookie, wish.application_code)
    return EnteredByPasskey(token, renewed)


def ask_own_passkey(session: Session, installation: Installation, token: str) -> str | None:
    """What one of the passkeys of a pending sign-in is to sign, in JSON; None where that is over or has none."""
    pending = pending_sign_in(session, token)
    if pending is None or not pending.takes_stronger:
        return None
    known = [each.credential_id for each in passkeys_of(session, pending.account.id)]
    if not known:
        return None
    return ask_to_sign(installation.settings, new_challenge(session, _AFTER_PASSWORD, token), known)


def answer_passkey(
    session: Session, installation: Installation, token: str, answer: str, cookie: str | None
) -> Answered:
    """Judge what a passkey answered after a right password; it need not have asked for a PIN, finger or face.

    Raises:
        ForbiddenError: as `finish_local_sign_in`.
    """
    pending = locked_pending(session, installation, token)
    if pending is None or not pending.takes_stronger:
        return Answered(OVER)
    right = judge_passkey(session, installation, _AFTER_PASSWORD, token, answer, holder=pending.person)
    if right is None:
        return Answered(WRONG)
    pending.row.used_at = clock.now()
    right.passkey.verifies_user = right.passkey.verifies_user or right.signed.verified
    accept_passkey(session, right, alone=False)
    return finish_local_sign_in(session, installation, pending, "passkey", remember=False, cookie=cookie)
