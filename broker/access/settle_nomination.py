"""settle_nomination: what was asked for a colleague is answered; whoever asked reads it, and what they typed of somebody else goes.

Part of the operations that answer it (`add_colleague`, `decide_nomination`, `lapse_nominations`); no door calls it. The mail is to
whoever asked alone, so it may repeat the name that they typed.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.end_grant import address_of
from broker.access.grant import Grant
from broker.access.nomination import Nomination
from broker.database import to_change
from broker.notifications import put_mail
from broker.people.organisation import Organisation
from broker.people.person import Person

ADDED, PRESENT, DECLINED, LAPSED = "added", "present", "declined", "lapsed"


def settle_nomination(session: Session, nomination: Nomination, outcome: str, reason: str = "") -> None:
    """`nomination` is locked and open; `outcome` is ADDED, PRESENT, DECLINED (with the reason of the administrator) or LAPSED."""
    grant = session.get_one(Grant, nomination.grant_id)
    asker = session.get_one(Person, nomination.nominated_by)
    address, language = address_of(session, grant, asker)
    if address is not None:
        put_mail(
            session,
            "nomination_settled",
            address,
            key=f"nomination:{nomination.id}",
            language=language,
            facts={
                "application_code": nomination.application_code,
                "organisation_name": session.get_one(Organisation, nomination.organisation_id).name,
                "person_name": nomination.full_name,
                "outcome": outcome,
                "reason": reason or None,
                "since": nomination.created_at.isoformat(),
                "given_name": asker.given_name,
            },
            subject_id=nomination.id,
        )
    nomination.given_name = nomination.family_name = nomination.email = nomination.note = ""
    nomination.settled_at = clock.now()


def lock_nomination(session: Session, nomination_id: uuid.UUID) -> Nomination:
    """The nomination, locked."""
    return session.scalars(to_change(select(Nomination).where(Nomination.id == nomination_id))).one()
