"""session_facts: what a living ClientSession says of its person, read again from the database at every use.
Read-only.

The one place that decides whether a ClientSession still counts: not revoked, not run out, its code redeemed, its
person matched, its job and organisation living, and where the policy asks a right, that right. A right that ended
is thereby gone at once, whatever else has noticed it (decisions 1).
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.live_rights import live_rights
from broker.authentication.browser_session import BrowserSession
from broker.authentication.capacity import Capacity
from broker.authentication.client_session import ClientSession
from broker.catalogue import Catalogue
from broker.people.affiliation import Affiliation
from broker.people.organisation import Organisation
from broker.people.person import Person


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """All that the claims of one ClientSession are made of. `email` is a proved one, or None.

    The rights in `capacity` count now. `number_sealed` is the number proved in the running sign-in, if it proved one.
    """

    sid: uuid.UUID
    browser_session_id: uuid.UUID
    client_id: str
    application_code: str
    scopes: frozenset[str]
    acr: str
    amr: tuple[str, ...]
    auth_time: datetime
    person_id: uuid.UUID
    sub: str
    given_name: str
    family_name: str
    email: str | None
    capacity: Capacity | None
    expires_at: datetime
    number_sealed: str | None = field(repr=False)

    @property
    def number_place(self) -> str:
        """Where `number_sealed` is sealed for."""
        return f"browser_sessions.number_sealed:{self.browser_session_id}"

    @property
    def ends_at(self) -> datetime:
        """The earliest end of the session and its rights. A token lives no longer (threats OA2)."""
        rights = self.capacity.rights if self.capacity else ()
        return min([self.expires_at, *(each.valid_until for each in rights if each.valid_until is not None)])


def session_facts(session: Session, catalogue: Catalogue, sid: uuid.UUID) -> SessionFacts | None:
    """The facts of a ClientSession that counts at this moment, or None. Two statements."""
    now = clock.now()
    row = session.execute(
        select(
            ClientSession.id,
            ClientSession.browser_session_id,
            ClientSession.client_id,
            ClientSession.application_code,
            ClientSession.scopes,
            ClientSession.acr,
            ClientSession.amr,
            ClientSession.auth_time,
            ClientSession.organisation_id,
            ClientSession.expires_at,
            BrowserSession.number_sealed,
            Person.id.label("person_id"),
            Person.sub,
            Person.given_name,
            Person.family_name,
            Person.email,
            Person.email_source,
            Organisation.code,
            Organisation.name,
            Organisation.target_group,
            Organisation.organisation_type,
            Affiliation.id.label("affiliation_id"),
            Affiliation.email.label("work_email"),
            Affiliation.email_source.label("work_email_source"),
        )
        .join(Person, Person.id == ClientSession.person_id)
        .join(BrowserSession, BrowserSession.id == ClientSession.browser_session_id)
        .outerjoin(
            Organisation, and_(Organisation.id == ClientSession.organisation_id, Organisation.ended_at.is_(None))
        )
        .outerjoin(
            Affiliation,
            and_(
                Affiliation.person_id == ClientSession.person_id,
                Affiliation.organisation_id == Organisation.id,
                Affiliation.ended_at.is_(None),
                Affiliation.valid_from <= now,
                or_(Affiliation.valid_until.is_(None), Affiliation.valid_until > now),
            ),
        )
        .where(
            ClientSession.id == sid,
            ClientSession.generation > 0,
            ClientSession.revoked_at.is_(None),
            ClientSession.expires_at > now,
            Person.state == "matched",
        )
    ).one_or_none()
    if row is None or (row.organisation_id is not None and row.affiliation_id is None):
        return None
    client = catalogue.clients.get(row.client_id)
    if client is None:
        return None
    rights = tuple(
        right
        for right in live_rights(session, catalogue, row.person_id, row.application_code)
        if right.organisation_id == row.organisation_id
    )
    if client.access == "right" and not rights:
        return None
    capacity = None
    if row.organisation_id is not None:
        capacity = Capacity(row.organisation_id, row.code, row.name, row.target_group, row.organisation_type, rights)
    return SessionFacts(
        sid=row.id,
        browser_session_id=row.browser_session_id,
        client_id=row.client_id,
        application_code=row.application_code,
        scopes=frozenset(row.scopes.split()),
        acr=row.acr,
        amr=tuple(row.amr),
        auth_time=row.auth_time,
        person_id=row.person_id,
        sub=row.sub,
        given_name=row.given_name,
        family_name=row.family_name,
        email=_proved((row.work_email, row.work_email_source), (row.email, row.email_source)),
        capacity=capacity,
        expires_at=row.expires_at,
        number_sealed=row.number_sealed,
    )


def _proved(*addresses: tuple[str | None, str | None]) -> str | None:
    """The first address whose source is a proof (threats OA6)."""
    return next((address for address, source in addresses if address and source == "proved"), None)
