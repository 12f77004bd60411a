"""suspend_right: an administrator stops a right for a while, without losing it (lifecycles §3).

Suspended is ended for tokens: what hangs on it stops at once. It keeps its role and its dates, and works again when somebody
resumes it (`resume_right`) or when its last day of suspension is over (`settle_suspensions`).
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.administered_grant import lock_administered_grant
from broker.access.decision import cleaned_reason
from broker.access.grant import Grant
from broker.access.tell_rights_changed import tell_rights_changed
from broker.access.tell_suspension import SUSPENDED, tell_suspension
from broker.errors import ConflictError, InvalidError
from broker.installation import Installation
from broker.text import Text

ALREADY_SUSPENDED = Text(
    "Dit recht is al geschorst, of zal dat zijn. Hervat het eerst.",
    "This right is suspended already, or will be. Resume it first.",
)
NOT_A_DAY_TO_RETURN = Text(
    "Kies vandaag of een latere dag, voor het recht zelf stopt.",
    "Choose today or a later day, before the right itself ends.",
)


@dataclass(frozen=True, slots=True)
class Suspension:
    """Why, and the last day of it; None: until somebody resumes the right."""

    reason: str
    last_day: date | None = None


def suspend_right(
    session: Session, installation: Installation, actor: uuid.UUID, grant_id: uuid.UUID, suspension: Suspension
) -> None:
    """Suspend it from now on.

    Raises:
        NotFoundError, ForbiddenError, ConflictError: as `lock_administered_grant`, or it is suspended already.
        InvalidError: no reason, or a last day that cannot be.
    """
    reason = cleaned_reason(suspension.reason, required=True)
    found = lock_administered_grant(session, actor, grant_id)
    grant, now = found.grant, clock.now()
    require_not_suspended(grant, now)
    until = _until(grant, suspension.last_day)
    write_suspension(session, grant, actor, now, until, reason)
    tell_suspension(
        session,
        installation,
        grant,
        found.person,
        found.organisation,
        SUSPENDED,
        since=now,
        reason=reason,
        in_place=found.in_place,
    )


def require_not_suspended(grant: Grant, now: datetime) -> None:
    """A locked right that is not suspended, now or later.

    Raises:
        ConflictError: it is.
    """
    if grant.suspension_open(now):
        raise ConflictError("grant_suspended", ALREADY_SUSPENDED)


def write_suspension(
    session: Session, grant: Grant, actor: uuid.UUID, begins: datetime, until: datetime | None, note: str
) -> None:
    """The window on a locked right; one that begins now ends what hangs on it, another is begun by the clock."""
    now = clock.now()
    grant.suspended_from, grant.suspended_until, grant.suspended_by = begins, until, actor
    grant.suspension_note, grant.suspension_begun = note, begins <= now
    session.flush()
    details: dict[str, audit.Detail] = {"first_day": clock.local_date(begins).isoformat()}
    if until is not None:
        details["last_day"] = clock.last_day(until).isoformat()
    audit.record(
        session, "access:grant:suspend", subject_id=grant.id, organisation_id=grant.organisation_id, details=details
    )
    if grant.suspension_begun:
        tell_rights_changed(session, grant, SUSPENDED, key=uuid.uuid4())


def _until(grant: Grant, last_day: date | None) -> datetime | None:
    if last_day is None:
        return None
    until = clock.end_of_day(last_day)
    if last_day < clock.local_date(clock.now()) or (grant.valid_until is not None and until > grant.valid_until):
        raise InvalidError("last_day_wrong", NOT_A_DAY_TO_RETURN, {"last_day": NOT_A_DAY_TO_RETURN})
    return until
