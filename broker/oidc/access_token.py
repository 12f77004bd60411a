"""AccessToken: what one of our own access tokens says, once its signature and every claim were checked.

Owns reading them, and the memory of those that were verified a moment ago: a check of the same bytes under the same keys comes
out the same. Only that is remembered, never what the database said, so a right that ended and a token that was taken back are
seen at once; and a change of the keys forgets it all. Does not own what is in a token (`issue_tokens`).
"""

import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from broker import clock
from broker.authentication.session_facts import SessionFacts, session_facts
from broker.catalogue import Client
from broker.keys.jose import JoseError, VerifyingKeys, read_token, verify
from broker.oidc.issue_tokens import ACCESS_TOKEN_TYPE

if TYPE_CHECKING:
    from broker.oidc.provider import Provider

_REQUIRED = ("sub", "jti", "client_id")
_MOST_REMEMBERED = 2_000


@dataclass(frozen=True, slots=True)
class AccessToken:
    """One token. Whether it still counts is asked from the database (`living_session`).

    `audience`: the applications that it is for. `sid`: the session of its person; None for a token that a client got for
    itself. `jkt`: the key it is bound to (RFC 9449). `act`: who calls on behalf of the person (RFC 8693, 4.1), where it was
    exchanged.
    """

    jti: str
    sub: str
    client: Client
    audience: tuple[str, ...]
    scopes: frozenset[str]
    issued: int
    expires: int
    sid: uuid.UUID | None
    jkt: str | None
    act: Mapping[str, Any] | None

    @property
    def client_id(self) -> str:
        """The client that it was given to."""
        return self.client.client_id

    @property
    def token_type(self) -> str:
        """How it is sent."""
        return "DPoP" if self.jkt else "Bearer"

    def is_of(self, facts: SessionFacts) -> bool:
        """Whether it says the same as the session it names; an exchanged one is of another client than its session."""
        return facts.sub == self.sub and (self.act is not None or facts.client_id == self.client_id)


class VerifiedTokens:
    """The tokens verified of late, by the digest of their bytes, with the keys that verified them."""

    def __init__(self) -> None:
        self._kept: dict[bytes, tuple[VerifyingKeys, AccessToken]] = {}
        self._lock = threading.Lock()

    def get(self, digest: bytes) -> tuple[VerifyingKeys, AccessToken] | None:
        """What was kept; whoever asks compares the keys."""
        return self._kept.get(digest)

    def keep(self, digest: bytes, keys: VerifyingKeys, token: AccessToken) -> None:
        """Keep one more, and drop the oldest where there are too many."""
        with self._lock:
            if len(self._kept) >= _MOST_REMEMBERED:
                del self._kept[next(iter(self._kept))]
            self._kept[digest] = (keys, token)

    def __len__(self) -> int:
        return len(self._kept)


def verified_access_token(provider: "Provider", token: str) -> AccessToken:
    """What `token` says.

    Raises:
        JoseError: not one of ours, of another type, for another audience than its client may have, or over.
    """
    digest = sha256(token.encode()).digest()
    kept = provider.verified_tokens.get(digest)
    if kept is not None and kept[0] is provider.ring.verifying(kept[1].client.signing_algorithm):
        if kept[1].expires <= clock.now().timestamp():
            raise JoseError("expired")
        return kept[1]
    keys, read = _verified(provider, token)
    provider.verified_tokens.keep(digest, keys, read)
    return read


def living_session(provider: "Provider", token: AccessToken) -> SessionFacts | None:
    """The facts of the session of a person's token, if both count at this moment. One statement, every time."""
    if token.sid is None:
        return None
    with provider.reading() as connection:
        facts = session_facts(connection, provider.installed.catalogue, token.sid, token.jti)
    return facts if facts is not None and token.is_of(facts) else None


def _verified(provider: "Provider", token: str) -> tuple[VerifyingKeys, AccessToken]:
    read = read_token(token)
    client = provider.installed.catalogue.clients.get(read.claim("client_id") or "")
    if client is None:
        raise JoseError("client_unknown")
    algorithm = client.signing_algorithm
    keys = provider.ring.verifying(algorithm)
    reach = (client.application_code, *client.may_call)
    claims = verify(
        read,
        keys=keys,
        algorithm=algorithm,
        issuer=provider.issuer,
        audience=reach,
        typ=ACCESS_TOKEN_TYPE,
        required=_REQUIRED,
    )
    audience = (claims["aud"],) if isinstance(claims["aud"], str) else tuple(claims["aud"])
    act = claims.get("act")
    own = "sid" in claims and act is None
    if not set(audience) <= ({client.application_code} if own else set(reach)):
        raise JoseError("aud_wrong")
    return keys, AccessToken(
        jti=claims["jti"],
        sub=claims["sub"],
        client=client,
        audience=audience,
        scopes=frozenset(claims.get("scope", "").split()),
        issued=claims["iat"],
        expires=claims["exp"],
        sid=_sid(claims.get("sid")),
        jkt=_jkt(claims.get("cnf")),
        act=act,
    )


def _jkt(confirmation: Any) -> str | None:
    """The key that a token is bound to; one that is bound to something else is not taken for one that is not bound."""
    if confirmation is None:
        return None
    jkt = confirmation.get("jkt") if isinstance(confirmation, dict) else None
    if not isinstance(jkt, str):
        raise JoseError("cnf_wrong")
    return jkt


def _sid(written: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(written) if written is not None else None
    except ValueError as error:
        raise JoseError("sid_wrong") from error
