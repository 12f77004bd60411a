"""session_facts: what a living ClientSession says of its person, read again from the database at every use.
Read-only.

The one place that decides whether a ClientSession still counts: not revoked, not run out, its code redeemed, its
person matched, its job and organisation living, and where the policy asks a right, that right. A right that ended
is thereby gone at once, whatever else has noticed it (decisions 1).

One statement, compiled once: every token, userinfo and introspection stands on it. A row is a right that the person
has there, the session's own facts standing in each; what makes a right count is asked of `live_rights`.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, exists, func, select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.live_rights import (
    LiveRight,
    coming_suspension,
    counting_label,
    earliest,
    grant_counts,
    offered,
)
from broker.authentication.browser_session import BrowserSession, clock_ends, number_place
from broker.authentication.capacity import Capacity
from broker.authentication.client_session import ClientSession
from broker.authentication.issue_code import OFFLINE
from broker.authentication.revoked_token import RevokedToken
from broker.catalogue import Catalogue
from broker.database import UtcDateTime
from broker.people.affiliation import Affiliation
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.precompiled import Precompiled


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """All that the claims of one ClientSession are made of. `email` and `phone` are proved ones, or None.

    The rights in `capacity` count now. `number_sealed` is the number proved in the running sign-in, if it proved one.
    `requested_claims` is the claims parameter of its request. `refresh_expires_at` is None where it has no refresh
    token; `dpop_jkt` is the key that this is bound to. `browser_ends_at` is when the clock ends the session of its
    browser, or ended it; None once somebody ended that.
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
    phone: str | None
    capacity: Capacity | None
    expires_at: datetime
    requested_claims: Mapping[str, Any]
    generation: int
    refresh_expires_at: datetime | None
    dpop_jkt: str | None
    offline: bool
    browser_ends_at: datetime | None
    last_seen: datetime
    number_sealed: str | None = field(repr=False)

    @property
    def number_place(self) -> str:
        """Where `number_sealed` is sealed for."""
        return number_place(self.browser_session_id)

    @property
    def ends_at(self) -> datetime:
        """The earliest end of the session and its rights. A token lives no longer (threats OA2)."""
        rights = self.capacity.rights if self.capacity else ()
        return min([self.expires_at, *(each.valid_until for each in rights if each.valid_until is not None)])

    def may_be_refreshed(self, instant: datetime) -> bool:
        """Whether a refresh token of it may be used at `instant`: it ends with the session of its browser, by whatever
        road, unless the person let it go on offline (lifecycles §10)."""
        if self.refresh_expires_at is None or self.refresh_expires_at <= instant:
            return False
        return self.offline or (self.browser_ends_at is not None and instant < self.browser_ends_at)


def session_facts(
    session: Session | Connection, catalogue: Catalogue, sid: uuid.UUID, jti: str | None = None
) -> SessionFacts | None:
    """The facts of a ClientSession that counts at this moment, or None; None too where the token `jti` was revoked."""
    rows = _FACTS.rows(session, sid=sid, jti=jti, instant=clock.now())
    if not rows:
        return None
    row = rows[0]
    if row.organisation_id is not None and row.affiliation_id is None:
        return None
    client = catalogue.clients.get(row.client_id)
    if client is None or client.application_code != row.application_code:
        return None
    rights = tuple(
        _right(each)
        for each in rows
        if each.counts and offered(catalogue, each.application_code, each.right_code, each.context_code)
    )
    if client.access == "right" and not rights:
        return None
    scopes = frozenset(row.scopes.split()).intersection(client.scopes)  # the policy may have been tightened (PF4)
    capacity = None
    if row.organisation_id is not None:
        capacity = Capacity(row.organisation_id, row.code, row.name, row.target_group, row.organisation_type, rights)
    return SessionFacts(
        sid=sid,
        browser_session_id=row.browser_session_id,
        client_id=row.client_id,
        application_code=row.application_code,
        scopes=scopes,
        acr=row.acr,
        amr=tuple(row.amr),
        auth_time=row.auth_time,
        person_id=row.person_id,
        sub=row.sub,
        given_name=row.given_name,
        family_name=row.family_name,
        email=row.email or None,
        phone=row.phone or None,
        capacity=capacity,
        expires_at=row.expires_at,
        requested_claims=row.requested_claims or {},
        generation=row.generation,
        refresh_expires_at=row.refresh_expires_at,
        dpop_jkt=row.dpop_jkt,
        offline=row.offline and OFFLINE in scopes,
        browser_ends_at=None if row.browser_ended_at else clock_ends(row.last_seen, row.browser_created_at),
        last_seen=row.last_seen,
        number_sealed=row.number_sealed,
    )


