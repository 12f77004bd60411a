"""entry_options: for which organisations a person can enter an application, and which one came last. Read-only."""

import uuid

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.live_rights import live_rights
from broker.authentication.capacity import Capacity, capacities
from broker.authentication.client_session import ClientSession
from broker.catalogue import Catalogue, Client
from broker.people.affiliation import Affiliation
from broker.people.organisation import Organisation


def entry_options(
    session: Session | Connection, catalogue: Catalogue, person_id: uuid.UUID, client: Client
) -> tuple[Capacity, ...]:
    """The organisations with a right that counts now; where the policy lets any person in, every one they work for."""
    options = capacities(live_rights(session, catalogue, person_id, client.application_code))
    if client.access == "right":
        return options
    with_rights = {each.organisation_id: each for each in options}
    return tuple(with_rights.get(each.organisation_id, each) for each in living_affiliations(session, person_id))


def living_affiliations(session: Session | Connection, person_id: uuid.UUID) -> tuple[Capacity, ...]:
    """Every living organisation that the person works for now, by name, without looking at rights."""
    now = clock.now()
    rows = session.execute(
        select(
            Organisation.id,
            Organisation.code,
            Organisation.name,
            Organisation.target_group,
            Organisation.organisation_type,
        )
        .join(Affiliation, Affiliation.organisation_id == Organisation.id)
        .where(
            Affiliation.person_id == person_id,
            Affiliation.counts(now),
            Organisation.ended_at.is_(None),
        )
        .order_by(Organisation.name, Organisation.id)
    )
    return tuple(Capacity(*row, rights=()) for row in rows)


def last_entered(
    session: Session | Connection,
    person_id: uuid.UUID,
    client_id: str,
    browser_session_id: uuid.UUID | None = None,
) -> uuid.UUID | None:
    """The organisation of the person's last session at this client.

    With `browser_session_id`: of the last one that still lives in this browser, which prompt=none may go on with (CC3).
    """
    chosen = (
        select(ClientSession.organisation_id)
        .where(ClientSession.person_id == person_id, ClientSession.client_id == client_id)
        .order_by(ClientSession.created_at.desc())
        .limit(1)
    )
    if browser_session_id is not None:
        chosen = chosen.where(
            ClientSession.browser_session_id == browser_session_id,
            ClientSession.revoked_at.is_(None),
            ClientSession.expires_at > clock.now(),
        )
    return session.scalar(chosen)
