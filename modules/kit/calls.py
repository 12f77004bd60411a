"""Calls that the application makes itself: to another application, and to the broker about the person who is there or about all
that it knows.

Owns: with which token, and with which proof. A call on behalf of a person asks the broker for a token each time (RFC 8693), so
that an ended right stops it at once; a call for the application itself keeps its token (RFC 6749 §4.4) until it nearly runs
out. Does not own the limits of a call (outgoing.py) nor what the other one answers.
"""

import json
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from flask import g, has_request_context

from modules.kit.broker import Broker, Tokens
from modules.kit.outgoing import Answer, AnswerRefusedError, BrokerUnreachableError, call
from modules.kit.session import look_up
from modules.kit.state import kit

KEPT_UNTIL_BEFORE_SECONDS = 30
HOLDERS_AT_ONCE = 100


class NobodyThereError(Exception):
    """A call on behalf of a person, and nobody is signed in."""


class OtherUnreachableError(Exception):
    """The other application did not answer in time."""


class OwnTokens:
    """The tokens of the application itself, one for each application that it calls. Safe between threads."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, Tokens]] = {}

    def get(self, audience: str) -> Tokens:
        """One that lives on for a while.

        Raises:
            BrokerUnreachableError, AnswerRefusedError: see outgoing.py.
        """
        until, tokens = self._kept.get(audience, (0.0, None))
        if tokens is None or time.monotonic() >= until:
            tokens = self._broker.own_token(audience)
            with self._lock:
                self._kept[audience] = (time.monotonic() + tokens.lives - KEPT_UNTIL_BEFORE_SECONDS, tokens)
        return tokens

    def drop(self, audience: str) -> None:
        """The other one does not take it any more."""
        with self._lock:
            self._kept.pop(audience, None)


def call_another(
    method: str,
    url: str,
    *,
    application: str,
    scope: str = "",
    on_behalf: bool = True,
    content: object = None,
) -> Answer:
    """Call `url` of the application with this code, on behalf of who is signed in here, or for this application itself.

    `scope` may narrow what is done on behalf of a person. `content`, where given, is sent as JSON. The address comes from a
    setting, never from somebody's input. Whatever the other one answers is the caller's to judge; a redirect is not followed.

    Raises:
        NobodyThereError: on behalf of nobody.
        AnswerRefusedError: the broker gives no token for this.
        BrokerUnreachableError, OtherUnreachableError: the one or the other does not answer in time.
    """
    if on_behalf:
        mine = _tokens_here()
        return _ask_other(method, url, kit().broker.exchange(mine.access_token, mine.key, application, scope), content)
    answer = _ask_other(method, url, kit().own_tokens.get(application), content)
    if answer.status == 401:
        kit().own_tokens.drop(application)
        answer = _ask_other(method, url, kit().own_tokens.get(application), content)
    return answer


def claims_now() -> dict[str, Any] | None:
    """What the broker says of the person here at this moment, or None when it knows of no such session any more. For what
    cannot be undone; every other page goes by the token.

    Raises:
        NobodyThereError: nobody is signed in.
        BrokerUnreachableError: no answer in time.
    """
    answer = _send("GET", kit().broker.endpoint("userinfo_endpoint"), _tokens_here(), None)
    if answer.status == 401:
        return None
    if answer.status != 200:
        raise BrokerUnreachableError(f"status {answer.status}")
    return answer.object()


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody has this right in this application for this organisation, at the moment of asking."""

    sub: str
    right: str
    organisation_code: str


def holders_now(subs: Collection[str]) -> set[Held]:
    """Who of these still has a right in this application, by the broker; for the application itself, so nobody need be there. The
    broker's policy must let it ask (`asks_holders`).

    Raises:
        BrokerUnreachableError: no answer in time, a refusal, or one that cannot be read. Then nothing is known of anybody.
    """
    return _held(subs, resting=False)


def holders_even_resting(subs: Collection[str]) -> set[Held]:
    """The same, and who has one that rests: it is suspended and comes back by itself. It lets nobody in; what hangs on a right, an
    application may keep for them.

    Raises:
        BrokerUnreachableError: as above.
    """
    return _held(subs, resting=True)


def _held(subs: Collection[str], *, resting: bool) -> set[Held]:
    asked = sorted(set(subs))
    found: set[Held] = set()
    for at in range(0, len(asked), HOLDERS_AT_ONCE):
        try:
            holding, at_rest = kit().broker.holders(asked[at : at + HOLDERS_AT_ONCE])
        except AnswerRefusedError as error:
            raise BrokerUnreachableError(str(error)) from error
        for each in (*holding, *at_rest) if resting else holding:
            held = (each.get("sub"), each.get("right"), each.get("organisation"))
            if not all(isinstance(part, str) and part for part in held):
                raise BrokerUnreachableError("holders that cannot be read")
            found.add(Held(*map(str, held)))
    return found


def _tokens_here() -> Tokens:
    found = look_up()
    if found.person is None or found.kept is None:
        raise NobodyThereError
    return found.kept.tokens


def _ask_other(method: str, url: str, tokens: Tokens, content: object) -> Answer:
    try:
        return _send(method, url, tokens, content)
    except BrokerUnreachableError as error:
        raise OtherUnreachableError(str(error)) from error


def _send(method: str, url: str, tokens: Tokens, content: object) -> Answer:
    headers = {"Accept": "application/json"}
    body = None
    if content is not None:
        headers["Content-Type"] = "application/json"
        body = json.dumps(content).encode()
    if has_request_context() and "kit_request_id" in g:
        headers["X-Request-ID"] = g.kit_request_id
    if tokens.key is None:
        return call(method, url, {**headers, "Authorization": f"Bearer {tokens.access_token}"}, body=body)
    headers["Authorization"] = f"DPoP {tokens.access_token}"
    return kit().broker.nonces.call(
        lambda proof: call(method, url, {**headers, **proof}, body=body), tokens.key, method, url, tokens.access_token
    )
