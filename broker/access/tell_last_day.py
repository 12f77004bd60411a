"""tell_last_day: the messages when a right ends earlier or lasts longer. Owns who is told what; the words are in notifications/."""

from datetime import date

from sqlalchemy.orm import Session

from broker.access.administered_grant import AdministeredGrant
from broker.access.end_grant import address_of
from broker.access.tell_owner import tell_owner
from broker.installation import Installation
from broker.notifications import put_mail

SHORTENED, EXTENDED = "shortened", "extended"


def tell_last_day(
    session: Session, installation: Installation, found: AdministeredGrant, last_day: date, change: str, reason: str
) -> None:
    """The person reads the new last day and the reason; the owner of the application that it changed."""
    grant, person = found.grant, found.person
    email, language = address_of(session, grant, person)
    occasion = f"{change}:{grant.id}:{last_day.isoformat()}"
    if email is not None:
        put_mail(
            session,
            "last_day_changed",
            email,
            key=occasion,
            language=language,
            facts={
                "application_code": grant.application_code,
                "right_code": grant.right_code,
                "context_code": grant.context_code,
                "organisation_name": found.organisation.name,
                "given_name": found.name.given_name,
                "change": change,
                "valid_until": last_day.isoformat(),
                "reason": reason,
                "decided_by": "officer" if found.in_place else "administrator",
            },
            subject_id=grant.id,
        )
    tell_owner(
        session,
        installation.catalogue,
        grant,
        found.name.full_name,
        email,
        found.organisation.name,
        change,
        occasion=last_day.isoformat(),
    )
