"""PlainAnswer: what an application answers to a plain request, as bytes for one send.

Owns the head of such an answer, as gunicorn writes it, and what can never stand in one. Does not own sending it.
"""

import re
import time
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from gunicorn import SERVER
from gunicorn.util import http_date

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from serving.plain_request import PlainRequest

_BODILESS = frozenset({str(HTTPStatus.NO_CONTENT.value), str(HTTPStatus.NOT_MODIFIED.value)})
# A name and its value on a line. With as many lines as there are headers, no answer can be split in two.
_FIELDS = re.compile(r"(?:[A-Za-z0-9-]+: [\t -~\x80-\xff]*\r\n)*")
_FIRST_LINE = re.compile(r"[2-5][0-9]{2} [ -~]+")


class UnfitAnswerError(Exception):
    """An application answered what cannot be written down; its own mistake."""


class _Told:
    """What an application hands to `start_response`."""

    status = ""
    headers: Sequence[tuple[str, str]] = ()

    def __call__(
        self, status: str, headers: list[tuple[str, str]], exc_info: object = None, /
    ) -> Callable[[bytes], object]:
        self.status = status
        self.headers = headers
        return self._write

    @staticmethod
    def _write(_data: bytes) -> object:
        raise UnfitAnswerError("write() is not offered")


class _Date:
    """The Date header, written once a second."""

    def __init__(self) -> None:
        self._second = 0
        self._written = ""

    def now(self) -> str:
        second = int(time.time())
        if second != self._second:
            self._written, self._second = http_date(second), second
        return self._written


_date = _Date()


def answer_of(application: "WSGIApplication", request: "PlainRequest", keep_alive: bool) -> bytes:
    """The whole answer, head and body.

    Raises:
        UnfitAnswerError: it has no status, or a header that would not stay on its line.
        MustWaitError: it cannot be given without waiting.
    """
    told = _Told()
    given: Iterable[bytes] = application(request.environ, told)
    try:
        body = b"".join(given)
    finally:
        close: Any = getattr(given, "close", None)
        if close is not None:
            close()
    fields = "".join([f"{name}: {value}\r\n" for name, value in told.headers])
    one_line_each = fields.count("\n") == len(told.headers) and _FIELDS.fullmatch(fields)
    if not one_line_each or not _FIRST_LINE.fullmatch(told.status):
        raise UnfitAnswerError("a status or header that cannot be written")
    if told.status[:3] in _BODILESS:
        body = b""
    elif "Content-Length: " not in fields:
        fields += f"Content-Length: {len(body)}\r\n"
    head = (
        f"{request.version} {told.status}\r\nServer: {SERVER}\r\nDate: {_date.now()}\r\n"
        f"Connection: {'keep-alive' if keep_alive else 'close'}\r\n{fields}\r\n"
    )
    return head.encode("latin-1") + body
