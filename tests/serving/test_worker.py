"""AtOnceWorker: short answers on the thread with the connections, everything else as gunicorn's threaded worker gives it."""

import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from serving.plain_request import LONGEST_BODY
from serving.worker import PATIENCE
from tests.serving.conftest import WORKER, Serve, Server
from tests.serving.small_app import LARGE


def test_the_server_uses_it(server: Server) -> None:
    assert f"Using worker: {WORKER}" in server.log.read_text()


def test_a_short_answer_is_given_on_the_spot(server: Server) -> None:
    answer = server.line().ask()
    assert answer.at_once
    assert (answer.status, answer.body) == (200, b"here you are")
    assert answer.headers["x-at-once"] == "yes"
    assert answer.headers["server"] == "gunicorn"
    assert answer.headers["connection"] == "keep-alive"
    assert time.strptime(answer.headers["date"], "%a, %d %b %Y %H:%M:%S GMT")


def test_a_connection_serves_both_kinds_in_any_order(server: Server) -> None:
    line = server.line()
    asked = ["/at-once", "/slow?seconds=0", "/at-once", "/at-once", "/slow?seconds=0", "/slow?seconds=0", "/at-once"]
    answers = [line.ask(path) for path in asked]
    assert [each.at_once for each in answers] == [not path.startswith("/slow") for path in asked]
    assert {each.status for each in answers} == {200}


def test_what_must_wait_is_begun_again_by_a_thread_that_may(server: Server) -> None:
    line = server.line()
    before = int(line.ask().headers["x-times"])
    answer = line.ask("/echo", "Content-Type: text/plain", method="POST", body=b"every letter of it")
    assert not answer.at_once
    assert answer.headers["x-at-once"] == "no"
    assert answer.body == b"every letter of it"
    assert int(answer.headers["x-times"]) == before + 2


def test_threads_that_wait_keep_nobody_else_waiting(server: Server, tmp_path: Path) -> None:
    """UP8: both threads wait for somebody slow; what waits for nobody is answered meanwhile."""
    slow = [server.line() for _ in range(4)]
    for line in slow:
        line.send(f"GET /held?{tmp_path / 'go'} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
    time.sleep(0.2)
    quick = server.line()
    assert all(quick.ask().at_once for _ in range(50))
    (tmp_path / "go").touch()
    assert [line.answer().status for line in slow] == [200] * 4


def test_a_request_may_come_letter_by_letter(server: Server) -> None:
    line = server.line()
    for letter in b"GET /at-once HTTP/1.1\r\nHost: here\r\n\r\n":
        line.send(bytes([letter]))
        time.sleep(0.003)
    assert line.answer().at_once
    line.send(b"POST /at-once HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\n\r\n")
    time.sleep(0.1)
    line.send(b"a=b")
    assert line.answer().at_once


def test_who_sends_slowly_keeps_no_thread(server: Server) -> None:
    """SR8: twenty begin a request and two are served at a time; the others do not notice."""
    begun = [server.line() for _ in range(20)]
    for number, line in enumerate(begun):
        line.send(b"POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\nab" if number % 2 else b"GET /at-on")
    time.sleep(0.2)
    began = time.monotonic()
    assert server.line().ask("/slow?seconds=0").status == 200
    assert time.monotonic() - began < PATIENCE / 2
    for number, line in enumerate(begun):
        line.send(b"cdefghi" if number % 2 else b"ce HTTP/1.1\r\nHost: here\r\n\r\n")
    assert [line.answer().body for line in begun] == [b"here you are", b"abcdefghi"] * 10


def test_who_never_ends_a_request_is_sent_away(server: Server) -> None:
    """SR8: with the first byte a clock begins, and no further byte turns it back."""
    line, silent = server.line(), server.line()
    line.ask()
    began = time.monotonic()
    line.send(b"GET /at-once HTTP/1.1\r\nX-Long: ")
    while time.monotonic() < began + PATIENCE - 1:
        line.send(b"a")
        time.sleep(0.5)
    assert line.ended(5)
    assert silent.ended(5)


def test_a_connection_that_is_idle_is_closed_in_time(server: Server) -> None:
    line = server.line()
    began = time.monotonic()
    line.ask()
    assert line.ended(6)
    assert 1 < time.monotonic() - began < 5


def test_requests_one_behind_the_other_are_answered_in_order(server: Server) -> None:
    line = server.line()
    request = b"GET %s HTTP/1.1\r\nHost: here\r\n\r\n"
    line.send(request % b"/at-once" + request % b"/slow?seconds=0" + request % b"/at-once")
    assert [line.answer().status for _ in range(3)] == [200] * 3
    assert line.ask().at_once


def test_who_asks_to_end_is_told_so(server: Server) -> None:
    line = server.line()
    answer = line.ask("/at-once", "Connection: close")
    assert answer.at_once
    assert answer.headers["connection"] == "close"
    assert line.ended()
    old = server.line()
    old.send(b"GET /at-once HTTP/1.0\r\n\r\n")
    answer = old.answer()
    assert (answer.at_once, answer.headers["connection"]) == (True, "close")
    assert old.ended()


def test_head_is_answered_without_a_body(server: Server) -> None:
    line = server.line()
    assert line.ask(method="HEAD").headers["content-length"] == "12"
    assert line.ask().body == b"here you are"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /at-once HTTP/1.1\r\nHost: here\r\nHost: there\r\n\r\n", 400),
        (b"POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400),
        (b"POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: x\r\n\r\n", 400),
        (b"GET /at-once HTTP/1.1\r\nHost : here\r\n\r\n", 400),
        (b"GET /at-once HTTP/1.1\nHost: here\n\n", 400),
        (b"GET /at-once HTTP/1.1\r\nX: " + b"a" * 9000 + b"\r\n\r\n", 431),
        (b"GET /at-once HTTP/1.1\r\nHost: here\r\nExpect: a miracle\r\n\r\n", 417),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n", 400),
    ],
)
def test_what_gunicorn_refuses_is_refused(server: Server, sent: bytes, status: int) -> None:
    """OA12: by gunicorn itself, and the connection ends there."""
    line = server.line()
    line.ask()
    line.send(sent)
    assert line.answer().status == status
    assert line.ended()


