"""end_account_of_leaver: whoever works nowhere any more has no local account any more either (seed 004: "Verwijder gebruikers
direct uit het systeem wanneer zij … uit dienst gaan").

A part of `end_affiliation`, no operation of its own. Who works for another organisation, waits for the answer of one, or holds a
mandate, keeps the account. The person is no longer matched, so that no session of theirs counts from now on; coming back is a new
invitation.
"""

import uuid

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.access_request import AccessRequest
from broker.access.tell_rights_changed import tell_rights_changed
from broker.notifications import put_mail
from broker.people.affiliation import Affiliation
from broker.people.end_affiliation import AFFILIATION_ENDED
from broker.people.end_local_account import LEFT, end_local_account
from broker.people.find_local_account import account_of_person
from broker.people.local_account import made_for
from broker.people.mandate import Mandate
from broker.people.organisation import Organisation
from broker.people.person import Person


def end_account_of_leaver(session: Session, person: Person, organisation: Organisation) -> None:
    """End the account of `person`, if there is one; their job at `organisation` just ended, and the caller holds them."""
    account = account_of_person(session, person.id)
    if account is None or _has_business_here(session, person.id):
        return
    end_local_account(session, person.id, LEFT)
    if person.state == "matched":
        person.state = "unlinked"
    session.flush()
    tell_rights_changed(session, person, AFFILIATION_ENDED, key=account.id)
    if person.proved_email is not None:
        put_mail(
            session,
            "account_ended",
            person.proved_email,
            key=str(account.id),
            language=person.language,
            facts={
                "given_name": person.given_name,
                "organisation_name": organisation.name,
                "user_name": account.user_name,
                "since": clock.now().isoformat(),
                **made_for(account),
            },
            subject_id=person.id,
        )


def _has_business_here(session: Session, person_id: uuid.UUID) -> bool:
    works = (
        exists()
        .where(Affiliation.person_id == person_id, Affiliation.ended_at.is_(None))
        .where(Organisation.id == Affiliation.organisation_id, Organisation.ended_at.is_(None))
    )
    decides = exists().where(Mandate.person_id == person_id, Mandate.ended_at.is_(None))
    asks = exists().where(AccessRequest.person_id == person_id, AccessRequest.closed_at.is_(None))
    return bool(session.scalar(select(works | decides | asks)))
