"""An answer as bytes: whole, with its length, and never two."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from serving.at_once import MustWaitError, about_to_wait, answering_at_once
from serving.plain_answer import UnfitAnswerError, answer_of
from serving.plain_request import PlainRequest

REQUEST = PlainRequest({"REQUEST_METHOD": "GET"}, keep_alive=True, version="HTTP/1.1")


def saying(status: str, headers: list[tuple[str, str]], *body: bytes) -> Callable[..., Any]:
    def application(_environ: Any, start_response: Any) -> list[bytes]:
        start_response(status, headers)
        return list(body)

    return application


def test_an_answer_has_its_length_once() -> None:
    without = answer_of(saying("200 OK", [("X-A", "é")], b"ab", b"c"), REQUEST, keep_alive=True)
    head, _, body = without.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    assert lines[0] == "HTTP/1.1 200 OK"
    assert lines[3:] == ["Connection: keep-alive", "X-A: é", "Content-Length: 3"]
    assert body == b"abc"
    counted = answer_of(saying("200 OK", [("Content-Length", "3")], b"abc"), REQUEST, keep_alive=False)
    assert counted.count(b"Content-Length: 3") == 1
    assert b"Connection: close" in counted


@pytest.mark.parametrize("status", ["204 NO CONTENT", "304 NOT MODIFIED"])
def test_what_has_no_body_has_none(status: str) -> None:
    answer = answer_of(saying(status, [("ETag", '"a"')], b"a mistake"), REQUEST, keep_alive=True)
    assert answer.endswith(b'ETag: "a"\r\n\r\n')


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        ("200 OK", [("X-A", "one\r\nX-B: two")]),
        ("200 OK", [("X-A", "one\nX-B: two")]),
        ("200 OK", [("X-A", "one\r\n\r\nHTTP/1.1 200 OK")]),
        ("200 OK", [("X-A: one\r\nX-B", "two")]),
        ("200 OK", [("X A", "one")]),
        ("200 OK", [("X-A", "one\x00")]),
        ("200 OK", [("X-A", "€")]),
        ("200 OK\r\nX-A: one", []),
        ("twice two hundred", []),
        ("100 Continue", []),
    ],
)
def test_an_answer_that_would_become_two_is_none(status: str, headers: list[tuple[str, str]]) -> None:
    with pytest.raises(UnfitAnswerError):
        answer_of(saying(status, headers, b"body"), REQUEST, keep_alive=True)


def test_an_application_that_says_nothing_answers_nothing() -> None:
    with pytest.raises(UnfitAnswerError):
        answer_of(lambda _environ, _start_response: [b"body"], REQUEST, keep_alive=True)


def test_what_an_application_opened_is_closed_whatever_happens() -> None:
    closed = []

    class Body:
        def __iter__(self) -> Iterator[bytes]:
            about_to_wait()
            yield b"here"

        def close(self) -> None:
            closed.append(True)

    def application(_environ: Any, start_response: Any) -> Body:
        start_response("200 OK", [])
        return Body()

    assert answer_of(application, REQUEST, keep_alive=True).endswith(b"here")
    with answering_at_once(), pytest.raises(MustWaitError):
        answer_of(application, REQUEST, keep_alive=True)
    assert closed == [True, True]
