"""tell_owner: the owner of an application is told of every right in it that is given, changed or ends (seed 000, "jeugdmonitor@…").

Owns who is told and which facts, and no others (seed-sentences C3); the words are in notifications/.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from broker import clock
from broker.access.grant import Grant
from broker.access.tell_service import tell_service
from broker.catalogue import Catalogue
from broker.notifications import put_mail
from broker.people.affiliation import Affiliation


def tell_owner(
    session: Session,
    catalogue: Catalogue,
    grant: Grant,
    person_name: str,
    email: str | None,
    organisation_name: str,
    change: str,
    only_if: str | None = None,
    occasion: str = "",
    since: datetime | None = None,
) -> None:
    """The owner of the application is told of every grant, change and end: these fields and no others (seed-sentences C3).

    `occasion` tells one change from the next, where the same can happen to a right again. `since` None: from now on. The general
    address of the service reads along (M9).
    """
    application = catalogue.applications.get(grant.application_code)
    if application is None:
        return
    key = f"grant:{grant.id}:{change}{occasion and ':' + occasion}"
    since = since or clock.now()
    service = session.get_one(Affiliation, grant.affiliation_id).general_email
    if service is not None:
        tell_service(
            session, service, grant, person_name, organisation_name, change, key=key, since=since, only_if=only_if
        )
    for address in application.notify_grants:
        put_mail(
            session,
            "owner_told",
            address,
            key=key,
            facts={
                "application_code": grant.application_code,
                "right_code": grant.right_code,
                "context_code": grant.context_code,
                "organisation_name": organisation_name,
                "person_name": person_name,
                "email": ", ".join(each for each in (email, service) if each),
                "change": change,
                "since": since.isoformat(),
            },
            subject_id=grant.id,
            only_if=only_if,
        )
