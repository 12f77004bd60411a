"""change_last_day: an administrator lets a right end earlier, or last longer (lifecycles §3: shorten, extend).

Earlier needs a reason. Longer runs the rules of giving, as it gives the right for another while: still offered to this kind of
organisation, and no later than a right given today. The page says which last day it showed: another one by now is a conflict, not a
silent overwrite (threats ID5). Whoever stands in for a colleague for longer lets that colleague's right rest for longer.
"""

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.absent_longer import absent_longer, absent_person
from broker.access.administered_grant import lock_administered_grant
from broker.access.decision import PAGE_OUT_OF_DATE, cleaned_reason
from broker.access.explain_request import months_later
from broker.access.grant import Grant
from broker.access.tell_last_day import EXTENDED, SHORTENED, tell_last_day
from broker.access.tell_rights_changed import tell_rights_changed
from broker.catalogue import Catalogue
from broker.errors import ConflictError, InvalidError
from broker.installation import Installation
from broker.people.organisation import Organisation
from broker.text import Text

SAME_DAY = Text("Dat is de dag waarop het recht nu al stopt.", "That is the day on which the right ends already.")
IN_THE_PAST = Text("Kies vandaag of een latere dag.", "Choose today or a later day.")
TOO_LATE = Text(
    "Zo lang kan dit recht niet duren. Kies een vroegere dag.",
    "This right cannot last that long. Choose an earlier day.",
)
NO_LONGER_OFFERED = Text(
    "De toepassing biedt dit recht niet meer aan voor dit soort organisatie. Verlengen kan niet.",
    "The application no longer offers this right to this kind of organisation. It cannot be extended.",
)


@dataclass(frozen=True, slots=True)
class LastDay:
    """The last day that was chosen, why, and the one that the page showed (None: no end)."""

    chosen: date
    reason: str
    seen: date | None


def change_last_day(
    session: Session, installation: Installation, actor: uuid.UUID, grant_id: uuid.UUID, last_day: LastDay
) -> str:
    """Write the new last day; "shortened" or "extended".

    Raises:
        NotFoundError, ForbiddenError: as `lock_administered_grant`.
        ConflictError: the right ended, is no longer offered, or its last day is another than the page showed.
        InvalidError: a day that cannot be, or no reason for an earlier one.
    """
    found = lock_administered_grant(session, actor, grant_id, *absent_person(session, grant_id))
    grant = found.grant
    now_last = clock.last_day(grant.valid_until) if grant.valid_until is not None else None
    if grant.run_out(clock.now()) or now_last != last_day.seen:
        raise ConflictError("grant_changed", PAGE_OUT_OF_DATE)
    change = SHORTENED if now_last is None or last_day.chosen < now_last else EXTENDED
    reason = cleaned_reason(last_day.reason, required=change == SHORTENED)
    wrong = _wrong_day(
        last_day.chosen, now_last, latest_last_day(installation.catalogue, grant, found.organisation), change
    )
    if wrong is not None:
        raise InvalidError("last_day_wrong", wrong, {"last_day": wrong})
    if change == EXTENDED:
        absent_longer(session, installation, actor, found, clock.end_of_day(last_day.chosen), reason)
    grant.valid_until = clock.end_of_day(last_day.chosen)
    grant.end_notices = 0
    session.flush()
    audit.record(
        session,
        "access:grant:shorten" if change == SHORTENED else "access:grant:extend",
        subject_id=grant.id,
        organisation_id=grant.organisation_id,
        details={"last_day": last_day.chosen.isoformat(), "in_place": found.in_place},
    )
    tell_rights_changed(session, grant, change, key=uuid.uuid4())
    tell_last_day(session, installation, found, last_day.chosen, change, reason)
    return change


def latest_last_day(catalogue: Catalogue, grant: Grant, organisation: Organisation) -> date | None:
    """The last day that an extension made today could give; None where the right is no longer offered to such an organisation."""
    wanted = (grant.right_code, grant.context_code, organisation.target_group, organisation.organisation_type)
    application = catalogue.applications.get(grant.application_code)
    if application is None or not organisation.living:
        return None
    codes = application.entitlement_codes.values()
    if wanted not in [
        (each.right_code, each.context_code, each.target_group, each.organisation_type) for each in codes
    ]:
        return None
    return months_later(clock.local_date(clock.now()), application.grant_months)


def _wrong_day(chosen: date, now_last: date | None, latest: date | None, change: str) -> Text | None:
    if chosen == now_last:
        return SAME_DAY
    if chosen < clock.local_date(clock.now()):
        return IN_THE_PAST
    if change == EXTENDED and latest is None:
        return NO_LONGER_OFFERED
    if change == EXTENDED and latest is not None and chosen > latest:
        return TOO_LATE
    return None
