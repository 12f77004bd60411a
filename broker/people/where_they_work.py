"""where_they_work: the names of the organisations that somebody works for now. Read-only."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock
from broker.people.affiliation import Affiliation
from broker.people.organisation import Organisation


def where_they_work(session: Session, person_id: uuid.UUID) -> str:
    """By name, with commas between; empty for somebody who works nowhere."""
    return ", ".join(
        session.scalars(
            select(Organisation.name)
            .join(Affiliation, Affiliation.organisation_id == Organisation.id)
            .where(Affiliation.person_id == person_id, Affiliation.holds(clock.now()), Organisation.ended_at.is_(None))
            .order_by(Organisation.name, Organisation.id)
        )
    )
