"""rotate_client_secret: make a new secret for a client. Stores nothing: its digest goes into the policy (decisions 19)."""

from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy.orm import Session

from broker import audit
from broker.errors import InvalidError, NotFoundError
from broker.installation import Installation
from broker.text import Text

_WITH_SECRET = ("client_secret_basic", "client_secret_post")
_SECRET_BYTES = 32  # 256 random bits: nobody guesses them, so a plain digest of them needs no salt and no slow hash


@dataclass(frozen=True, slots=True)
class RotatedSecret:
    """A new secret, to be told once, and the digests that the policy is to hold: of the new one and of the newest old."""

    secret: str = field(repr=False)
    secret_sha256: tuple[str, ...]


def rotate_client_secret(session: Session, installation: Installation, client_id: str) -> RotatedSecret:
    """Make a secret for the client of this id; the present one stays valid until the policy no longer holds it.

    Raises:
        NotFoundError: no such client.
        InvalidError: this client proves itself without a secret.
    """
    client = installation.catalogue.clients.get(client_id)
    if client is None:
        raise NotFoundError("client_unknown", Text("Zo'n client is er niet.", "There is no such client."))
    if client.authentication not in _WITH_SECRET:
        raise InvalidError(
            "client_without_secret",
            Text("Deze client heeft geen geheim.", f"This client has no secret, but {client.authentication}."),
        )
    secret = token_urlsafe(_SECRET_BYTES)
    audit.record(session, "authentication:client:rotate_secret", details={"client": client_id})
    return RotatedSecret(secret, (sha256(secret.encode()).hexdigest(), *client.secret_sha256[:1]))
