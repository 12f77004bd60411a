"""The straight way: whoever is signed in, and need be asked nothing, is sent on with a code before Flask hears of it.

A WSGI application before Flask, for the one request that a person makes at every application they open. The rules are
those of the endpoint, by the same functions: the checks of the request, the steps with the person, the code in one
transaction. Owns only which requests it takes: a GET whose answer is a redirect with a code. Whatever needs a page, a
sign-in, a language or an error goes on to Flask, and nothing has been written then.

Flask's own way costs three times as much, in hooks for pages and forms. Nothing counts how often one source comes in here
(`web/limits`), and there is no line in the log: the audit has the code, the figures the answer.
"""

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import structlog
from authlib.oauth2 import OAuth2Error
from flask import Flask
from sqlalchemy.exc import OperationalError

from broker import audit
from broker.authentication.session import cookie_name, signed_in_at
from broker.database import about_to_change
from broker.errors import DomainError
from broker.oidc.authorize.answer import address_of_code
from broker.oidc.authorize.authorization_request import RefusedRequestError
from broker.oidc.authorize.give_code import give_code
from broker.oidc.authorize.pages import AUTHORIZE_PATH
from broker.oidc.authorize.parameters import Parameters
from broker.oidc.authorize.parameters_in_force import read_request
from broker.oidc.authorize.person_steps import Visit, first_page, note_visit
from broker.oidc.machine_body import BadBodyError, read_parameters
from broker.oidc.machine_door import Observe, request_id
from broker.oidc.machine_request import Headers
from serving.at_once import about_to_wait

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from broker.oidc.provider import Provider

log = structlog.get_logger("broker.oidc")

_EMPTY: Headers = (("Content-Type", "text/html; charset=utf-8"), ("Content-Length", "0"))
_LANGUAGE = "taal"  # kept in a cookie, which is of the pages


class StraightWay:
    """WSGI: answers what it can, and hands everything else on to `inner`. `observe` is told of every answer of its own."""

    def __init__(
        self,
        inner: "WSGIApplication",
        app: Flask,
        provider: "Provider",
        headers_at: Callable[[str], Headers],
        observe: Observe,
    ) -> None:
        self._inner = inner
        self._app = app
        self._provider = provider
        self._headers = (*_EMPTY, *headers_at(AUTHORIZE_PATH))
        self._observe = observe
        self._cookie = cookie_name(provider.installed.settings)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ.get("PATH_INFO") != AUTHORIZE_PATH or environ["REQUEST_METHOD"] != "GET" or _has_body(environ):
            return self._inner(environ, start_response)
        began = time.perf_counter()
        asked_as = request_id(environ)
        address = self._address(environ, asked_as)
        if address is None:
            return self._inner(environ, start_response)
        start_response("303 SEE OTHER", [("Location", address), *self._headers, ("X-Request-ID", asked_as)])
        self._observe("oidc.authorize", "GET", 303, time.perf_counter() - began)
        return []

    def _address(self, environ: "WSGIEnvironment", asked_as: str) -> str | None:
        """Where the browser goes with its code; None where there is more to it."""
        if self._cookie not in environ.get("HTTP_COOKIE", ""):
            return None
        try:
            about_to_change(self._app)
            given = read_parameters(environ.get("QUERY_STRING", "").encode("latin-1"))
            if _LANGUAGE in given:
                return None
            with self._app.app_context(), structlog.contextvars.bound_contextvars(request_id=asked_as):
                return self._straight(environ, given, asked_as)
        except (BadBodyError, RefusedRequestError, OAuth2Error, DomainError, OperationalError):
            return None  # Flask's way comes upon it too, and says it as it must be said
        except Exception as error:
            about_to_wait()
            log.error("unexpected", request_id=asked_as, error=type(error).__name__, exc_info=error)
            return None

    def _straight(self, environ: "WSGIEnvironment", given: Parameters, asked_as: str) -> str | None:
        installed = self._provider.installed
        asked = read_request(self._provider, given)
        if asked.way_back.response_mode != "query":
            return None
        with self._provider.reading() as connection:
            who = signed_in_at(environ, installed, connection)
            if who is None:
                return None
            visit = Visit(installed, asked, who)
            if first_page(visit, connection) is not None:
                return None
        source = environ.get("REMOTE_ADDR") or "0.0.0.0"  # noqa: S104  to write down, not to listen on
        with audit.acting(audit.Acting("person", who.person_id, source_address=source, request_id=asked_as)):
            note_visit(visit)
            return address_of_code(asked.way_back, installed.settings.issuer, give_code(visit))


def _has_body(environ: "WSGIEnvironment") -> bool:
    return environ.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in environ
