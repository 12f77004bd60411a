"""Log lines as JSON, one a request, with a request id.

Owns: their form. Never logs an address's query, a token, a name or what was typed. Does not own what else is logged.
"""

import re
import secrets
import sys
import time

import structlog
from flask import Flask, Response, g, request

log = structlog.get_logger("modules.kit")
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


def configure_logs() -> None:
    """Write JSON lines to standard error; called by wsgi.py, not by tests."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(20),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def log_requests(app: Flask, unlogged: tuple[str, ...] = ()) -> None:
    """One line a request: method, route, status, milliseconds; none for a path that begins with one of `unlogged`."""

    def begin() -> None:
        asked = request.headers.get("X-Request-ID", "")
        g.kit_started = time.perf_counter()
        g.kit_request_id = asked if _REQUEST_ID.fullmatch(asked) else secrets.token_hex(8)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.kit_request_id)

    def end(response: Response) -> Response:
        if "kit_request_id" in g and not request.path.startswith(unlogged):
            response.headers["X-Request-ID"] = g.kit_request_id
            log.info(
                "request",
                method=request.method,
                route=request.url_rule.rule if request.url_rule else None,
                status=response.status_code,
                milliseconds=round((time.perf_counter() - g.kit_started) * 1000),
            )
        return response

    app.before_request(begin)
    app.after_request(end)
