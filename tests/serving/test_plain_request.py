"""What is read without gunicorn's reader is what that makes of the same bytes; of everything else nothing is decided."""

import io
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.http import get_parser, wsgi
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.plain_request import LONGEST_BODY, MOST_FIELDS, PlainReader, PlainRequest, Unread

CLIENT, SERVER = ("127.0.0.1", 40000), ("127.0.0.1", 8000)
LONGEST_HEAD = 8190
# What each of the two has of its own, and says of no request.
OF_ITS_OWN = {"wsgi.input", "wsgi.errors", "wsgi.early_hints", "gunicorn.socket", "wsgi.multithread"}


def config() -> Config:
    made = Config()
    made.set("secure_scheme_headers", {})
    made.set("forwarder_headers", "")
    made.set("forwarded_allow_ips", "*")
    return made


CONFIG = config()


def read(raw: bytes) -> PlainRequest | Unread:
    base = {**wsgi.base_environ(CONFIG), "wsgi.multithread": True, "wsgi.url_scheme": "http", "SCRIPT_NAME": ""}
    return PlainReader(base, LONGEST_HEAD).read(raw, CLIENT, SERVER)


class Sent:
    """A socket that holds these bytes and no more."""

    def __init__(self, raw: bytes) -> None:
        self._raw = io.BytesIO(raw)

    def recv(self, size: int) -> bytes:
        return self._raw.read(size)


def by_gunicorn(raw: bytes) -> tuple[dict[str, Any], bytes, bool]:
    """Environment, body, and whether the connection stays; raises what gunicorn raises."""
    parser = get_parser(CONFIG, Sent(raw), CLIENT)
    request = next(parser)
    _, environ = wsgi.create(request, Sent(b""), CLIENT, SERVER, CONFIG)
    body = request.body.read()
    left = parser.unreader.read()
    assert left == b"", "gunicorn sees a second request in it"
    return environ, body, not request.should_close()


def assert_the_same(raw: bytes, found: PlainRequest) -> None:
    environ, body, keep_alive = by_gunicorn(raw)
    ours = {name: value for name, value in found.environ.items() if name not in OF_ITS_OWN}
    theirs = {name: value for name, value in environ.items() if name not in OF_ITS_OWN}
    assert ours == theirs
    assert found.environ["wsgi.input"].read() == body
    assert found.keep_alive == keep_alive
    assert found.version == environ["SERVER_PROTOCOL"]


PLAIN = [
    b"GET / HTTP/1.1\r\nHost: here\r\n\r\n",
    b"GET /a/b.c?x=1&y=%C3%A9&z=? HTTP/1.1\r\nhost: here\r\nAccept: */*\r\nX-A: a  b\r\n\r\n",
    b"GET /a HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n",
    b"GET /a HTTP/1.1\r\nHost: here\r\nConnection: Keep-Alive\r\n\r\n",
    b"GET /a HTTP/1.0\r\n\r\n",
    b"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    b"POST /a HTTP/1.1\r\nHost: here\r\n\r\n",
    b"POST /a? HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\n\r\na=b",
    b"POST /a HTTP/1.1\r\nHost: here\r\nContent-Type: text/plain\r\nContent-Length: 0004\r\n\r\n\r\n\r\n",
    b"GET /a HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\nX-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\n\r\nab",
]


@pytest.mark.parametrize("raw", PLAIN)
def test_a_plain_request_is_read_as_gunicorn_reads_it(raw: bytes) -> None:
    found = read(raw)
    assert isinstance(found, PlainRequest)
    assert_the_same(raw, found)


def _with(*lines: bytes, first: bytes = b"POST /a HTTP/1.1", body: bytes = b"") -> bytes:
    return b"\r\n".join([first, b"Host: here", *lines, b"", b""]) + body


