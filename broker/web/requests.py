"""What every request carries: an id, who acts from where, and one line in the log when it is answered.

Owns the request id (accepted from the proxy when it is one, else made) and binds it to the log, the audit and the outbox.
Does not own who is signed in (`broker.web.who`).
"""

import re
import time
import uuid
from contextlib import ExitStack

import structlog
from flask import Flask, Response, g, request

from broker import audit

log = structlog.get_logger("broker.request")

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,36}")
HEADER = "X-Request-ID"


def request_id() -> str:
    """The id of this request: the code that somebody on the telephone can read out."""
    return str(g.request_id)


def source_address() -> str:
    """Where the request came from, after the trusted proxies."""
    return request.remote_addr or "0.0.0.0"  # noqa: S104  an address to write down, not one to listen on


def init_requests(app: Flask) -> None:
    """Open and close every request of `app`."""
    app.before_request(_open)
    app.after_request(_answer)
    app.teardown_request(_close)


def _open() -> None:
    given = request.headers.get(HEADER, "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
    g.began = time.perf_counter()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    g.acting = ExitStack()
    g.acting.enter_context(
        audit.acting(audit.Acting(kind="applicant", source_address=source_address(), request_id=g.request_id))
    )


def _answer(response: Response) -> Response:
    if "request_id" not in g:
        return response
    response.headers[HEADER] = g.request_id
    if request.endpoint not in ("look.static_file", "health.live"):
        log.info(
            "request",
            method=request.method,
            path=request.path,
            endpoint=request.endpoint,
            status=response.status_code,
            milliseconds=round((time.perf_counter() - g.began) * 1000, 1),
        )
    return response


def _close(_error: BaseException | None) -> None:
    acting = g.pop("acting", None)
    if acting is not None:
        acting.close()
    structlog.contextvars.unbind_contextvars("request_id")
