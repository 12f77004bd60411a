"""Nothing of a signed-in person, and no cookie but the survey's own, on the respondents' pages (SV4).

Owns: that no session is opened there, and that no other cookie leaves. Does not own the survey's cookie (cookie.py).
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from modules.jeugdmonitor.about import RESPONDENTS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

COOKIE = "v_"


class NoSessionForRespondents(SecureCookieSessionInterface):
    """Sessions everywhere but there: whoever is signed in in the same browser is nobody to a survey."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """None makes the null session of Flask: it is empty, and writing to it fails."""
        return None if request.path.startswith(RESPONDENTS) else super().open_session(app, request)


class OnlyOwnCookies:
    """WSGI: takes every Set-Cookie away from a respondent's answer, but the survey's."""

    def __init__(self, wsgi_app: "WSGIApplication") -> None:
        self._wsgi_app = wsgi_app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """As any WSGI application."""
        if not str(environ.get("PATH_INFO", "")).startswith(RESPONDENTS):
            return self._wsgi_app(environ, start_response)

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            kept = [
                (name, value)
                for name, value in headers
                if name.lower() != "set-cookie" or value.removeprefix("__Secure-").startswith(COOKIE)
            ]
            return start_response(status, kept, exc_info)

        return self._wsgi_app(environ, start)


def isolate(app: Flask) -> None:
    """Put both in place."""
    app.session_interface = NoSessionForRespondents()
    app.wsgi_app = OnlyOwnCookies(app.wsgi_app)  # type: ignore[method-assign]
