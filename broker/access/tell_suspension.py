"""tell_suspension: the messages when a right stops for a while and when it works again. Owns who is told what.

The person reads it, with the reason; the owner of the application that it changed (seed-sentences W15, C3).
"""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from broker import clock
from broker.access.end_grant import address_of
from broker.access.grant import Grant
from broker.access.tell_owner import tell_owner
from broker.installation import Installation
from broker.notifications import put_mail
from broker.people.affiliation import Affiliation
from broker.people.name_at_work import name_at_work
from broker.people.organisation import Organisation
from broker.people.person import Person

SUSPENDED, RESUMED = "suspended", "resumed"


def tell_suspension(
    session: Session,
    installation: Installation,
    grant: Grant,
    person: Person,
    organisation: Organisation,
    change: str,
    *,
    since: datetime,
    reason: str = "",
    in_place: bool = False,
    stands_in: str | None = None,
) -> None:
    """`since` is from when; `stands_in` the name of the colleague who uses the right meanwhile."""
    email, language = address_of(session, grant, person)
    name = name_at_work(person, session.get_one(Affiliation, grant.affiliation_id))
    occasion = clock.now().isoformat()
    facts: dict[str, Any] = {
        "application_code": grant.application_code,
        "right_code": grant.right_code,
        "context_code": grant.context_code,
        "organisation_name": organisation.name,
        "given_name": name.given_name,
        "since": since.isoformat(),
        "reason": reason,
    }
    if change == SUSPENDED:
        facts["suspended_until"] = (
            clock.last_day(grant.suspended_until).isoformat() if grant.suspended_until is not None else None
        )
        facts["stands_in_name"] = stands_in
        facts["decided_by"] = "officer" if in_place else "administrator"
    if email is not None:
        put_mail(
            session,
            f"right_{change}",
            email,
            key=f"{change}:{grant.id}:{occasion}",
            language=language,
            facts=facts,
            subject_id=grant.id,
        )
    tell_owner(
        session,
        installation.catalogue,
        grant,
        name.full_name,
        email,
        organisation.name,
        change,
        occasion=occasion,
        since=since,
    )
