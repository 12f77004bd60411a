"""The door for machines: a small WSGI application before Flask, that answers what programs call.

Owns what every such request has in common: its id, what it may send and how much, who acts, the figures, one line in
the log for a refusal (none for a success), the limit on refusals, and the headers. Does not own which endpoints there are
(`machine_endpoints`) nor what they answer. Such a request has no session, no form token and no language, and Flask's way
through those costs as much as all the rest of a token.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from os import urandom
from typing import TYPE_CHECKING, Literal, Protocol

import structlog
from authlib.oauth2 import OAuth2Error
from flask import Flask
from sqlalchemy.exc import OperationalError

from broker import audit
from broker.database import about_to_change, perform
from broker.errors import BusyError
from broker.keys.signing_keys import NoKeyError
from broker.oidc.machine_request import Headers, MachineAnswer, MachineRequest, json_answer, refusal, text_answer
from broker.oidc.record_refusal import AUDITED, record_refusal
from serving.at_once import about_to_wait

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from broker.oidc.provider import Provider

__all__ = [
    "MachineAnswer",
    "MachineDoor",
    "MachineEndpoint",
    "MachineRequest",
    "Refusals",
    "json_answer",
    "refusal",
    "text_answer",
]

log = structlog.get_logger("broker.machines")

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,36}")
_BUSY_RETRY_SECONDS = 5
_STATUS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
_PREFLIGHT: Headers = (
    ("Access-Control-Allow-Headers", "Authorization, Content-Type, DPoP"),
    ("Access-Control-Max-Age", "600"),
)
_EXPOSED = ("Access-Control-Expose-Headers", "DPoP-Nonce, Retry-After, WWW-Authenticate")


# Nothing; statements that only read (`Provider.reading`); or operations, which need an application context and who acts.
Needs = Literal["nothing", "reading", "operations"]


@dataclass(frozen=True, slots=True)
class MachineEndpoint:
    """One line of the table. `name` is what the figures call it.

    `needs`: what this request needs besides memory; an endpoint that often needs less may decide by the request. `origins`:
    whose scripts may read the answer (CORS).
    """

    name: str
    methods: tuple[str, ...]
    answer: Callable[["Provider", MachineRequest], MachineAnswer]
    needs: Needs | Callable[[MachineRequest], Needs] = "operations"
    origins: Literal["none", "public clients", "all"] = "none"

    def takes(self, method: str) -> bool:
        """Whether `method` is one of its own; HEAD is GET without the body."""
        return method in self.methods or (method == "HEAD" and "GET" in self.methods)

    @property
    def allowed(self) -> str:
        """The value of the Allow header."""
        return ", ".join((*self.methods, *(("HEAD",) if "GET" in self.methods else ()), "OPTIONS"))


class Refusals(Protocol):
    """Counts refusals by bucket; `create_app` brings it, as the counting belongs to web/limits."""

    def hit(self, bucket: str, *, client: bool) -> int:
        """Count one more, of a `client` or from an address; the seconds to wait once there were too many, else 0."""

    def full(self, bucket: str) -> int:
        """The seconds to wait where there were too many, else 0. Asks nobody."""


Observe = Callable[[str, str, int, float], None]


class MachineDoor:
    """WSGI: answers the paths in `endpoints`, and hands everything else on to `inner`.

    `observe(name, method, status, seconds)` is told of every answer.
    """

    def __init__(
        self,
        inner: "WSGIApplication",
        app: Flask,
        provider: "Provider",
        endpoints: dict[str, MachineEndpoint],
        observe: Observe,
    ) -> None:
        self.endpoints = endpoints
        self._inner = inner
        self._app = app
        self._provider = provider
        self._observe = observe
        settings = provider.installed.settings
        self._always: Headers = (("X-Content-Type-Options", "nosniff"),)
        if settings.secure:
            self._always += (("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        endpoint = self.endpoints.get(environ.get("PATH_INFO", ""))
        if endpoint is None:
            return self._inner(environ, start_response)
        began = time.perf_counter()
        request = MachineRequest(environ, request_id(environ))
        method: str = request.method
        if not endpoint.takes(method):
            answer = self._other_method(endpoint, request)
        else:
            answer = self._answer(endpoint, request)
            if answer.status >= 400:
                answer = self._note_refusal(endpoint, request, answer)
        headers = [*answer.headers, *self._always, ("X-Request-ID", request.request_id)]
        if not any(name == "Cache-Control" for name, _ in answer.headers):
            headers.append(("Cache-Control", "no-store"))
        if answer.status not in (204, 304):
            headers.append(("Content-Length", str(len(answer.body))))
        self._allow_origin(endpoint, request, headers)
        start_response(_STATUS[answer.status], headers)
        self._observe(endpoint.name, method, answer.status, time.perf_counter() - began)
        return [] if method == "HEAD" else [answer.body]

    def _answer(self, endpoint: MachineEndpoint, request: MachineRequest) -> MachineAnswer:
        try:
            needs = endpoint.needs if isinstance(endpoint.needs, str) else endpoint.needs(request)
            if needs == "reading":
                self._provider.reading.about_to_ask()
            if needs != "operations":
                return endpoint.answer(self._provider, request)
            about_to_change(self._app)
            with self._at_work(request):
                return endpoint.answer(self._provider, request)
        except OAuth2Error as error:
            return refusal(error)
        except (BusyError, OperationalError) as error:
            about_to_wait()
            log.error("database_unusable", request_id=request.request_id, error=type(error).__name__)
            return _unavailable(503, "temporarily_unavailable", _BUSY_RETRY_SECONDS)
        except NoKeyError as error:
            about_to_wait()
            log.error("keys_unusable", request_id=request.request_id, reason=error.reason)
            return _unavailable(503, "temporarily_unavailable", _BUSY_RETRY_SECONDS)
        except Exception as error:
            about_to_wait()
            log.error("unexpected", request_id=request.request_id, error=type(error).__name__, exc_info=error)
            return json_answer({"error": "server_error"}, 500)

    @contextmanager
    def _at_work(self, request: MachineRequest) -> Iterator[None]:
        """What an operation stands in: the application with its database, and who acts."""
        who = audit.Acting("application", source_address=request.source_address, request_id=request.request_id)
        with (
            self._app.app_context(),
            structlog.contextvars.bound_contextvars(request_id=request.request_id),
            audit.acting(who),
        ):
            yield

    def _note_refusal(self, endpoint: MachineEndpoint, request: MachineRequest, answer: MachineAnswer) -> MachineAnswer:
        """Write a refusal down, until there were too many of them: then nothing is written any more, and who is refused hears
        when to come back. That a token is over is said always: an application ends a session by it."""
        if answer.status >= 429 or answer.refused == "use_dpop_nonce":
            return answer  # ours to mend, told already, or how the protocol goes
        refusals = self._provider.refusals
        if refusals is None or not refusals.full(request.bucket):
            about_to_wait()  # it is counted, written down, and audited
        if refusals is not None:
            was_full = refusals.full(request.bucket)
            wait = was_full or refusals.hit(request.bucket, client=request.bucket != request.source_address)
            if wait:
                if not was_full:
                    log.warning("too_many_refusals", request_id=request.request_id, endpoint=endpoint.name)
                told = answer.refused == "invalid_token"
                return answer if told else _unavailable(429, "temporarily_unavailable", wait)
        log.info(
            "refused",
            request_id=request.request_id,
            endpoint=endpoint.name,
            status=answer.status,
            code=answer.refused,
            reason=answer.reason,
        )
        if answer.refused in AUDITED:
            try:
                with self._at_work(request):
                    perform(record_refusal, endpoint.name, request.says_it_is, answer.refused)
            except (BusyError, OperationalError) as error:
                log.error("database_unusable", request_id=request.request_id, error=type(error).__name__)
        return answer

    def _other_method(self, endpoint: MachineEndpoint, request: MachineRequest) -> MachineAnswer:
        if request.method != "OPTIONS":
            return json_answer({"error": "invalid_request"}, 405, (("Allow", endpoint.allowed),))
        return MachineAnswer(204, b"", (("Allow", endpoint.allowed),))

    def _allow_origin(self, endpoint: MachineEndpoint, request: MachineRequest, headers: list[tuple[str, str]]) -> None:
        """CORS: anybody's scripts may read what is public, those of public clients what they need; no cookie counts."""
        if endpoint.origins == "none":
            return
        if endpoint.origins == "all":
            headers.append(("Access-Control-Allow-Origin", "*"))
            return
        origin = request.headers.get("Origin")
        if origin is None:  # nothing to vary by either: such an answer is never kept
            return
        headers.append(("Vary", "Origin"))
        if origin not in self._provider.public_origins:
            return
        headers.append(("Access-Control-Allow-Origin", origin))
        if request.method == "OPTIONS":
            headers += [("Access-Control-Allow-Methods", endpoint.allowed), *_PREFLIGHT]
        else:
            headers.append(_EXPOSED)


def request_id(environ: "WSGIEnvironment") -> str:
    """The id that the proxy gave this request, or a new one."""
    given: str = environ.get("HTTP_X_REQUEST_ID", "")
    return given if _REQUEST_ID.fullmatch(given) else urandom(16).hex()


def _unavailable(status: int, code: str, seconds: int) -> MachineAnswer:
    return json_answer({"error": code}, status, (("Retry-After", str(seconds)),))
