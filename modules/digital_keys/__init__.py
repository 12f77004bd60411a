"""Three digital keys (itsme, eID, Burgertoken) in one process, for trying out and for tests. Not for production.

A real, separate OpenID provider: own keys, own pages, own address; the broker knows it only by OpenID Connect. Owns:
its pages and endpoints. Does not own anything of the broker, and imports nothing of it.
"""

import secrets

from flask import Flask, Response, abort, render_template, request
from flask_wtf import CSRFProtect

from modules.digital_keys import authorize, discovery, par, token, userinfo
from modules.digital_keys.provider import PROVIDERS
from modules.digital_keys.settings import KeySettings, is_loopback
from modules.digital_keys.state import build_state


def create_app(settings: KeySettings | None = None) -> Flask:
    """The provider as a WSGI application.

    Raises:
        KeySettingsError: a setting is missing, bad, or not on the loopback.
    """
    settings = settings or KeySettings.from_environment()
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=secrets.token_bytes(32),
        SESSION_COOKIE_NAME="digital_keys",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        MAX_CONTENT_LENGTH=64 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.extensions["digital_keys"] = build_state(settings)
    csrf = CSRFProtect(app)
    for part in (discovery, authorize, par, token, userinfo):
        app.register_blueprint(part.blueprint)
    for part in (par, token):
        csrf.exempt(part.blueprint)
    app.before_request(_refuse_strangers)
    app.after_request(_set_headers)
    app.add_url_rule("/", "start", _start)
    app.add_url_rule("/health/live", "live", lambda: {"status": "live"})
    for status in (400, 404, 413, 503):
        app.register_error_handler(status, _error_page)
    return app


def _refuse_strangers() -> None:
    """Also behind a server that bound too wide, only this machine is answered."""
    if not is_loopback(request.remote_addr or "127.0.0.1"):
        abort(404)


def _set_headers(response: Response) -> Response:
    # No form-action: Chromium applies it to the whole chain of redirects after the form, to broker and application.
    response.headers["Content-Security-Policy"] = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _start() -> str:
    return render_template("digital_keys/start.html", providers=list(PROVIDERS.values()))


def _error_page(error: Exception) -> tuple[str, int]:
    status = getattr(error, "code", None) or 500
    return render_template("digital_keys/error.html", status=status), status