def _right(row: Any) -> LiveRight:
    return LiveRight(
        grant_id=row.grant_id,
        organisation_id=row.organisation_id,
        organisation_code=row.code,
        organisation_name=row.name,
        target_group=row.target_group,
        organisation_type=row.organisation_type,
        right_code=row.right_code,
        context_code=row.context_code,
        valid_until=earliest(row.grant_until, row.suspended_from, row.job_until, row.label_until),
    )


# An affiliation in force is the only one of its person and organisation, so a grant that counts hangs on it.
_INSTANT = bindparam("instant", type_=UtcDateTime())
_FACTS = Precompiled(
    select(
        ClientSession.browser_session_id,
        ClientSession.client_id,
        ClientSession.application_code,
        ClientSession.scopes,
        ClientSession.acr,
        ClientSession.amr,
        ClientSession.auth_time,
        ClientSession.person_id,
        ClientSession.organisation_id,
        ClientSession.expires_at,
        ClientSession.requested_claims,
        ClientSession.generation,
        ClientSession.refresh_expires_at,
        ClientSession.dpop_jkt,
        ClientSession.offline,
        BrowserSession.number_sealed,
        BrowserSession.last_seen,
        BrowserSession.created_at.label("browser_created_at"),
        BrowserSession.ended_at.label("browser_ended_at"),
        Person.sub,
        Person.given_name,
        Person.family_name,
        # The first address that is proved (threats OA6): that of the job, else that of the person.
        func.coalesce(
            case((Affiliation.email_source == "proved", func.nullif(Affiliation.email, ""))),
            case((Person.email_source == "proved", Person.email)),
        ).label("email"),
        case((Person.phone_source == "proved", Person.phone)).label("phone"),
        Organisation.code,
        Organisation.name,
        Organisation.target_group,
        Organisation.organisation_type,
        Affiliation.id.label("affiliation_id"),
        Affiliation.valid_until.label("job_until"),
        Grant.id.label("grant_id"),
        Grant.right_code,
        Grant.context_code,
        Grant.valid_until.label("grant_until"),
        coming_suspension(_INSTANT).label("suspended_from"),
        Label.valid_until.label("label_until"),
        grant_counts(_INSTANT).label("counts"),
    )
    .select_from(ClientSession)
    .join(Person, Person.id == ClientSession.person_id)
    .join(BrowserSession, BrowserSession.id == ClientSession.browser_session_id)
    .outerjoin(Organisation, and_(Organisation.id == ClientSession.organisation_id, Organisation.ended_at.is_(None)))
    .outerjoin(
        Affiliation,
        and_(
            Affiliation.person_id == ClientSession.person_id,
            Affiliation.organisation_id == Organisation.id,
            Affiliation.counts(_INSTANT),
        ),
    )
    .outerjoin(
        Grant,
        and_(
            Grant.affiliation_id == Affiliation.id,
            Grant.person_id == ClientSession.person_id,
            Grant.organisation_id == Organisation.id,
            Grant.application_code == ClientSession.application_code,
            Grant.ended_at.is_(None),
        ),
    )
    .outerjoin(Label, counting_label(_INSTANT))
    .where(
        ClientSession.id == bindparam("sid"),
        ClientSession.generation > 0,
        ClientSession.revoked_at.is_(None),
        ClientSession.expires_at > _INSTANT,
        Person.state == "matched",
        ~exists().where(RevokedToken.jti == bindparam("jti")),
    )
    .order_by(Grant.id)
)
