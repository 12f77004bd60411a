"""What somebody reads when something cannot be done: one handler, a page for people and RFC 9457 for programs.

Owns the way from a domain error to a status and a page. Never shows a number of HTTP, a stack or a name; the code for the
telephone is the request id. Does not own the sentences: an error carries its own.
"""

from typing import Any

import structlog
from flask import Flask, Response, jsonify, make_response, render_template, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from broker.errors import (
    BusyError,
    ConflictError,
    DomainError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    TooManyError,
)
from broker.installation import installation
from broker.text import Text
from broker.web.requests import request_id
from look.language import current_language

log = structlog.get_logger("broker.errors")

_STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (NotFoundError, 404),
    (ForbiddenError, 403),
    (ConflictError, 409),
    (InvalidError, 422),
    (TooManyError, 429),
    (BusyError, 503),
)
_BUSY_RETRY_SECONDS = 5

_TITLES: dict[int, Text] = {
    400: Text("Hier klopt iets niet", "Something is not right here"),
    403: Text("Dit kunt u hier niet doen", "You cannot do this here"),
    404: Text("Deze pagina bestaat niet", "This page does not exist"),
    405: Text("Deze pagina bestaat niet", "This page does not exist"),
    409: Text("Intussen is er iets veranderd", "Something has changed meanwhile"),
    413: Text("Dit is te veel om te versturen", "This is too much to send"),
    422: Text("Er is nog iets in orde te brengen", "Something still needs your attention"),
    429: Text("Wacht even voor u verdergaat", "Please wait a little"),
    500: Text("Er ging iets mis bij ons", "Something went wrong on our side"),
    503: Text("Het is even te druk", "We are too busy right now"),
}
_SENTENCES: dict[int, Text] = {
    400: Text(
        "Deze pagina stond misschien te lang open. Ga terug, laad de pagina opnieuw en verstuur nog eens. Er is niets bewaard.",
        "This page may have been open for too long. Go back, reload it and send it again. Nothing was stored.",
    ),
    403: Text("Er is niets veranderd.", "Nothing was changed."),
    404: Text(
        "Kijk het adres nog eens na, of begin opnieuw bij de eerste pagina.",
        "Please check the address, or start again at the first page.",
    ),
    405: Text(
        "Kijk het adres nog eens na, of begin opnieuw bij de eerste pagina.",
        "Please check the address, or start again at the first page.",
    ),
    413: Text(
        "Wat u verstuurde is te groot. Maak uw tekst korter en verstuur opnieuw. Er is niets bewaard.",
        "What you sent is too large. Make your text shorter and send it again. Nothing was stored.",
    ),
    429: Text(
        "Dit gebeurde vanaf uw plaats te vaak na elkaar. Er is niets veranderd. Probeer het over enkele minuten opnieuw.",
        "This happened too often from where you are. Nothing was changed. Please try again in a few minutes.",
    ),
    500: Text(
        "Wij kregen hier bericht van. Probeer het straks opnieuw.",
        "We have been told about it. Please try again later.",
    ),
    503: Text(
        "Er is niets veranderd. Probeer het zo meteen opnieuw.", "Nothing was changed. Please try again in a moment."
    ),
}


def status_of(error: DomainError) -> int:
    """The HTTP status that says the same as `error`."""
    if error.facts.get("malformed"):
        return 400
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 422)


def init_errors(app: Flask) -> None:
    """Answer every error of `app`."""
    app.register_error_handler(DomainError, answer_domain_error)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(OperationalError, answer_database_error)
    app.register_error_handler(Exception, answer_unexpected_error)


def answer_domain_error(error: DomainError) -> Response:
    """The page or problem document of a domain error."""
    status = status_of(error)
    log.info("refused", code=error.code, status=status)
    headers = {}
    if isinstance(error, BusyError):
        headers["Retry-After"] = str(_BUSY_RETRY_SECONDS)
    elif isinstance(error, TooManyError) and "retry_after" in error.facts:
        headers["Retry-After"] = str(error.facts["retry_after"])
    return answer(status, error.code, error.text, headers, error.fields if isinstance(error, InvalidError) else None)


def answer_http_error(error: HTTPException) -> Response:
    """The page or problem document of what Flask, CSRF or a limit refuses."""
    if error.response is not None and error.code is None:
        return make_response(error.response)
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    code = type(error).__name__
    return answer(status, f"http_{status}", _SENTENCES.get(status, _SENTENCES[400]), kept, log_as=code)


def answer_database_error(error: OperationalError) -> Response:
    """The page of a database that is locked or away while somebody only reads."""
    log.error("database_unusable", error=type(error.orig).__name__)
    return answer_domain_error(BusyError())


def answer_unexpected_error(error: Exception) -> Response:
    """The page of a mistake of ours; what it was stands in the log only, beside the same code."""
    log.error("unexpected", error=type(error).__name__, exc_info=error)
    return answer(500, "unexpected", _SENTENCES[500])


def answer(
    status: int,
    code: str,
    sentence: Text,
    headers: dict[str, str] | None = None,
    fields: dict[str, Text] | None = None,
    log_as: str | None = None,
) -> Response:
    """One refusal, in the language and the form that the client asks for."""
    if log_as:
        log.info("refused", code=code, status=status, kind=log_as)
    language = current_language()
    title = _TITLES.get(status, _TITLES[400 if status < 500 else 500]).in_language(language)
    text = sentence.in_language(language)
    if _wants_json():
        response = _problem(status, code, title, text, fields, language)
    else:
        response = _page(status, title, text, fields, language)
    response.headers.update(headers or {})
    return response


def _wants_json() -> bool:
    accepted = request.accept_mimetypes
    best = accepted.best_match(["text/html", "application/problem+json", "application/json"])
    return best in ("application/problem+json", "application/json")


def _problem(status: int, code: str, title: str, text: str, fields: dict[str, Text] | None, language: str) -> Response:
    document: dict[str, Any] = {
        "type": f"urn:poortwachter:error:{code}",
        "title": title,
        "status": status,
        "detail": text,
        "instance": f"urn:poortwachter:request:{request_id()}",
        "code": code,
    }
    if fields:
        document["errors"] = {name: sentence.in_language(language) for name, sentence in fields.items()}
    response = jsonify(document)
    response.status_code = status
    response.content_type = "application/problem+json"
    return response


def _page(status: int, title: str, text: str, fields: dict[str, Text] | None, language: str) -> Response:
    helpdesk = installation().catalogue.helpdesk
    try:
        page = render_template(
            "errors/error.html",
            title=title,
            text=text,
            sentences=[sentence.in_language(language) for sentence in (fields or {}).values()],
            code=request_id(),
            helpdesk=helpdesk,
            helpdesk_hours=helpdesk.hours.in_language(language),
        )
    except Exception as error:
        log.error("bare_error_page", error=type(error).__name__, exc_info=error)
        page = render_template("errors/bare.html", title=title, text=text, code=request_id(), language=language)
    response = make_response(page, status)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
