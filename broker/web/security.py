"""What guards every page alike: headers, CSRF, cookies, the size of a body, and the name we go by.

Owns those, for every route at once, so that no page can forget them. Does not own who may do what. The addresses of the broker
come from its settings alone: whatever Host header arrives is replaced before anything reads it (threats OA12).
"""

import io
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

from broker.authentication.session import current_session
from broker.installation import Installation
from broker.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LONGEST_BODY = 64 * 1024
# A file that somebody who is signed in brings may be longer.
LONGER_BODIES = {"/lijsten/bestand": 8 * 1024 * 1024}
_LONGEST_DRAINED = 8 * 1024 * 1024

# Where the form of another site may lead; a form token cannot be there. What programs call never comes as far as here.
WITHOUT_FORM_TOKEN = frozenset({"/op/v1/auth", "/op/v1/logout"})

# Pages from which a form ends, by redirects, at a digital key or an application. Chromium holds form-action over redirects too.
LEADING_OUT = ("/aanmelden", "/afmelden", "/op/v1/logout")

# Addresses that open something, or whose answer carries a code: no page of another site hears that somebody came from there.
_PRIVATE_ADDRESS = ("/link/", "/aanvraag/", "/op/v1/auth", "/hoedanigheid")

Headers = tuple[tuple[str, str], ...]

csrf = CSRFProtect()


def init_security(app: Flask, installed: Installation) -> None:
    """Guard every request of `app`."""
    settings = installed.settings
    keys = installed.keys.for_cookies()
    app.config.update(
        SECRET_KEY=keys[0],
        SECRET_KEY_FALLBACKS=keys[1:],
        SESSION_COOKIE_NAME="__Host-poortwachter_form" if settings.secure else "poortwachter_form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        MAX_CONTENT_LENGTH=LONGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LONGEST_BODY,
        MAX_FORM_PARTS=200,
        PREFERRED_URL_SCHEME=urlsplit(settings.origin).scheme,
        WTF_CSRF_CHECK_DEFAULT=False,  # _refuse_foreign_forms decides where
        WTF_CSRF_TIME_LIMIT=None,  # who thinks an hour over a form loses nothing
        WTF_CSRF_SSL_STRICT=False,  # pages without a referrer are ours; the token is the proof
        TEMPLATES_AUTO_RELOAD=False,
    )
    csrf.init_app(app)
    app.wsgi_app = _OneName(app.wsgi_app, settings)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0, x_host=0, x_port=0, x_prefix=0
        )
    app.before_request(_refuse_long_bodies)
    app.before_request(_refuse_foreign_forms)
    app.before_request(_refuse_nul)
    app.after_request(_guarded(settings, _form_targets(installed)))


class _OneName:
    """WSGI: the request came to the address in the settings, whatever its Host header says."""

    def __init__(self, inner: "WSGIApplication", settings: Settings) -> None:
        parts = urlsplit(settings.origin)
        self._inner = inner
        self._scheme = parts.scheme
        self._host = parts.netloc
        self._name = parts.hostname or "localhost"
        self._port = str(parts.port or (443 if parts.scheme == "https" else 80))

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ["HTTP_HOST"] = self._host
        environ["SERVER_NAME"] = self._name
        environ["SERVER_PORT"] = self._port
        environ["wsgi.url_scheme"] = self._scheme
        return self._inner(environ, start_response)


def _refuse_long_bodies() -> None:
    """SR8: nothing reads a body that is too long; it is drained, so that the browser hears why."""
    if request.content_length is None and "wsgi.input_terminated" in request.environ:
        _measure_body()
    longest = _longest_body(request.content_length or 0)
    if (request.content_length or 0) > longest:
        _drain_body(min(request.content_length or 0, _LONGEST_DRAINED))
        raise RequestEntityTooLarge


def _longest_body(length: int) -> int:
    """What this request may bring; who is signed in is only asked where it makes a difference."""
    longer = LONGER_BODIES.get(request.path, LONGEST_BODY)
    if length <= LONGEST_BODY or longer == LONGEST_BODY or request.method != "POST" or current_session() is None:
        return LONGEST_BODY
    request.max_content_length = longer
    request.max_form_memory_size = 2 * LONGEST_BODY  # what the parser holds of a file at a time, and all of the fields
    return longer


