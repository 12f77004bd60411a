"""hand_over: a colleague takes over a right for a period, and the right itself rests meanwhile (lifecycles §3, seed 000).

The colleague gets a right of their own by the rules of giving (`give_right`), from the first day to the last; the original is
suspended for the same window, so that it works again by itself. Both are told. Never two people with the right at the same
moment by this road, and nobody for himself (threats DG1).
"""

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.administered_grant import lock_grant, lock_holder
from broker.access.decision import cleaned_reason
from broker.access.explain_direct import DirectGrant
from broker.access.give_right import give_right
from broker.access.grant import Grant
from broker.access.suspend_right import require_not_suspended, write_suspension
from broker.access.tell_suspension import SUSPENDED, tell_suspension
from broker.errors import ConflictError, InvalidError, NotFoundError
from broker.installation import Installation
from broker.people.affiliation import Affiliation
from broker.people.name_at_work import name_at_work
from broker.people.person import Person
from broker.text import Text

CHOOSE_SOMEBODY = Text("Kies een collega.", "Choose a colleague.")
THE_SAME = Text("Kies iemand anders dan wie het recht heeft.", "Choose somebody other than whoever has the right.")
LAST_DAY_NEEDED = Text("Zeg tot en met welke dag.", "Say until which day.")
AFTER_ITS_END = Text(
    "Zo lang duurt het recht zelf niet. Kies een vroegere dag.",
    "The right itself does not last that long. Choose an earlier day.",
)
NOT_RUNNING = Text("Dit recht loopt niet meer.", "This right no longer runs.")


@dataclass(frozen=True, slots=True)
class HandOver:
    """To whom (the job of a colleague at the same organisation), between which days (inclusive; None: from now on), and why."""

    grant_id: uuid.UUID
    colleague_id: uuid.UUID | None
    last_day: date | None
    reason: str
    first_day: date | None = None


def hand_over(session: Session, installation: Installation, actor: uuid.UUID, wish: HandOver) -> Grant:
    """The right of the colleague who stands in.

    Raises:
        NotFoundError: no such right at an organisation of `actor`.
        ForbiddenError: the actor's own right or for the actor, or the mandate ended.
        ConflictError: it ended, is suspended already, or a rule forbids the colleague to have it.
        InvalidError: nobody was chosen, no reason, or days that cannot be.
    """
    reason = cleaned_reason(wish.reason, required=True)
    colleague = _colleague(session, wish)
    found = lock_holder(session, actor, wish.grant_id, colleague.person_id)
    if colleague.organisation_id != found.organisation.id:
        raise NotFoundError("person_unknown")
    if colleague.person_id == found.person.id:
        raise InvalidError("colleague_wrong", THE_SAME, {"colleague": THE_SAME})
    if wish.last_day is None:
        raise InvalidError("last_day_missing", LAST_DAY_NEEDED, {"last_day": LAST_DAY_NEEDED})
    right = found.grant
    given = give_right(
        session,
        installation,
        actor,
        DirectGrant(
            organisation_id=found.organisation.id,
            person_id=colleague.person_id,
            application_code=right.application_code,
            right_code=right.right_code,
            context_code=right.context_code,
            first_day=wish.first_day,
            last_day=wish.last_day,
        ),
    )
    grant = lock_grant(session, wish.grant_id)
    now = clock.now()
    if grant.run_out(now):
        raise ConflictError("grant_ended", NOT_RUNNING)
    require_not_suspended(grant, now)
    if grant.valid_until is not None and clock.end_of_day(wish.last_day) > grant.valid_until:
        raise InvalidError("last_day_wrong", AFTER_ITS_END, {"last_day": AFTER_ITS_END})
    stands_in = given.grant
    stands_in.handed_over_from = grant.id
    begins = stands_in.valid_from
    write_suspension(session, grant, actor, begins, stands_in.valid_until, reason)
    audit.record(
        session,
        "access:grant:hand_over",
        subject_id=grant.id,
        organisation_id=grant.organisation_id,
        details={"to": stands_in.id},
    )
    tell_suspension(
        session,
        installation,
        grant,
        found.person,
        found.organisation,
        SUSPENDED,
        since=begins,
        reason=reason,
        stands_in=name_at_work(session.get_one(Person, colleague.person_id), colleague).full_name,
    )
    return stands_in


def _colleague(session: Session, wish: HandOver) -> Affiliation:
    """The job that was chosen, unlocked: whether it still counts is asked again by the giving."""
    found = session.get(Affiliation, wish.colleague_id) if wish.colleague_id is not None else None
    if found is None:
        raise InvalidError("colleague_missing", CHOOSE_SOMEBODY, {"colleague": CHOOSE_SOMEBODY})
    return found