def test_a_body_in_chunks_is_read_by_a_thread(server: Server) -> None:
    line = server.line()
    line.send(b"POST /echo HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
    time.sleep(0.1)
    line.send(b"2\r\nde\r\n0\r\n\r\n")
    answer = line.answer()
    assert (answer.at_once, answer.body) == (False, b"abcde")
    assert line.ask().at_once


def test_who_asks_first_whether_it_may_send_is_told_so(server: Server) -> None:
    line = server.line()
    line.send(b"POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
    assert line.answer().status == 100
    line.send(b"abc")
    assert line.answer().body == b"abc"


def test_a_longer_body_is_read_by_a_thread(server: Server) -> None:
    body = b"a" * (LONGEST_BODY + 1)
    answer = server.line().ask("/echo", method="POST", body=body)
    assert answer.body == body
    assert server.line().ask("/echo", method="POST", body=body[1:]).body == body[1:]


def test_who_goes_in_the_middle_is_forgotten(server: Server) -> None:
    for sent in (
        b"",
        b"GET /at",
        b"POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\nab",
        b"GET / HTTP/1.1\r\n",
    ):
        line = server.line()
        line.send(sent)
        line.close()
    going = server.line()
    going.send(b"GET /at-once HTTP/1.1\r\nHost: here\r\n\r\n")
    going.close()
    assert server.line().ask().at_once
    assert "Traceback" not in server.log.read_text().replace("a mistake", "")


def test_who_does_not_read_keeps_nobody_waiting(server: Server) -> None:
    line = server.line()
    line.send(b"GET /large HTTP/1.1\r\nHost: here\r\n\r\n")
    time.sleep(0.3)
    other = server.line()
    assert other.ask().at_once
    answer = line.answer()
    assert len(answer.body) == LARGE
    assert line.ask().status == 200


@pytest.mark.parametrize("path", ["/raises", "/late", "/split"])
def test_a_mistake_of_the_application_is_its_own(server: Server, path: str) -> None:
    """It is asked once, not twice: it may have changed something before it failed. And no header becomes two."""
    line = server.line()
    before = int(line.ask().headers["x-times"])
    answer = line.ask(path)
    assert answer.status == 500
    assert "x-other" not in answer.headers
    assert line.ended()
    assert int(server.line().ask().headers["x-times"]) == before + 2
    assert "Error handling request" in server.log.read_text()


def test_many_at_the_same_time(server: Server) -> None:
    def visit(number: int) -> set[int]:
        line = server.line()
        return {
            line.ask("/echo", method="POST", body=b"%d" % each).status if each % 5 == 0 else line.ask().status
            for each in range(1, 60 + number % 3)
        }

    with ThreadPoolExecutor(16) as visitors:
        assert set().union(*visitors.map(visit, range(16))) == {200}


def test_told_to_stop_it_ends_what_it_began_and_takes_nothing_new(serve: Serve) -> None:
    server = serve("--threads", "2", "--keep-alive", "30")
    slow, idle, begun, silent = (server.line() for _ in range(4))
    idle.ask()
    begun.send(b"GET /at-o")
    slow.send(b"GET /slow?seconds=1 HTTP/1.1\r\nHost: here\r\n\r\n")
    time.sleep(0.3)
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    last = idle.ask()
    while last.headers["connection"] != "close" and time.monotonic() < began + 5:  # until the worker has heard it
        last = idle.ask()
    assert (last.status, last.headers["connection"]) == (200, "close")
    assert slow.answer().status == 200
    assert begun.ended()
    assert silent.ended()
    assert server.process.wait(10) == 0
    assert time.monotonic() - began < PATIENCE - 2


def test_a_worker_that_served_its_share_is_followed_by_another(serve: Serve) -> None:
    server = serve("--max-requests", "5", "--threads", "2")
    statuses = []
    for _ in range(12):
        line = server.line()
        statuses.append(line.ask("/at-once", "Connection: close").status)
        line.close()
    assert statuses == [200] * 12
    assert server.log.read_text().count("Booting worker") > 1


def test_a_worker_that_is_killed_is_followed_by_another(serve: Serve) -> None:
    server = serve("--threads", "2")
    worker = next(
        int(line.rpartition(" ")[2]) for line in server.log.read_text().splitlines() if "Booting worker" in line
    )
    assert server.line().ask().status == 200
    os.kill(worker, signal.SIGKILL)
    until = time.monotonic() + 10
    while server.log.read_text().count("Booting worker") < 2 and time.monotonic() < until:
        time.sleep(0.05)
    assert server.line().ask().status == 200


def test_a_worker_cleans_up_although_the_start_did_not_and_so_does_its_follower(serve: Serve) -> None:
    server = serve("--threads", "2")
    assert server.line().ask().headers["x-cleans-up"] == "yes"
    server.process.send_signal(signal.SIGHUP)  # reads gunicorn.conf.py again
    until = time.monotonic() + 10
    while server.log.read_text().count("Booting worker") < 2 and time.monotonic() < until:
        time.sleep(0.05)
    until = time.monotonic() + 10
    while "Worker exiting" not in server.log.read_text() and time.monotonic() < until:
        time.sleep(0.05)
    assert server.line().ask().headers["x-cleans-up"] == "yes"


@pytest.mark.parametrize(
    "option", [("--access-logfile", "-"), ("--limit-request-fields", "20"), ("--proxy-protocol", "auto")]
)
def test_what_is_asked_of_gunicorn_besides_gunicorn_does(serve: Serve, option: tuple[str, ...]) -> None:
    """Then every request goes its way."""
    server = serve("--threads", "2", *option)
    answer = server.line().ask()
    assert (answer.status, answer.at_once) == (200, False)


def test_a_socket_in_a_folder_is_served_by_threads(serve: Serve, tmp_path: Path) -> None:
    server = serve("--threads", "2", "--bind", f"unix:{tmp_path / 'socket'}")
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(tmp_path / "socket"))
        line.sendall(b"GET /at-once HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        assert b"X-Thread: a pool's" in line.recv(65536)
    assert not server.line().ask().at_once


def test_an_application_that_does_not_take_part_is_served_by_threads(serve: Serve) -> None:
    server = serve("--threads", "2", application="wsgiref.simple_server:demo_app")
    line = server.line()
    assert line.ask("/").status == 200
