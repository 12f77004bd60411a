"""verified_access_token: what one of our own access tokens says, once its signature and every claim were checked."""

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from broker.keys.jose import Algorithm, JoseError, unverified_claim, verify
from broker.oidc.issue_tokens import ACCESS_TOKEN_TYPE

if TYPE_CHECKING:
    from broker.oidc.provider import Provider


@dataclass(frozen=True, slots=True)
class ClaimedSession:
    """Which session a token is of. Whether that session still counts is asked from the database."""

    sid: uuid.UUID
    sub: str
    client_id: str


def verified_access_token(provider: "Provider", token: str) -> ClaimedSession:
    """The session that `token` names.

    Raises:
        JoseError: not one of ours, of another type, for another audience, or over.
    """
    client = provider.installed.catalogue.clients.get(unverified_claim(token, "client_id") or "")
    if client is None:
        raise JoseError("client_unknown")
    algorithm: Algorithm = "ES256" if client.signing_algorithm == "ES256" else "RS256"
    claims = verify(
        token,
        keys=provider.ring.verifying(algorithm),
        algorithm=algorithm,
        issuer=provider.issuer,
        audience=client.application_code,
        typ=ACCESS_TOKEN_TYPE,
        required=("sub", "sid", "jti", "client_id", "scope"),
    )
    try:
        sid = uuid.UUID(claims["sid"])
    except ValueError as error:
        raise JoseError("sid_wrong") from error
    return ClaimedSession(sid, claims["sub"], claims["client_id"])
