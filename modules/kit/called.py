"""Being called by another application, on behalf of its user or for itself: who may, and who it is.

Owns: `called_by`, the other half of `call_another` (calls.py). The token is an access token for this application that the
broker gave to the client of another one (RFC 8693, RFC 6749 §4.4, RFC 9068), brought as a bearer (RFC 6750). A token that is
bound to a key is refused: this end verifies no proofs of possession yet. Does not own the checks on the token (tokens.py),
nor what a caller may do here: its rights are those in its own application.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar, cast

import structlog
from flask import Flask, Response, abort, g, jsonify, request
from flask_wtf import CSRFProtect

from modules.kit.outgoing import BrokerUnreachableError
from modules.kit.state import kit
from modules.kit.tokens import CallerRefusedError, Claims, TokenRefusedError

P = ParamSpec("P")
T = TypeVar("T")

LONGEST_CHAIN = 5
_MARK = "called_by_programs"

log = structlog.get_logger("modules.kit")


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who calls: the application whose client this is.

    `sub` is the person on whose behalf, with `organisation_code` where they work for one; both None when it calls for itself.
    `chain` are the clients through which the call came, the caller first (`act`, RFC 8693 §4.1). `claims` is the token, whose
    rights are those in the application where the person signed in.
    """

    client_id: str
    sub: str | None
    organisation_code: str | None
    chain: tuple[str, ...]
    scopes: frozenset[str]
    claims: Mapping[str, Any] = field(repr=False)


def called_by(*clients: str, on_behalf: bool | None = None) -> Callable[[Callable[P, T]], Callable[P, T | Response]]:
    """Let only these clients of other applications through. `on_behalf`: True, only for a person; False, only for themselves.

    The view gets no cookie's session and needs no form token; `caller_here()` says who calls. A refusal is JSON: 401 where the
    token is no good, 403 where this caller may not.
    """
    if not clients:
        raise ValueError("name the clients that may call")
    allowed = frozenset(clients)

    def decorate(view: Callable[P, T]) -> Callable[P, T | Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> T | Response:
            caller = _caller(allowed)
            if on_behalf is not None and (caller.sub is not None) is not on_behalf:
                _refuse(403, "access_denied")
            g.kit_caller = caller
            return view(*args, **kwargs)

        setattr(guarded, _MARK, True)
        return guarded

    return decorate


def caller_here() -> Caller:
    """Who calls; only in a view that `called_by` guards."""
    return cast(Caller, g.kit_caller)


def let_programs_in(app: Flask, csrf: CSRFProtect) -> None:
    """A program brings its token and no form's: nothing that a browser sends by itself opens these views."""

    def exempt() -> None:
        view = app.view_functions.get(request.endpoint or "")
        if view is not None and getattr(view, _MARK, False):
            csrf.exempt(view)

    app.before_request(exempt)


def _caller(allowed: frozenset[str]) -> Caller:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not scheme:
        _refuse(401, None)
    if scheme.lower() != "bearer" or not token:
        _refuse(401, "invalid_token")
    try:
        return read_caller(kit().verifier.token_of_another(token.strip(), allowed))
    except CallerRefusedError:
        _refuse(403, "access_denied")
    except TokenRefusedError as error:
        log.warning("call refused", reason=str(error))
        _refuse(401, "invalid_token")
    except BrokerUnreachableError:
        _refuse(503, "temporarily_unavailable")


def read_caller(claims: Claims) -> Caller:
    """The caller in the claims of a verified access token.

    Raises:
        TokenRefusedError: a person's token that does not say who acts, or a program's that does.
    """
    client_id, sub = claims["client_id"], claims["sub"]
    chain = _chain(claims.get("act"))
    if chain[:1] != (() if sub == client_id else (client_id,)):
        raise TokenRefusedError("actor")
    organisation, scope = claims.get("vo_orgcode"), claims.get("scope")
    return Caller(
        client_id=client_id,
        sub=None if sub == client_id else sub,
        organisation_code=organisation if isinstance(organisation, str) else None,
        chain=chain or (client_id,),
        scopes=frozenset(scope.split()) if isinstance(scope, str) else frozenset(),
        claims=claims,
    )


def _chain(act: object) -> tuple[str, ...]:
    found: list[str] = []
    while act is not None:
        name = act.get("sub") if isinstance(act, dict) else None
        if not isinstance(act, dict) or not isinstance(name, str) or len(found) == LONGEST_CHAIN:
            raise TokenRefusedError("actor")
        found.append(name)
        act = act.get("act")
    return tuple(found)


def _refuse(status: int, error: str | None) -> NoReturn:
    answer = jsonify({"error": error} if error else {})
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    if status == 401:
        answer.headers["WWW-Authenticate"] = f'Bearer error="{error}"' if error else "Bearer"
    abort(answer)
