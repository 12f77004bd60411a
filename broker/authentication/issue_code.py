"""issue_code: give an application a code for a person who signed in, in one capacity. Creates the ClientSession
with it."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.live_rights import live_rights
from broker.authentication.authorization_code import AuthorizationCode
from broker.authentication.browser_session import BrowserSession
from broker.authentication.client_session import ClientSession
from broker.authentication.session import SignedIn
from broker.catalogue import Client
from broker.catalogue.model import Lifetimes
from broker.database import UtcDateTime
from broker.errors import ForbiddenError
from broker.installation import Installation
from broker.people.affiliation import Affiliation
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.precompiled import Precompiled
from broker.text import Text

OFFLINE = "offline_access"
SESSION_OVER = "session_over"

_NO_RIGHT = Text("U hebt nog geen recht voor deze toepassing.", "You have no right for this application yet.")
_SIGNED_OUT = Text("U bent niet meer aangemeld.", "You are no longer signed in.")


@dataclass(frozen=True, slots=True)
class CodeRequest:
    """What was asked and chosen: all of it checked before, the rights and the job once more here.

    Where `scopes` holds offline_access, the person or the policy agreed to it (OpenID Connect Core, 11).
    `requested_claims` is the checked claims parameter; `dpop_jkt` the key that the code is bound to (RFC 9449, 10).
    """

    client: Client
    redirect_uri: str
    scopes: frozenset[str]
    organisation_id: uuid.UUID | None
    nonce: str | None
    code_challenge: str | None
    requested_claims: dict[str, Any] | None = None
    dpop_jkt: str | None = None

    @property
    def refreshes(self) -> bool:
        """Whether a refresh token comes with it."""
        return "refresh_token" in self.client.grant_types


def issue_code(session: Session | Connection, installation: Installation, who: SignedIn, asked: CodeRequest) -> str:
    """The code, 256 bits in base64url; only its digest is kept.

    The Person is locked FOR SHARE before the rights are read: whoever ends a right locks it too, so either there is
    no code, or its ClientSession is there to be revoked (threats OA1). So is the session of the browser, which a sign-out
    in another tab would otherwise end too early to find this one.

    Raises:
        ForbiddenError: `session_over`, signed out meanwhile; or `no_right`, the right or the job ended meanwhile, or the
            person is not matched.
    """
    locked = _LOCKED.one_or_none(session, session_id=who.session_id, person_id=who.person_id)
    if locked is None or locked.ended_at is not None:
        raise ForbiddenError(SESSION_OVER, _SIGNED_OUT)
    if locked.state != "matched" or not _may_enter(session, installation, who.person_id, asked):
        raise ForbiddenError("no_right", _NO_RIGHT)
    application = installation.catalogue.applications[asked.client.application_code]
    now = clock.now()
    sid = uuid.uuid4()
    offline = asked.refreshes and OFFLINE in asked.scopes
    expires_at, refresh_expires_at = _ends(application.lifetimes, now, asked.refreshes, offline)
    _KEEP_SESSION.run(
        session,
        id=sid,
        browser_session_id=who.session_id,
        client_id=asked.client.client_id,
        application_code=application.code,
        person_id=who.person_id,
        organisation_id=asked.organisation_id,
        provider_code=who.provider_code,
        acr=who.acr,
        level=who.level,
        amr=list(who.amr),
        auth_time=who.auth_time,
        scopes=" ".join(sorted(asked.scopes)),
        generation=0,
        created_at=now,
        expires_at=expires_at,
        revoked_at=None,
        revoke_reason=None,
        rotated_at=None,
        refresh_expires_at=refresh_expires_at,
        dpop_jkt=None,
        offline=offline,
        requested_claims=asked.requested_claims,
    )
    code = token_urlsafe(32)
    _KEEP_CODE.run(
        session,
        code_hash=sha256(code.encode()).hexdigest(),
        client_session_id=sid,
        client_id=asked.client.client_id,
        redirect_uri=asked.redirect_uri,
        code_challenge=asked.code_challenge,
        nonce=asked.nonce,
        dpop_jkt=asked.dpop_jkt,
        issued_at=now,
        expires_at=now + timedelta(seconds=application.lifetimes.code),
        used_at=None,
    )
    audit.record(
        session,
        "oidc:code:issue",
        subject_id=who.person_id,
        organisation_id=asked.organisation_id,
        details={"client": asked.client.client_id, "sid": sid, "acr": who.acr},
    )
    return code


def _may_enter(
    session: Session | Connection, installation: Installation, person_id: uuid.UUID, asked: CodeRequest
) -> bool:
    if asked.client.access == "right":
        rights = live_rights(session, installation.catalogue, person_id, asked.client.application_code)
        return any(right.organisation_id == asked.organisation_id for right in rights)
    if asked.organisation_id is None:
        return True
    return (
        _JOB.one_or_none(session, person=person_id, organisation=asked.organisation_id, instant=clock.now()) is not None
    )


def _ends(lifetimes: Lifetimes, now: datetime, refreshes: bool, offline: bool) -> tuple[datetime, datetime | None]:
    """When the session ends for good, and until when its first refresh token may be used."""
    if not refreshes:
        return now + timedelta(seconds=lifetimes.session), None
    if offline:
        last = now + timedelta(seconds=lifetimes.offline)
        return last, last
    last = now + timedelta(seconds=lifetimes.refresh_absolute)
    return last, min(last, now + timedelta(seconds=lifetimes.refresh))


_LOCKED = Precompiled(
    select(Person.state, BrowserSession.ended_at)
    .join(BrowserSession, BrowserSession.person_id == Person.id)
    .where(BrowserSession.id == bindparam("session_id"), Person.id == bindparam("person_id"))
    .with_for_update(read=True, of=[Person, BrowserSession])
)
_KEEP_SESSION = Precompiled(insert(ClientSession))
_KEEP_CODE = Precompiled(insert(AuthorizationCode))
_INSTANT = bindparam("instant", type_=UtcDateTime())
_JOB = Precompiled(
    select(Affiliation.id)
    .join(Organisation, Organisation.id == Affiliation.organisation_id)
    .where(
        Affiliation.person_id == bindparam("person"),
        Affiliation.organisation_id == bindparam("organisation"),
        Affiliation.counts(_INSTANT),
        Organisation.ended_at.is_(None),
    )
)