NOT_PLAIN = {
    "chunked": _with(b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    "length and chunks": _with(b"Content-Length: 5", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    "chunks under another name": _with(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"),
    "two lengths": _with(b"Content-Length: 3", b"Content-Length: 4", body=b"a=b"),
    "two lengths that are one": _with(b"Content-Length: 3", b"content-length: 3", body=b"a=b"),
    "a list of lengths": _with(b"Content-Length: 3, 3", body=b"a=b"),
    "a length with a sign": _with(b"Content-Length: +3", body=b"a=b"),
    "a length that is none": _with(b"Content-Length: three", body=b"a=b"),
    "a length below nothing": _with(b"Content-Length: -1"),
    "a longer body": _with(b"Content-Length: 99999", body=b"a=b"),
    "a second request behind it": _with(b"Content-Length: 3", body=b"a=bGET / HTTP/1.1\r\nHost: here\r\n\r\n"),
    "a second request without a body": _with(first=b"GET / HTTP/1.1") * 2,
    "Expect": _with(b"Expect: 100-continue", b"Content-Length: 3", body=b"a=b"),
    "Upgrade": _with(b"Connection: Upgrade", b"Upgrade: h2c"),
    "a connection with more to it": _with(b"Connection: keep-alive, TE", b"TE: trailers"),
    "two hosts": _with(b"Host: there"),
    "no host": b"GET / HTTP/1.1\r\nAccept: */*\r\n\r\n",
    "no header at all": b"GET / HTTP/1.1\r\n\r\n",
    "the same header twice": _with(b"X-A: 1", b"x-a: 2"),
    "an underscore": _with(b"X_Forwarded_For: 6.6.6.6"),
    "another's key": _with(b"Wsgi.input: x"),
    "a space before the colon": _with(b"X-A : 1"),
    "a header on two lines": _with(b"X-A: 1", b" 2"),
    "a header without a colon": _with(b"X-A"),
    "a header without a name": _with(b": 1"),
    "a zero byte": _with(b"X-A: 1\x002"),
    "a lone carriage return": _with(b"X-A: 1\r2"),
    "a lone line feed": _with(b"X-A: 1\nX-B: 2"),
    "a letter beyond ASCII": _with("X-A: é".encode()),
    "a tab": _with(b"X-A: 1\t2"),
    "an empty header": _with(b"X-A: "),
    "another method": _with(first=b"DELETE /a HTTP/1.1"),
    "HEAD": _with(first=b"HEAD /a HTTP/1.1"),
    "a small letter": _with(first=b"get /a HTTP/1.1"),
    "an escape in the path": _with(first=b"GET /%61 HTTP/1.1"),
    "a fragment": _with(first=b"GET /a#b HTTP/1.1"),
    "a fragment in the query": _with(first=b"GET /a?b#c HTTP/1.1"),
    "two slashes": _with(first=b"GET //evil.example/a HTTP/1.1"),
    "a whole address": _with(first=b"GET http://evil.example/a HTTP/1.1"),
    "an asterisk": _with(first=b"OPTIONS * HTTP/1.1"),
    "two spaces": _with(first=b"GET  /a HTTP/1.1"),
    "an older version": _with(first=b"GET /a HTTP/0.9"),
    "a later version": _with(first=b"GET /a HTTP/2.0"),
    "no version": _with(first=b"GET /a"),
    "a line before it": b"\r\n" + _with(),
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "line feeds only": b"GET / HTTP/1.1\nHost: here\n\n",
    "a head that is too long": _with(b"X-A: " + b"a" * LONGEST_HEAD),
    "a head that is too long, unfinished": b"GET /" + b"a" * LONGEST_HEAD,
    "too many headers": _with(*(b"X-%d: 1" % number for number in range(MOST_FIELDS + 1))),
    "a body that is too long": _with(b"Content-Length: %d" % (LONGEST_BODY + 1), body=b"a" * (LONGEST_BODY + 1)),
}


@pytest.mark.parametrize("name", NOT_PLAIN)
def test_what_is_not_plain_is_gunicorns(name: str) -> None:
    """OA12: nothing that another reader could take for something else is read here."""
    assert read(NOT_PLAIN[name]) is Unread.OTHER


@pytest.mark.parametrize("raw", PLAIN)
def test_the_beginning_of_a_plain_request_waits_for_the_rest(raw: bytes) -> None:
    for end in range(len(raw) - 1):
        assert read(raw[:end]) is Unread.UNFINISHED, raw[:end]


_FIRST_LINES = st.one_of(
    st.sampled_from([b"GET / HTTP/1.1", b"POST /op/v1/token HTTP/1.1", b"GET /a?b=c HTTP/1.0", b"POST /a HTTP/1.0"]),
    st.builds(
        lambda method, target, version: method + b" " + target + b" HTTP/" + version,
        st.sampled_from([b"GET", b"POST", b"PUT", b"get"]),
        st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=12).map(
            lambda each: b"/" + each.encode()
        ),
        st.sampled_from([b"1.1", b"1.0", b"1.2", b"2.0"]),
    ),
)
_NAMES = st.sampled_from(
    [
        *(b"Host", b"host", b"Content-Length", b"content-length", b"Content-Type", b"Connection", b"Transfer-Encoding"),
        *(
            b"Expect",
            b"X-A",
            b"x-a",
            b"X_A",
            b"X-Forwarded-For",
            b"Authorization",
            b"Cookie",
            b"Script-Name",
            b"TE",
            b"",
        ),
    ]
)
_VALUES = st.one_of(
    st.sampled_from(
        [b"0", b"3", b"03", b"+3", b"close", b"keep-alive", b"Close", b"chunked", b"here", b"", b" ", b"a\tb"]
    ),
    st.binary(max_size=6),
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=8).map(str.encode),
)
_FIELDS = st.lists(
    st.builds(lambda n, s, v: n + s + v, _NAMES, st.sampled_from([b": ", b":", b" : "]), _VALUES), max_size=6
)
_BODIES = st.sampled_from([b"", b"", b"a=b", b"a=bc", b"\r\n\r\n"])


@settings(max_examples=1500, deadline=None)
@given(_FIRST_LINES, st.booleans(), _FIELDS, _BODIES)
def test_whatever_is_taken_gunicorn_takes_too_and_alike(
    first: bytes, host: bool, fields: list[bytes], body: bytes
) -> None:
    """OA12: no request is one thing to us and another to gunicorn."""
    raw = b"\r\n".join([first, *([b"Host: here"] if host else []), *fields, b"", b""]) + body
    found = read(raw)
    if isinstance(found, PlainRequest):
        assert_the_same(raw, found)


def test_the_names_that_are_remembered_are_bounded() -> None:
    """A caller may invent as many headers as it likes."""
    reader = PlainReader({}, LONGEST_HEAD)
    for number in range(2_000):
        assert isinstance(reader.read(_with(b"X-%d: 1" % number), CLIENT, SERVER), PlainRequest)
    assert len(reader._names) < 300
