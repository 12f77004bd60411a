"""start_sign_in: remember that this browser goes to a provider, and what must come back with it."""

import uuid
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import delete
from sqlalchemy.orm import Session

from broker import clock
from broker.authentication.sign_in_attempt import LIFETIME, SignInAttempt
from broker.installation import Installation


@dataclass(frozen=True, slots=True)
class StartedSignIn:
    """What goes to the provider: state, nonce, and the PKCE verifier (of which only the S256 challenge does)."""

    state: str = field(default_factory=lambda: token_urlsafe(32), repr=False)
    nonce: str = field(default_factory=lambda: token_urlsafe(32), repr=False)
    verifier: str = field(default_factory=lambda: token_urlsafe(48), repr=False)


def start_sign_in(
    session: Session,
    installation: Installation,
    provider_code: str,
    started: StartedSignIn,
    *,
    browser: str,
    return_path: str,
    application_code: str | None = None,
    requested_level: int = 0,
    fresh: bool = False,
) -> None:
    """Write down an attempt of ten minutes, bound to `browser`. Attempts that ran out are erased on the way."""
    now = clock.now()
    session.execute(delete(SignInAttempt).where(SignInAttempt.expires_at <= now))
    attempt = SignInAttempt(
        id=uuid.uuid4(),
        state_hash=attempt_hash(started.state),
        browser_hash=attempt_hash(browser),
        provider_code=provider_code,
        nonce=started.nonce,
        requested_level=requested_level,
        fresh=fresh,
        application_code=application_code,
        return_path=return_path,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    attempt.verifier_sealed = installation.keys.seal(started.verifier, attempt.verifier_place)
    session.add(attempt)


def attempt_hash(value: str) -> str:
    """What the row keeps of a state or of a browser's value."""
    return sha256(value.encode()).hexdigest()