def _measure_body() -> None:
    """A body that came in chunks has no length: read what we would take at most, and refuse when there is more.

    Werkzeug's own limit would hand on the first part of it as if it were the whole.
    """
    environ = request.environ
    body = environ["wsgi.input"].read(LONGEST_BODY + 1)
    if len(body) > LONGEST_BODY:
        _drain_body(_LONGEST_DRAINED)
        raise RequestEntityTooLarge
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)


def _drain_body(left: int) -> None:
    """Throw away what the browser is still sending: a connection closed meanwhile would show it no page at all."""
    stream = request.environ["wsgi.input"]
    while left > 0 and (chunk := stream.read(min(LONGEST_BODY, left))):
        left -= len(chunk)


def _refuse_foreign_forms() -> None:
    if request.method in ("GET", "HEAD", "OPTIONS") or request.path in WITHOUT_FORM_TOKEN or request.url_rule is None:
        return
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        abort(403)
    csrf.protect()


def _refuse_nul() -> None:
    """Nobody types a NUL, and PostgreSQL takes no text with one: refused here it is a bad request; further on it would be an error
    of ours, or a message that no worker can ever finish. Where programs send people, the answer is that of the protocol."""
    if request.path in WITHOUT_FORM_TOKEN:
        return
    if "\0" in request.path or any("\0" in value for _name, value in request.values.items(multi=True)):
        abort(400)


def _form_targets(installed: Installation) -> str:
    catalogue = installed.catalogue
    addresses = [
        *(uri for client in catalogue.clients.values() for uri in client.redirect_uris),
        *(uri for client in catalogue.clients.values() for uri in client.post_logout_redirect_uris),
        *(provider.issuer for provider in catalogue.identity_providers.values()),
        *(provider.metadata_url for provider in catalogue.identity_providers.values()),
        *(origin for provider in catalogue.identity_providers.values() for origin in provider.also_at),
    ]
    return " ".join(["'self'", *_origins(addresses)])


def _origins(addresses: Iterable[str]) -> list[str]:
    origins = set()
    for address in addresses:
        parts = urlsplit(address)
        if parts.scheme in ("http", "https") and parts.netloc:
            origins.add(f"{parts.scheme}://{parts.netloc}")
        elif parts.scheme:
            origins.add(f"{parts.scheme}:")
    return sorted(origins)


@lru_cache(maxsize=256)
def content_security_policy(form_targets: str = "'self'") -> str:
    """The policy of one page; `form_targets` is where its forms may end."""
    return "; ".join(
        (
            "default-src 'self'",
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            f"form-action {form_targets}",
        )
    )


def _guarded(settings: Settings, form_targets: str) -> Callable[[Response], Response]:
    at_home = content_security_policy()
    on_the_way_out = content_security_policy(form_targets)

    always = {private: _always(settings, private) for private in (False, True)}

    def guard(response: Response) -> Response:
        headers = response.headers
        if "form_targets" in g:  # this page's forms end at one application, and the page says which
            headers["Content-Security-Policy"] = content_security_policy(g.form_targets)
        else:
            headers["Content-Security-Policy"] = on_the_way_out if request.path.startswith(LEADING_OUT) else at_home
        for name, value in always[request.path.startswith(_PRIVATE_ADDRESS)]:
            headers[name] = value
        headers.setdefault("Cache-Control", "no-store")  # pages hold personal data; what may be kept says so itself
        return response

    return guard


def _always(settings: Settings, private: bool) -> Headers:
    """What every answer carries, private or not."""
    return (
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "no-referrer" if private else "same-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        *((("X-Robots-Tag", "noindex"),) if private else ()),
        *((("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),) if settings.secure else ()),
    )


def headers_without_form(settings: Settings, path: str) -> Headers:
    """The headers of an answer at `path` that shows no form: for a door before Flask."""
    return (
        ("Content-Security-Policy", content_security_policy()),
        *_always(settings, path.startswith(_PRIVATE_ADDRESS)),
        ("Cache-Control", "no-store"),
    )
