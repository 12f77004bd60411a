"""answer_request: what can be answered once only is used up in the transaction that answers it.

A pushed request (RFC 9126) and a request object (RFC 9101) are good for one answer. Somebody who must first sign in, choose
or agree comes back with the same one, so looking at it does not use it up; the code does, or the refusal. Of two answers at
once one wins, on whichever node (threats OA9).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, update
from sqlalchemy.orm import Session

from broker import clock
from broker.authentication.issue_code import CodeRequest, issue_code
from broker.authentication.pushed_request import PushedRequest
from broker.authentication.session import SignedIn
from broker.authentication.single_use import use_once
from broker.errors import ConflictError
from broker.installation import Installation
from broker.text import Text

_USED = Text("Dit verzoek is al beantwoord.", "This request was answered already.")


@dataclass(frozen=True, slots=True)
class OnceOnly:
    """One request that is good for one answer. `key`: the digest of a pushed one, or the jti of an object; it is
    remembered until `until`."""

    kind: Literal["pushed", "request_object"]
    client_id: str
    key: str
    until: datetime


def issue_asked_code(
    session: Session | Connection,
    installation: Installation,
    who: SignedIn,
    asked: CodeRequest,
    once: OnceOnly | None,
) -> str:
    """The code (`issue_code`), and the request used up, or neither.

    Raises:
        ConflictError: `request_used`.
        ForbiddenError: as `issue_code`.
    """
    if once is not None:
        use_up(session, once)
    return issue_code(session, installation, who, asked)


def use_up(session: Session | Connection, once: OnceOnly) -> None:
    """Note that the request was answered. One statement.

    Raises:
        ConflictError: `request_used`, by this browser or another.
    """
    if once.kind == "request_object":
        first = use_once(session, "request_object", once.client_id, once.key, once.until)
    else:
        used = session.scalar(
            update(PushedRequest)
            .where(PushedRequest.id_hash == once.key, PushedRequest.used_at.is_(None))
            .values(used_at=clock.now())
            .returning(PushedRequest.id_hash)
            .execution_options(synchronize_session=False)
        )
        first = used is not None
    if not first:
        raise ConflictError("request_used", _USED)
