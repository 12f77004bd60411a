"""Consent: what a person agreed that an application may learn, where its policy asks once. Owns the table and
giving it."""

import uuid
from datetime import datetime

from sqlalchemy import Connection, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from broker import audit, clock
from broker.database import Base, Identified, UtcDateTime
from broker.installation import Installation


class Consent(Identified, Base):
    """One yes, to these scopes for this client. More scopes later need another yes."""

    __tablename__ = "consents"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    client_id: Mapped[str] = mapped_column(String(80))
    scopes: Mapped[str]
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_consents_person", "person_id", "client_id"),)


def has_consented(session: Session | Connection, person_id: uuid.UUID, client_id: str, scopes: frozenset[str]) -> bool:
    """Whether the person agreed to all of `scopes` for this client."""
    given = session.scalars(
        select(Consent.scopes).where(Consent.person_id == person_id, Consent.client_id == client_id)
    )
    return any(scopes <= set(each.split()) for each in given)


def give_consent(
    session: Session, installation: Installation, actor: uuid.UUID, client_id: str, scopes: frozenset[str]
) -> None:
    """Note that `actor` agrees; the same yes again is noted once."""
    if client_id not in installation.catalogue.clients or has_consented(session, actor, client_id, scopes):
        return
    session.add(Consent(person_id=actor, client_id=client_id, scopes=" ".join(sorted(scopes)), given_at=clock.now()))
    audit.record(session, "authentication:consent:give", subject_id=actor, details={"client": client_id})
