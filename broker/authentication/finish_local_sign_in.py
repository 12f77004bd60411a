"""finish_local_sign_in: what followed the password was right too; this browser gets a session.

Owns what an answer to the second factor comes to, the pending sign-in that it belongs to, locked, and whether the two together are
strong enough. Does not own judging the answer (`answer_code`, `answer_passkey`).
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy.orm import Session

from broker import audit
from broker.authentication.begin_session import begin_session
from broker.authentication.local_proof import local_proof
from broker.authentication.local_sign_in import PendingSignIn, SignInWish, pending_sign_in
from broker.authentication.lock_person_and_account import lock_person_and_account
from broker.authentication.remembered_device import DeviceCookie, remember_device
from broker.authentication.take_phone_change import take_if_due
from broker.authentication.try_password import least_level
from broker.catalogue import LOCAL_ACCOUNT
from broker.errors import ForbiddenError
from broker.installation import Installation
from broker.text import Text

OVER, WRONG, RIGHT = "over", "wrong", "right"


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of an answer. `left`: how many more this code takes; after a right one what the browser goes on with."""

    outcome: str
    left: int = 0
    session_token: str | None = field(default=None, repr=False)
    device: DeviceCookie | None = field(default=None, repr=False)
    wish: SignInWish | None = None


def finish_local_sign_in(
    session: Session,
    installation: Installation,
    pending: PendingSignIn,
    method: str,
    *,
    remember: bool,
    cookie: str | None,
) -> Answered:
    """Sign somebody in by `method` (`local_proof`). `remember`: they asked to remember this device; `cookie` is the session's.

    Raises:
        ForbiddenError: as `begin_session`; or what was asked is stronger than this.
    """
    wish, person = wish_of(pending), pending.person
    proof = local_proof(person, method, pending.row.password_at)
    application = installation.catalogue.applications.get(wish.application_code or "")
    if proof.level < least_level(installation, wish):
        raise ForbiddenError("level_not_reached", NOT_STRONG_ENOUGH, provider=LOCAL_ACCOUNT)
    with audit.acting(replace(audit.current_acting(), kind="person", person_id=person.id)):
        token = begin_session(session, installation, person.id, proof, cookie, wish.application_code)
    policy = application.local_account if application else None
    device = None
    if remember and policy is not None and policy.remember_days:
        device = remember_device(session, pending.account, timedelta(days=policy.remember_days), skips_code=True)
    return Answered(RIGHT, session_token=token, device=device, wish=wish)


def locked_pending(session: Session, installation: Installation, token: str) -> PendingSignIn | None:
    """The pending sign-in with person and account locked, in that order; read again, as another may have used it. It is over
    where another number took effect meanwhile."""
    found = pending_sign_in(session, token)
    if found is None:
        return None
    lock_person_and_account(session, found.person.id, found.account.id)
    if take_if_due(session, installation, found.account, found.person):
        return None
    return pending_sign_in(session, token)


def wish_of(pending: PendingSignIn) -> SignInWish:
    """What the person came for."""
    row = pending.row
    return SignInWish(row.return_path, row.application_code, row.requested_level, row.fresh)


NOT_STRONG_ENOUGH = Text(
    "Een code per sms is hiervoor niet sterk genoeg.", "A code by SMS is not strong enough for this."
)
