"""redeem_code: exchange a code, once, for the facts that its tokens are made of."""

import base64
import hmac
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.authentication.authorization_code import AuthorizationCode
from broker.authentication.client_session import ClientSession
from broker.authentication.revoke_client_sessions import revoke_client_sessions
from broker.authentication.session_facts import SessionFacts, session_facts
from broker.catalogue import Client
from broker.database import UtcDateTime, session_in
from broker.installation import Installation
from broker.precompiled import Precompiled

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")  # RFC 7636, 4.1


@dataclass(frozen=True, slots=True)
class RedeemedCode:
    """The session that the code was for, and the nonce of its request."""

    facts: SessionFacts
    nonce: str | None


@dataclass(frozen=True, slots=True)
class RefusedCode:
    """Why not, as a code: unknown, foreign, used, expired, redirect_uri, verifier, key or over. The client hears
    invalid_grant."""

    reason: str


def redeem_code(
    session: Session | Connection,
    installation: Installation,
    client: Client,
    code: str,
    redirect_uri: str | None,
    code_verifier: str | None,
    dpop_jkt: str | None = None,
) -> RedeemedCode | RefusedCode:
    """Use the code up in one statement, make its ClientSession live, and only then read the rights (threats OA1,
    OA3).

    `dpop_jkt` is the thumbprint of the key proved with the request; the refresh tokens of a public client, which proves
    itself by nothing else, are bound to it from here on (RFC 9449, 5).

    A refusal is returned, not raised, as what it changed must stay: a code tried with a wrong verifier, address or key
    is used up, and a code used twice revokes the ClientSession that came of it.
    """
    now = clock.now()
    row = _USE.one_or_none(session, digest=_digest(code), of_client=client.client_id, instant=now)
    if row is None:
        return _refused(session, client, _why_not(session, installation, client, code))
    reason = _misfit(row, redirect_uri, code_verifier, dpop_jkt)
    if reason:
        with session_in(session) as revoking:
            revoke_client_sessions(revoking, installation, "code_misused", client_session_id=row.client_session_id)
        return _refused(session, client, reason)
    begun = _BEGIN.one_or_none(
        session,
        sid=row.client_session_id,
        instant=now,
        jkt=dpop_jkt if client.authentication == "none" else None,
    )
    facts = session_facts(session, installation.catalogue, begun.id) if begun else None
    if facts is None:
        return _refused(session, client, "over")
    return RedeemedCode(facts, row.nonce)


def _digest(code: str) -> str:
    return sha256(code.encode()).hexdigest()


def _misfit(row: Any, redirect_uri: str | None, code_verifier: str | None, dpop_jkt: str | None) -> str | None:
    if redirect_uri != row.redirect_uri:
        return "redirect_uri"
    if row.dpop_jkt not in (None, dpop_jkt):
        return "key"
    if row.code_challenge is None:
        # RFC 9700, 4.8.2: a verifier without a challenge means that somebody took the challenge out.
        return "verifier" if code_verifier is not None else None
    if code_verifier is None or not _VERIFIER.fullmatch(code_verifier):
        return "verifier"
    challenge = base64.urlsafe_b64encode(sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
    return None if hmac.compare_digest(challenge, row.code_challenge) else "verifier"


def _why_not(session: Session | Connection, installation: Installation, client: Client, code: str) -> str:
    found = session.execute(
        select(AuthorizationCode.client_id, AuthorizationCode.client_session_id, AuthorizationCode.used_at).where(
            AuthorizationCode.code_hash == _digest(code)
        )
    ).one_or_none()
    if found is None:
        return "unknown"
    if found.client_id != client.client_id:
        return "foreign"  # nothing is revoked: strangers could end sessions otherwise
    if found.used_at is None:
        return "expired"
    with session_in(session) as revoking:
        revoke_client_sessions(revoking, installation, "code_reused", client_session_id=found.client_session_id)
    return "used"


def _refused(session: Session | Connection, client: Client, reason: str) -> RefusedCode:
    audit.record(session, "oidc:token:refuse", details={"client": client.client_id, "reason": reason})
    return RefusedCode(reason)


_INSTANT = bindparam("instant", type_=UtcDateTime())
_USE = Precompiled(
    update(AuthorizationCode)
    .where(
        AuthorizationCode.code_hash == bindparam("digest"),
        AuthorizationCode.client_id == bindparam("of_client"),
        AuthorizationCode.used_at.is_(None),
        AuthorizationCode.expires_at > _INSTANT,
    )
    .values(used_at=_INSTANT)
    .returning(
        AuthorizationCode.client_session_id,
        AuthorizationCode.redirect_uri,
        AuthorizationCode.code_challenge,
        AuthorizationCode.nonce,
        AuthorizationCode.dpop_jkt,
    )
)
_BEGIN = Precompiled(
    update(ClientSession)
    .where(
        ClientSession.id == bindparam("sid"),
        ClientSession.generation == 0,
        ClientSession.revoked_at.is_(None),
        ClientSession.expires_at > _INSTANT,
    )
    .values(generation=1, dpop_jkt=bindparam("jkt"))
    .returning(ClientSession.id)
)
