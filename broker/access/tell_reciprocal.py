"""tell_reciprocal: once a month the officers and the owners hear how often people gave each other a right (threats ID8).

Counts only; who stands on a page behind their sign-in. The event in the audit says that a month was told.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.reciprocal_rights import month_of, overseen_scope, reciprocal_rights, within
from broker.audit import AuditEvent
from broker.installation import Installation
from broker.notifications import put_mail
from broker.people.living_mandates import living_mandates
from broker.people.mandate import APPLICATION_OWNER, TARGET_GROUP_OFFICER

EVENT = "access:report:reciprocal"


def month_is_told(session: Session) -> bool:
    """Whether the month before this one was told already."""
    began, _ = month_of(clock.now())
    found = session.scalar(
        select(AuditEvent.id).where(AuditEvent.name == EVENT, AuditEvent.happened_at >= began).limit(1)
    )
    return found is not None


def tell_reciprocal(session: Session, installation: Installation) -> int:
    """Tell of the month before this one, everybody who oversees one of those rights; how many there were.

    An application without an owner who can be told has the addresses of its policy.
    """
    since, until = month_of(clock.now(), back=1)
    found = reciprocal_rights(session, since, until)
    scopes = {scope for each in found for scope in each.scopes}
    for scope in sorted(scopes):
        count = len(within(found, [scope]))
        key = f"reciprocal:{clock.local_date(since)}:{':'.join(scope)}"
        for address, language, given_name in _readers(session, installation, scope):
            facts = {**_about(scope), "given_name": given_name, "task_count": count, **_month(since, until)}
            put_mail(session, "reciprocal_told", address, key=key, language=language, facts=facts)
    audit.record(session, EVENT, details={"month": f"{clock.local_date(since):%Y-%m}", "found": len(found)})
    return len(found)


def _readers(session: Session, installation: Installation, scope: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """(address, language, given name) of everybody with this scope."""
    told = False
    for view in living_mandates(session, kinds=(APPLICATION_OWNER if len(scope) == 1 else TARGET_GROUP_OFFICER,)):
        if view.email and overseen_scope(view.mandate) == scope:
            told = True
            yield view.email, view.language, view.person.given_name
    application = installation.catalogue.applications.get(scope[0]) if len(scope) == 1 and not told else None
    for address in application.notify_grants if application else ():
        yield address, "nl", ""


def _about(scope: tuple[str, ...]) -> dict[str, str]:
    if len(scope) == 1:
        return {"application_code": scope[0]}
    return {"target_group": scope[0], "organisation_type": scope[1]}


def _month(since: datetime, until: datetime) -> dict[str, str]:
    return {"since": clock.local_date(since).isoformat(), "due": clock.last_day(until).isoformat()}
