"""revoke_token: a client takes back what it was given (RFC 7009), because it needs it no more or fears for it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit
from broker.authentication.client_session import ClientSession
from broker.authentication.refresh_token import RefreshToken
from broker.authentication.revoke_client_sessions import revoke_client_sessions
from broker.authentication.revoked_token import RevokedToken
from broker.catalogue import Client
from broker.database import insert_into
from broker.installation import Installation


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """An access token that was given to this client and lives until `expires_at`."""

    jti: str
    expires_at: datetime


def revoke_token(
    session: Session, installation: Installation, client: Client, token: RefreshToken | VerifiedToken
) -> None:
    """A refresh token takes its whole session along, the access tokens included, whichever of its generations it is;
    an access token goes alone. What is another client's stays as it is, and taking back twice is once."""
    if isinstance(token, RefreshToken):
        owner = session.scalar(select(ClientSession.client_id).where(ClientSession.id == token.sid))
        if owner == client.client_id:
            revoke_client_sessions(session, installation, "revoked_by_client", client_session_id=token.sid)
        return
    noted = session.scalar(
        insert_into(session, RevokedToken)
        .values(jti=token.jti, expires_at=token.expires_at)
        .on_conflict_do_nothing()
        .returning(RevokedToken.jti)
    )
    if noted is not None:
        audit.record(session, "oidc:access_token:revoke", details={"client": client.client_id, "jti": token.jti})
