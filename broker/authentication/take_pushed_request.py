"""take_pushed_request: the request behind a reference. Read-only; what answers it uses it up (`answer_request`)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from broker.authentication.push_request import URN, reference_hash
from broker.authentication.pushed_request import PushedRequest
from broker.precompiled import Precompiled


@dataclass(frozen=True, slots=True)
class TakenRequest:
    """A pushed request. `expires_at` is when it could last be used for the first time."""

    id_hash: str
    parameters: dict[str, str]
    dpop_jkt: str | None
    expires_at: datetime
    used: bool


_OF_CLIENT = Precompiled(
    select(
        PushedRequest.id_hash,
        PushedRequest.parameters,
        PushedRequest.dpop_jkt,
        PushedRequest.expires_at,
        PushedRequest.used_at,
    ).where(PushedRequest.id_hash == bindparam("id_hash"), PushedRequest.client_id == bindparam("client_id"))
)


def take_pushed_request(session: Session | Connection, client_id: str, request_uri: str) -> TakenRequest | None:
    """The request that this client pushed, also when it is over; None for whatever it never pushed, or another did."""
    reference = request_uri.removeprefix(URN)
    row = _OF_CLIENT.one_or_none(session, id_hash=reference_hash(reference), client_id=client_id)
    if row is None:
        return None
    return TakenRequest(row.id_hash, row.parameters, row.dpop_jkt, row.expires_at, row.used_at is not None)
