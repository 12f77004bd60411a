"""redeem_refresh_token: exchange a refresh token for its successor and the facts that new tokens are made of
(lifecycles §10, threats OA4)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, case, or_, select, update
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.authentication.client_session import ClientSession
from broker.authentication.refresh_token import RefreshToken, read_refresh_token
from broker.authentication.revoke_client_sessions import revoke_client_sessions
from broker.authentication.session_facts import SessionFacts, session_facts
from broker.catalogue import Client
from broker.database import UtcDateTime, session_in
from broker.installation import Installation
from broker.notifications import put_mail
from broker.people.person import Person
from broker.precompiled import Precompiled

GRACE = timedelta(seconds=10)  # in which a client whose answer got lost, or who asked twice, hears the same again


@dataclass(frozen=True, slots=True)
class RefreshedSession:
    """The session with its new generation. `scopes` are those of the new access token: all, or the fewer asked for."""

    facts: SessionFacts
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class RefusedRefresh:
    """Why not, as a code: unknown, foreign, key, over, expired, session_over, right_ended or reused. The client hears
    invalid_grant."""

    reason: str


class WiderScopeError(Exception):
    """More scopes were asked than were granted (RFC 6749, 6). Nothing was changed; the token may be used again."""


def redeem_refresh_token(
    session: Session | Connection,
    installation: Installation,
    client: Client,
    token: str,
    scopes: frozenset[str] | None = None,
    dpop_jkt: str | None = None,
) -> RefreshedSession | RefusedRefresh:
    """Take the next generation in one statement, and only then read what the person may do (threats OA1).

    `scopes` may only be fewer than those granted; the successor keeps them all. `dpop_jkt` is the thumbprint of the key
    proved with the request. A refusal is returned, not raised, as what it changed must stay: a token that comes back
    after its successor was given ends the whole family.

    Raises:
        WiderScopeError: `scopes` holds one that was never granted.
    """
    read = read_refresh_token(installation.keys, token)
    if read is None:
        return _refused(session, client, "unknown")
    now = clock.now()
    lifetimes = installation.catalogue.applications[client.application_code].lifetimes
    rotated = _ROTATE.one_or_none(
        session,
        sid=read.sid,
        presented=read.generation,
        of_client=client.client_id,
        jkt=dpop_jkt,
        instant=now,
        slid=now + timedelta(seconds=lifetimes.refresh),
    )
    if rotated is None:
        reason = _why_not(session, installation, client, read, dpop_jkt)
        if reason is not None:
            return _refused(session, client, reason)
    facts = session_facts(session, installation.catalogue, read.sid)
    if facts is None or not facts.may_be_refreshed(now):
        reason = "right_ended" if facts is None else "session_over"
        with session_in(session) as revoking:
            revoke_client_sessions(revoking, installation, reason, client_session_id=read.sid)
        return _refused(session, client, reason)
    if scopes is not None and not scopes <= facts.scopes:
        raise WiderScopeError
    return RefreshedSession(facts, facts.scopes if scopes is None else scopes)


def _why_not(
    session: Session | Connection,
    installation: Installation,
    client: Client,
    read: RefreshToken,
    dpop_jkt: str | None,
) -> str | None:
    """Why the token was not the one in force; None where its successor may be given once more."""
    row = session.execute(
        select(
            ClientSession.client_id,
            ClientSession.person_id,
            ClientSession.application_code,
            ClientSession.organisation_id,
            ClientSession.generation,
            ClientSession.rotated_at,
            ClientSession.dpop_jkt,
            ClientSession.revoked_at,
            ClientSession.expires_at,
            ClientSession.refresh_expires_at,
        )
        .where(ClientSession.id == read.sid)
        .with_for_update(key_share=True)
    ).one_or_none()
    now = clock.now()
    if row is None or read.generation >= row.generation:
        return "unknown"
    if row.client_id != client.client_id:
        return "foreign"  # nothing is revoked: strangers could end sessions otherwise
    if row.dpop_jkt not in (None, dpop_jkt):
        return "key"
    if row.revoked_at is not None:
        return "over"
    if row.expires_at <= now or row.refresh_expires_at is None or row.refresh_expires_at <= now:
        return "expired"
    if read.generation == row.generation - 1 and abs(now - row.rotated_at) <= GRACE:
        return None
    with session_in(session) as stopping:
        _stop(stopping, installation, row, read)
    return "reused"


def _stop(session: Session, installation: Installation, row: Any, read: RefreshToken) -> None:
    """A used token came back: somebody has a copy. Nobody can tell which of the two is the person's, so both end."""
    revoke_client_sessions(session, installation, "refresh_reused", client_session_id=read.sid)
    audit.record(
        session,
        "authentication:refresh_family:revoke",
        subject_id=row.person_id,
        organisation_id=row.organisation_id,
        details={
            "sid": read.sid,
            "client": row.client_id,
            "presented": read.generation,
            "in_force": row.generation,
            "reason": "refresh_reused",
        },
    )
    person = session.get_one(Person, row.person_id)
    if person.proved_email is not None:
        put_mail(
            session,
            "sign_in_stopped",
            person.proved_email,
            key=f"refresh_reused:{read.sid}",
            language=person.language,
            facts={
                "application_code": row.application_code,
                "since": clock.now().isoformat(),
                "given_name": person.given_name,
            },
            subject_id=person.id,
        )


def _refused(session: Session | Connection, client: Client, reason: str) -> RefusedRefresh:
    audit.record(session, "oidc:token:refuse", details={"client": client.client_id, "reason": f"refresh_{reason}"})
    return RefusedRefresh(reason)


# It slides as long as it is used, but never past the end that it had from the beginning.
_SLID = bindparam("slid", type_=UtcDateTime())
_INSTANT = bindparam("instant", type_=UtcDateTime())
_ROTATE = Precompiled(
    update(ClientSession)
    .where(
        ClientSession.id == bindparam("sid"),
        ClientSession.generation == bindparam("presented"),
        ClientSession.client_id == bindparam("of_client"),
        ClientSession.revoked_at.is_(None),
        ClientSession.expires_at > _INSTANT,
        ClientSession.refresh_expires_at > _INSTANT,
        or_(ClientSession.dpop_jkt.is_(None), ClientSession.dpop_jkt == bindparam("jkt")),
    )
    .values(
        generation=ClientSession.generation + 1,
        rotated_at=_INSTANT,
        refresh_expires_at=case(
            (or_(ClientSession.offline, ClientSession.expires_at < _SLID), ClientSession.expires_at), else_=_SLID
        ),
    )
    .returning(ClientSession.id)
)
