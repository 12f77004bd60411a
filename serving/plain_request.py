"""PlainRequest: a request in the one form in which nearly all come, read without gunicorn's own reader.

Owns the recognition of that form and its WSGI environment, which is letter by letter what gunicorn makes of the same bytes. It is
narrow on purpose: GET or POST, a path without escapes, each header once and on one line, a body with its length or none, whole in
memory. Of whatever differs (chunks, `Expect`, a header twice, a sign that does not belong there) nothing is decided here: gunicorn
reads it from its first byte, and refuses what must be refused. `tests/serving` holds the two against each other.
"""

import io
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

LONGEST_BODY = 16 * 1024
MOST_FIELDS = 100
_MOST_NAMES = 256

# Not `//host`, no fragment, nothing escaped: such a path is what it says.
_FIRST_LINE = re.compile(r"(GET|POST) ((/(?!/)[A-Za-z0-9._~/-]*)(?:\?([!\"$-~]*))?) HTTP/1\.([01])")
_FIELD = re.compile(r"([A-Za-z0-9-]+): ([!-~](?:[ -~]*[!-~])?)")
_LENGTH = re.compile(r"[0-9]{1,5}")
# What changes how the rest is to be read, or asks an answer in between.
_NOT_PLAIN = frozenset({"HTTP_TRANSFER_ENCODING", "HTTP_EXPECT", "HTTP_UPGRADE", "HTTP_TRAILER", "HTTP_TE"})
_END_OF_HEAD = b"\r\n\r\n"


class Unread(Enum):
    """Why there is no request yet, or none for us."""

    UNFINISHED = "more is to come"
    OTHER = "gunicorn reads it"


@dataclass(frozen=True, slots=True)
class PlainRequest:
    """One request, whole."""

    environ: "WSGIEnvironment"
    keep_alive: bool
    version: str


class PlainReader:
    """Reads plain requests. `base`: what stands in every environment; `longest_head`: in bytes, with the first line."""

    def __init__(self, base: dict[str, Any], longest_head: int) -> None:
        self._base = base
        self._longest_head = longest_head
        self._names: dict[str, str] = {}

    def read(self, held: bytes, client: tuple[Any, ...], server: tuple[Any, ...]) -> PlainRequest | Unread:
        """The request in `held`, if it is there and nothing else is; never raises."""
        end = held.find(_END_OF_HEAD)
        if end < 0:
            return self._begun(held)
        if end > self._longest_head:
            return Unread.OTHER
        try:
            lines = held[:end].decode("ascii").split("\r\n")
        except UnicodeDecodeError:
            return Unread.OTHER
        first = _FIRST_LINE.fullmatch(lines[0])
        if first is None or len(lines) > MOST_FIELDS:
            return Unread.OTHER
        environ = self._base.copy()
        for line in lines[1:]:
            field = _FIELD.fullmatch(line)
            if field is None:
                return Unread.OTHER
            key = self._names.get(field[1]) or self._key(field[1])
            if key in environ:
                return Unread.OTHER
            environ[key] = field[2]
        keep_alive = _kept_alive(environ, first[5])
        length = environ.get("CONTENT_LENGTH", "0")
        if keep_alive is None or not _LENGTH.fullmatch(length) or int(length) > LONGEST_BODY:
            return Unread.OTHER
        if not _NOT_PLAIN.isdisjoint(environ):
            return Unread.OTHER
        body = held[end + len(_END_OF_HEAD) :]
        if len(body) != int(length):
            return Unread.UNFINISHED if len(body) < int(length) else Unread.OTHER
        environ["wsgi.input"] = io.BytesIO(body)
        environ["REQUEST_METHOD"] = first[1]
        environ["RAW_URI"] = first[2]
        environ["PATH_INFO"] = first[3]
        environ["QUERY_STRING"] = first[4] or ""
        environ["SERVER_PROTOCOL"] = f"HTTP/1.{first[5]}"
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = client[0], str(client[1])
        environ["SERVER_NAME"], environ["SERVER_PORT"] = server[0], str(server[1])
        return PlainRequest(environ, keep_alive, f"HTTP/1.{first[5]}")

    def _begun(self, held: bytes) -> Unread:
        """Whether the rest may make it a plain request; what cannot is refused at once, not waited for."""
        plausible = held.startswith((b"GET /", b"POST /")) or b"GET /".startswith(held) or b"POST /".startswith(held)
        if not plausible or len(held) > self._longest_head or held.count(b"\n") != held.count(b"\r\n"):
            return Unread.OTHER
        return Unread.UNFINISHED

    def _key(self, name: str) -> str:
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        if len(self._names) < _MOST_NAMES:
            self._names[name] = key
        return key


def _kept_alive(environ: "WSGIEnvironment", minor: str) -> bool | None:
    """Whether the connection stays after the answer; None where its header says something else besides."""
    if minor == "1" and "HTTP_HOST" not in environ:
        return None
    told = environ.get("HTTP_CONNECTION")
    if told is None:
        return minor == "1"
    return {"close": False, "keep-alive": True}.get(told.lower())
