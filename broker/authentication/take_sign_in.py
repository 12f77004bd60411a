"""take_sign_in: a browser came back from a provider; use its attempt, once."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from broker import clock
from broker.authentication.sign_in_attempt import SignInAttempt
from broker.authentication.start_sign_in import attempt_hash
from broker.errors import NotFoundError
from broker.installation import Installation
from broker.text import Text

ATTEMPT_OVER = Text(
    "Deze aanmelding is niet meer geldig. Begin opnieuw.", "This sign-in is no longer valid. Please start again."
)


@dataclass(frozen=True, slots=True)
class TakenSignIn:
    """What the attempt remembered."""

    provider_code: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    requested_level: int
    fresh: bool
    application_code: str | None
    return_path: str
    started_at: datetime


def take_sign_in(
    session: Session, installation: Installation, provider_code: str, *, state: str, browser: str
) -> TakenSignIn:
    """Use up the attempt that `state` names, if this browser began it at this provider (threats UP1).

    Raises:
        NotFoundError: `attempt_over`: unknown, used, run out, of another browser or of another provider; all one
        answer.
    """
    now = clock.now()
    result = session.execute(
        update(SignInAttempt)
        .where(
            SignInAttempt.state_hash == attempt_hash(state),
            SignInAttempt.browser_hash == attempt_hash(browser),
            SignInAttempt.provider_code == provider_code,
            SignInAttempt.used_at.is_(None),
            SignInAttempt.expires_at > now,
        )
        .values(used_at=now)
    )
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise NotFoundError("attempt_over", ATTEMPT_OVER)
    attempt = session.scalars(select(SignInAttempt).where(SignInAttempt.state_hash == attempt_hash(state))).one()
    return TakenSignIn(
        provider_code=attempt.provider_code,
        nonce=attempt.nonce,
        verifier=installation.keys.unseal(attempt.verifier_sealed, attempt.verifier_place),
        requested_level=attempt.requested_level,
        fresh=attempt.fresh,
        application_code=attempt.application_code,
        return_path=attempt.return_path,
        started_at=attempt.created_at,
    )
