"""tell_applications: what an application is told when sessions of it end or rights in it change, put in the outbox.

In the transaction of whatever ended or changed them. Owns who is told what: a logout token (OpenID Back-Channel Logout
1.0) to the client of each session, security events (CAEP 1.0) to clients that asked for them. Does not own how either is
written and sent (oidc/backchannel_logout, oidc/event_stream).
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock
from broker.authentication.client_session import ClientSession
from broker.catalogue import Client
from broker.installation import Installation
from broker.notifications.put_for_client import put_for_client
from broker.people.organisation import Organisation
from broker.people.person import Person

LOGOUT, EVENT = "logout", "event"
BACKCHANNEL_LOGOUT = "backchannel_logout"
SESSION_REVOKED, TOKEN_CLAIMS_CHANGE = "session-revoked", "token-claims-change"

_KNOWS_ALREADY = "revoked_by_client"


@dataclass(frozen=True, slots=True)
class RightsOf:
    """One person's rights at one organisation in one application."""

    person_id: uuid.UUID
    organisation_id: uuid.UUID
    application_code: str


def tell_sessions_ended(session: Session, installation: Installation, sids: Collection[uuid.UUID], reason: str) -> None:
    """Tell the application of each of these sessions, for `reason` (a code of `oidc.event_words`).

    Not of one whose code was never redeemed, which its application has never heard of, nor what a client took back itself.
    """
    clients = installation.catalogue.clients
    listening = [
        each.client_id for each in clients.values() if each.backchannel_logout_uri or _hears(each, SESSION_REVOKED)
    ]
    if reason == _KNOWS_ALREADY or not sids or not listening:
        return
    rows = session.execute(
        select(
            ClientSession.id,
            ClientSession.client_id,
            ClientSession.person_id,
            Person.sub,
            Organisation.code.label("organisation_code"),
        )
        .join(Person, Person.id == ClientSession.person_id)
        .outerjoin(Organisation, Organisation.id == ClientSession.organisation_id)
        .where(ClientSession.id.in_(sids), ClientSession.client_id.in_(listening), ClientSession.generation > 0)
        .order_by(ClientSession.id)
    ).all()
    for row in rows:
        client = clients[row.client_id]
        if client.backchannel_logout_uri:
            put_for_client(
                session,
                LOGOUT,
                BACKCHANNEL_LOGOUT,
                row.client_id,
                key=f"ended:{row.id}",
                facts={"sid": str(row.id), "sub": row.sub},
                subject_id=row.id,
            )
        if _hears(client, SESSION_REVOKED):
            put_for_client(
                session,
                EVENT,
                SESSION_REVOKED,
                row.client_id,
                key=f"ended:{row.id}",
                facts=_event_facts(row.sub, row.organisation_code, reason) | {"sid": str(row.id)},
                subject_id=row.person_id,
            )


def tell_signed_out(session: Session, installation: Installation, browser_session_id: uuid.UUID) -> None:
    """Tell the applications that go on offline (offline_access) that the person signed out in this browser: their session
    there is over, their refresh tokens are not (OpenID Back-Channel Logout 1.0, 2.7)."""
    clients = installation.catalogue.clients
    rows = session.execute(
        select(ClientSession.id, ClientSession.client_id, Person.sub)
        .join(Person, Person.id == ClientSession.person_id)
        .where(
            ClientSession.browser_session_id == browser_session_id,
            ClientSession.offline,
            ClientSession.generation > 0,
            ClientSession.revoked_at.is_(None),
            ClientSession.expires_at > clock.now(),
        )
        .order_by(ClientSession.id)
    ).all()
    for row in rows:
        client = clients.get(row.client_id)
        if client is not None and client.backchannel_logout_uri:
            put_for_client(
                session,
                LOGOUT,
                BACKCHANNEL_LOGOUT,
                row.client_id,
                key=f"signed_out:{row.id}",
                facts={"sid": str(row.id), "sub": row.sub},
                subject_id=row.id,
            )


def only_hears_logouts(client: Client) -> bool:
    """Whether a logout token is all by which this client could learn that a right of a person ended."""
    return bool(client.backchannel_logout_uri) and not _hears(client, TOKEN_CLAIMS_CHANGE)


def anybody_hears(installation: Installation, application_code: str) -> bool:
    """Whether some client of this application asked for security events."""
    application = installation.catalogue.applications.get(application_code)
    return application is not None and any(each.events is not None for each in application.clients.values())


def tell_rights(
    session: Session, installation: Installation, changed: Sequence[RightsOf], key: str, reason: str
) -> None:
    """Tell the event streams of the applications concerned what a person may do there now: token-claims-change.

    Also of people who are not signed in (decisions 2). `key` names what happened, so that telling it twice is once.
    """
    _tell_persons(session, installation, changed, TOKEN_CLAIMS_CHANGE, key, reason)


def tell_nothing_left(
    session: Session, installation: Installation, changed: Sequence[RightsOf], key: str, reason: str
) -> None:
    """Tell the event streams that whatever session of these people there was, is over: session-revoked without a session,
    for where none of ours lived any more but one of the application's own may."""
    _tell_persons(session, installation, changed, SESSION_REVOKED, key, reason)


def _tell_persons(
    session: Session, installation: Installation, changed: Sequence[RightsOf], template: str, key: str, reason: str
) -> None:
    streams = {
        code: [each for each in application.clients.values() if _hears(each, template)]
        for code, application in installation.catalogue.applications.items()
    }
    heard = [each for each in changed if streams.get(each.application_code)]
    if not heard:
        return
    subs = _named(session, Person.id, Person.sub, (each.person_id for each in heard))
    codes = _named(session, Organisation.id, Organisation.code, (each.organisation_id for each in heard))
    for each in heard:
        for client in streams[each.application_code]:
            put_for_client(
                session,
                EVENT,
                template,
                client.client_id,
                key=f"{key}:{each.person_id}:{each.organisation_id}:{each.application_code}",
                facts=_event_facts(subs[each.person_id], codes[each.organisation_id], reason)
                | {"person": str(each.person_id), "organisation": str(each.organisation_id)},
                subject_id=each.person_id,
            )


def _event_facts(sub: str, organisation_code: str | None, reason: str) -> dict[str, str]:
    facts = {"sub": sub, "reason": reason, "at": clock.now().isoformat()}
    return facts if organisation_code is None else facts | {"organisation_code": organisation_code}


def _hears(client: Client, event: str) -> bool:
    return client.events is not None and event in client.events.requested


def _named(session: Session, key: object, name: object, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    rows = session.execute(select(key, name).where(key.in_(sorted(set(ids)))))  # type: ignore[call-overload, attr-defined]
    return {row[0]: row[1] for row in rows}
