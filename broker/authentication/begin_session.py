"""begin_session: somebody proved who they are, in whatever way; this browser gets a session, or the one it has rises.

Owns when a session rises, is replaced or begins anew, and the event of each. Does not own the proof (`finish_sign_in`,
`finish_local_sign_in`).
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.authentication.browser_session import BrowserSession, new_token, token_hash
from broker.authentication.end_session import end_row
from broker.database import to_change
from broker.errors import ForbiddenError
from broker.installation import Installation
from broker.text import Text

LEVEL_NOT_REACHED = Text("Hiervoor is een sterkere digitale sleutel nodig.", "This needs a stronger digital key.")


@dataclass(frozen=True, slots=True)
class Proof:
    """How and when somebody proved who they are. `number` is the rijksregisternummer proved with it, or None."""

    provider_code: str
    acr: str
    level: int
    amr: tuple[str, ...]
    auth_time: datetime
    given_name: str
    family_name: str
    number: str | None = field(default=None, repr=False)


def begin_session(
    session: Session,
    installation: Installation,
    person_id: uuid.UUID,
    proof: Proof,
    cookie: str | None,
    application_code: str | None = None,
) -> str:
    """The new value of the cookie; `cookie` is what the browser held before: that id dies. For an application that does not take
    the way in of before, the session does not rise: it is replaced, by a weaker one too.

    Raises:
        ForbiddenError: `level_not_reached`, weaker than the session that would be replaced (threats UP7).
    """
    now = clock.now()
    before = _held(session, cookie)
    application = installation.catalogue.applications.get(application_code or "")
    rising = (
        before is not None
        and before.living(now)
        and before.person_id == person_id
        and (application is None or before.provider_code in application.sign_in)
    )
    if before is not None and not rising:
        end_row(session, installation, before, now, "replaced" if before.living(now) else "expired")
    if before is not None and rising:
        if proof.level < before.level:
            raise ForbiddenError("level_not_reached", LEVEL_NOT_REACHED, provider=proof.provider_code)
        row = before
    else:
        row = BrowserSession(id=uuid.uuid4(), person_id=person_id, created_at=now)
        session.add(row)
    token = new_token()
    row.token_hash = token_hash(token)
    _write_proof(installation, row, proof, now)
    audit.record(
        session,
        "authentication:session:step_up" if rising else "authentication:session:start",
        subject_id=person_id,
        details={"session": row.id, "provider": row.provider_code, "acr": row.acr, "level": row.level},
    )
    return token


def _held(session: Session, cookie: str | None) -> BrowserSession | None:
    """The row of the cookie, locked; only one of two sign-ins at once can raise it."""
    if cookie is None:
        return None
    return session.scalar(
        to_change(
            select(BrowserSession).where(
                BrowserSession.token_hash == token_hash(cookie), BrowserSession.ended_at.is_(None)
            )
        )
    )


def _write_proof(installation: Installation, row: BrowserSession, proof: Proof, now: datetime) -> None:
    row.provider_code = proof.provider_code
    row.acr, row.level, row.amr = proof.acr, proof.level, list(proof.amr)
    row.auth_time, row.last_seen = proof.auth_time, now
    row.given_name, row.family_name = proof.given_name, proof.family_name
    row.number_sealed = installation.keys.seal(proof.number, row.number_place) if proof.number else None
