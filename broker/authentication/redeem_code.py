"""redeem_code: exchange a code, once, for the facts that its tokens are made of."""

import base64
import hmac
import re
import uuid
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.authentication.authorization_code import AuthorizationCode
from broker.authentication.client_session import ClientSession
from broker.authentication.revoke_client_sessions import revoke_client_sessions
from broker.authentication.session_facts import SessionFacts, session_facts
from broker.catalogue import Client
from broker.installation import Installation

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")  # RFC 7636, 4.1

_RedeemedRow = Row[uuid.UUID, str, str | None, str | None]


@dataclass(frozen=True, slots=True)
class RedeemedCode:
    """The session that the code was for, and the nonce of its request."""

    facts: SessionFacts
    nonce: str | None


@dataclass(frozen=True, slots=True)
class RefusedCode:
    """Why not, as a code: unknown, foreign, used, expired, redirect_uri, verifier or over. The client hears
    invalid_grant."""

    reason: str


def redeem_code(
    session: Session,
    installation: Installation,
    client: Client,
    code: str,
    redirect_uri: str | None,
    code_verifier: str | None,
) -> RedeemedCode | RefusedCode:
    """Use the code up in one statement, make its ClientSession live, and only then read the rights (threats OA1,
    OA3).

    A refusal is returned, not raised, as what it changed must stay: a code tried with a wrong verifier or address
    is used up, and a code used twice revokes the ClientSession that came of it.
    """
    row = session.execute(
        update(AuthorizationCode)
        .where(
            AuthorizationCode.code_hash == _digest(code),
            AuthorizationCode.client_id == client.client_id,
            AuthorizationCode.used_at.is_(None),
            AuthorizationCode.expires_at > clock.now(),
        )
        .values(used_at=clock.now())
        .returning(
            AuthorizationCode.client_session_id,
            AuthorizationCode.redirect_uri,
            AuthorizationCode.code_challenge,
            AuthorizationCode.nonce,
        )
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is None:
        return _refused(session, client, _why_not(session, client, code))
    reason = _misfit(row, redirect_uri, code_verifier)
    if reason:
        revoke_client_sessions(session, "code_misused", client_session_id=row.client_session_id)
        return _refused(session, client, reason)
    begun = session.scalar(
        update(ClientSession)
        .where(
            ClientSession.id == row.client_session_id,
            ClientSession.generation == 0,
            ClientSession.revoked_at.is_(None),
            ClientSession.expires_at > clock.now(),
        )
        .values(generation=1)
        .returning(ClientSession.id)
        .execution_options(synchronize_session=False)
    )
    facts = session_facts(session, installation.catalogue, begun) if begun else None
    if facts is None:
        return _refused(session, client, "over")
    return RedeemedCode(facts, row.nonce)


def _digest(code: str) -> str:
    return sha256(code.encode()).hexdigest()


def _misfit(row: _RedeemedRow, redirect_uri: str | None, code_verifier: str | None) -> str | None:
    if redirect_uri != row.redirect_uri:
        return "redirect_uri"
    if row.code_challenge is None:
        # RFC 9700, 4.8.2: a verifier without a challenge means that somebody took the challenge out.
        return "verifier" if code_verifier is not None else None
    if code_verifier is None or not _VERIFIER.fullmatch(code_verifier):
        return "verifier"
    challenge = base64.urlsafe_b64encode(sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
    return None if hmac.compare_digest(challenge, row.code_challenge) else "verifier"


def _why_not(session: Session, client: Client, code: str) -> str:
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
    revoke_client_sessions(session, "code_reused", client_session_id=found.client_session_id)
    return "used"


def _refused(session: Session, client: Client, reason: str) -> RefusedCode:
    audit.record(session, "oidc:token:refuse", details={"client": client.client_id, "reason": reason})
    return RefusedCode(reason)
