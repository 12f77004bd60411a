"""push_request: keep an authorization request that its client sent ahead, until the browser brings its reference."""

from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import insert
from sqlalchemy.orm import Session

from broker import clock
from broker.authentication.answer_request import OnceOnly, use_up
from broker.authentication.pushed_request import PushedRequest
from broker.catalogue import Client
from broker.installation import Installation

URN = "urn:ietf:params:oauth:request_uri:"


@dataclass(frozen=True, slots=True)
class PushedReference:
    """What the client sends its browser with, and for how many seconds it may first be used."""

    request_uri: str = field(repr=False)
    expires_in: int


def push_request(
    session: Session,
    installation: Installation,
    client: Client,
    parameters: dict[str, str],
    dpop_jkt: str | None,
    once: OnceOnly | None,
) -> PushedReference:
    """Keep `parameters`, which passed every check. The reference has 256 random bits; only its digest is stored.

    `once`: the signed object that the parameters came in; the reference is its one answer.

    Raises:
        ConflictError: `request_used`, that object.
    """
    if once is not None:
        use_up(session, once)
    seconds = installation.catalogue.applications[client.application_code].lifetimes.pushed_request
    reference = token_urlsafe(32)
    now = clock.now()
    session.execute(
        insert(PushedRequest).values(
            id_hash=reference_hash(reference),
            client_id=client.client_id,
            parameters=parameters,
            dpop_jkt=dpop_jkt,
            created_at=now,
            expires_at=now + timedelta(seconds=seconds),
        )
    )
    return PushedReference(f"{URN}{reference}", seconds)


def reference_hash(reference: str) -> str:
    """What the row keeps of a reference."""
    return sha256(reference.encode()).hexdigest()
