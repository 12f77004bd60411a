"""The body of a request of a program: how much of it is read, and how a form in it is taken apart.

Owns the limit of 64 kB, which holds before anything is parsed (threats SR8). Does not own what the parameters mean.
"""

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from werkzeug.datastructures import MultiDict

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

LONGEST_BODY = 64 * 1024
MOST_PARAMETERS = 100
_LONGEST_DRAINED = 8 * 1024 * 1024
_FORM = "application/x-www-form-urlencoded"


class Parameters(MultiDict[str, str]):
    """Parameters by name. `repeated`: the names that stand there more than once."""

    repeated: frozenset[str] = frozenset()

    def get(self, key: str, default: Any = None, type: Any = None) -> Any:  # type: ignore[override]  # noqa: A002
        """The first value of this name. Werkzeug's own makes a page of an error first, which costs more than the rest."""
        values = dict.get(self, key)
        return default if values is None else values[0]


class BadBodyError(Exception):
    """It cannot be read; `sentence` says why, and `status` is what HTTP calls that."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


def read_body(environ: "WSGIEnvironment") -> bytes:
    """The form in the body, as it was sent; empty where there is none.

    Raises:
        BadBodyError: too long, or not a form.
    """
    length = environ.get("CONTENT_LENGTH") or ""
    stream = environ["wsgi.input"]
    if length.isdigit():
        if int(length) > LONGEST_BODY:
            _drain(stream, int(length))
            raise BadBodyError(413, "The body is too long.")
        body: bytes = stream.read(int(length)) if length != "0" else b""
    elif "wsgi.input_terminated" in environ:  # in chunks, without a length
        body = stream.read(LONGEST_BODY + 1)
        if len(body) > LONGEST_BODY:
            _drain(stream, _LONGEST_DRAINED)
            raise BadBodyError(413, "The body is too long.")
    else:
        body = b""
    if body and environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != _FORM:
        raise BadBodyError(400, f"The body must be {_FORM}.")
    return body


def read_parameters(raw: bytes) -> Parameters:
    """The parameters of a form or a query, in order; one without a value is there as empty.

    Raises:
        BadBodyError: not UTF-8, or more parameters than anything asks for.
    """
    found = Parameters()
    if not raw:
        return found
    try:
        parts = raw.decode("ascii").split("&")
        if len(parts) > MOST_PARAMETERS:
            raise ValueError("too many")
        for part in filter(None, parts):
            name, _, value = part.partition("=")
            found.add(_plain(name), _plain(value))
    except ValueError as error:
        raise BadBodyError(400, "The parameters cannot be read.") from error
    if len(parts) != len(found):
        found.repeated = frozenset(name for name, values in found.lists() if len(values) > 1)
    return found


def _plain(written: str) -> str:
    """A name or value as it was before it was written into a form."""
    return unquote_plus(written, errors="strict") if "%" in written or "+" in written else written


def _drain(stream: Any, left: int) -> None:
    """Throw away what is still being sent: a connection closed meanwhile would show the caller no answer at all."""
    left = min(left, _LONGEST_DRAINED)
    while left > 0 and (chunk := stream.read(min(LONGEST_BODY, left))):
        left -= len(chunk)
