"""tell_givers_of_doubt: the verified name of somebody does not fit the one that was typed or entered; tell whoever gave them a
right (lifecycles §7, threats DG6).

They know what they approved, and can see whether name and number of that request are right. They are told its number and
nothing of who stood at the gate: neither that name nor whose number it is. Settling it is `settle_doubt`.
"""

import uuid

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from broker.access.access_request import AccessRequest
from broker.access.grant import Grant
from broker.notifications import both, put_mail
from broker.people.affiliation import Affiliation
from broker.people.person import Person
from broker.text import Text

_REACHABLE = ("entered", "proved", "verified")

OTHER_NAME = Text(
    "Met het rijksregisternummer van aanvraag {request} meldde iemand zich aan die volgens de digitale sleutel anders heet"
    " dan in de aanvraag staat. Er is niets gestart. Keek u naam en nummer goed na? Bel gratis 1700 met het nummer van de"
    " aanvraag.",
    "Somebody signed in with the national register number of request {request} whose name, says the digital key, is not the"
    " one in that request. Nothing has started. Did you check name and number? Call 1700, free of charge, with the number of the"
    " request.",
)


def tell_givers_of_doubt(session: Session, person_id: uuid.UUID) -> None:
    """One mail to the giver of each open grant of `person_id` that was asked for; the same doubt is told once."""
    rows = session.execute(
        select(Grant.id, AccessRequest.number, Person, Affiliation)
        .join(AccessRequest, AccessRequest.id == Grant.request_id)
        .join(Person, Person.id == Grant.given_by)
        .outerjoin(
            Affiliation,
            and_(
                Affiliation.person_id == Grant.given_by,
                Affiliation.organisation_id == Grant.organisation_id,
                Affiliation.ended_at.is_(None),
            ),
        )
        .where(Grant.person_id == person_id, Grant.ended_at.is_(None))
        .order_by(Grant.given_at, Grant.id)
    )
    for grant_id, number, giver, work in rows:
        address = _address(giver, work)
        if address is None:
            continue
        put_mail(
            session,
            "operator_told",
            address,
            key=f"doubted:{grant_id}",
            language=giver.language,
            facts={"sentence": both(OTHER_NAME.with_facts(request=number))},
            subject_id=grant_id,
        )


def _address(giver: Person, work: Affiliation | None) -> str | None:
    """That of the job where there is one, else the person's own."""
    if work is not None and work.email and work.email_source in _REACHABLE:
        return work.email
    return giver.email if giver.email_source in _REACHABLE else None
