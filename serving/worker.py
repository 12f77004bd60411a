"""AtOnceWorker: gunicorn's threaded worker, that answers on its own thread what waits for nobody.

Owns the way of a connection until its request is whole: every connection waits for its bytes on the one thread that holds them
all, so that somebody slow keeps no thread. A plain request (`plain_request`) is then put to the application there and then; what it
cannot answer without waiting, and everything that is not plain, goes on to the threads from its first byte, by gunicorn's own way
and under gunicorn's own rules. That is cheaper by half for a short answer, as handing over costs more than most of them
(docs/decisions/0023).

Nothing here reads a request that gunicorn would refuse, and an application that does not say that it takes part is served as by
gunicorn's threaded worker itself.
"""

import errno
import os
import selectors
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from socket import AF_INET, AF_INET6, SHUT_WR, socket
from typing import Any

from gunicorn import http
from gunicorn.http import wsgi
from gunicorn.workers.gthread import TConn, ThreadWorker

from serving.at_once import MustWaitError, answering_at_once, takes_part
from serving.plain_answer import answer_of
from serving.plain_request import LONGEST_BODY, MOST_FIELDS, PlainReader, Unread

PATIENCE = 10.0
_LONGEST_HEAD = 8 * 1024
_READ_AT_ONCE = _LONGEST_HEAD + LONGEST_BODY
_SERVER_ERROR = b"HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Connection(TConn):  # type: ignore[misc]  # gunicorn has no types
    """One connection. `held`: what came of a request that is not whole; `waits_in`: which queue of the worker has it, while
    it waits for bytes; `leaving`: its last answer was sent."""

    held: bytes = b""
    waits_in: deque[Any] | None = None
    leaving: bool = False


class AtOnceWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """For `worker_class`. `threads` is how many requests may wait at one time; what does not wait is not limited by it."""

    _reader: PlainReader | None = None

    def run(self) -> None:
        """Serve, until told to stop."""
        over_tcp = all(each.sock.family in (AF_INET, AF_INET6) for each in self.sockets)
        if takes_part(self.wsgi) and over_tcp and _is_ordinary(self.cfg):
            base = {
                **wsgi.base_environ(self.cfg),
                "wsgi.multithread": True,
                "wsgi.url_scheme": "http",
                "SCRIPT_NAME": "",
            }
            self._reader = PlainReader(base, _longest_head(self.cfg))
        super().run()

    # A connection comes, has bytes, or was idle for too long

    def accept(self, listener: socket) -> None:
        """Take a new connection, and wait for its first bytes here."""
        if self._reader is None:
            super().accept(listener)
            return
        try:
            sock, client = listener.accept()
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                return
            raise
        self.nr_conns += 1
        conn = Connection(self.cfg, sock, client, listener.getsockname())
        self.poller.register(sock, selectors.EVENT_READ, partial(self._readable, conn))
        self._wait_in(conn, self.pending_conns, PATIENCE)

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        """A connection that a thread brought back has bytes."""
        if self._reader is None:
            super().on_client_socket_readable(conn, client)
            return
        conn.waits_in = self.keepalived_conns
        self.poller.modify(client, selectors.EVENT_READ, partial(self._readable, conn))
        self._readable(conn, client)

    def _cap_keepalive(self, deadline: float) -> None:
        """At a stop, what sends nothing is not waited for longer than what is kept alive."""
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)

    # What it sent

    def _readable(self, conn: Connection, sock: socket) -> None:
        try:
            arrived = sock.recv(_READ_AT_ONCE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            arrived = b""
        if not arrived:
            self._close(conn)
        elif not conn.leaving:
            conn.held = conn.held + arrived if conn.held else arrived
            self._answer_or_hand_over(conn)

    def _answer_or_hand_over(self, conn: Connection) -> None:
        assert self._reader is not None
        read = self._reader.read(conn.held, conn.client, conn.server)
        if read is Unread.UNFINISHED:
            if conn.waits_in is self.keepalived_conns:
                self._wait_in(conn, self.pending_conns, PATIENCE)
            return
        # What ends with the request in hand, a worker or its turn, is gunicorn's to end.
        if read is Unread.OTHER or not self.alive or self.nr + 1 >= self.max_requests:
            self._hand_over(conn)
            return
        keep_alive = read.keep_alive and self.cfg.keepalive > 0 and len(self.keepalived_conns) < self.max_keepalived
        try:
            with answering_at_once():
                answer = answer_of(self.wsgi, read, keep_alive)
        except MustWaitError:
            self._hand_over(conn)
            return
        except Exception:
            self.log.exception("Error handling request")
            answer, keep_alive = _SERVER_ERROR, False
        self.nr += 1
        conn.held = b""
        self._send(conn, answer, keep_alive)

    def _send(self, conn: Connection, answer: bytes, keep_alive: bool) -> None:
        try:
            sent = conn.sock.send(answer)
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError:
            self._close(conn)
            return
        if sent < len(answer):
            self._to_thread(conn, partial(self._send_rest, conn, answer[sent:], keep_alive))
        elif keep_alive:
            self._wait_in(conn, self.keepalived_conns, self.cfg.keepalive)
        else:
            self._end(conn)

    @staticmethod
    def _send_rest(conn: Connection, rest: bytes, keep_alive: bool) -> bool:
        """For somebody who does not read: a thread waits for that."""
        conn.sock.setblocking(True)
        conn.sock.sendall(rest)
        return keep_alive

    # Where a connection is

    def _wait_in(self, conn: Connection, queue: deque[Any], seconds: float) -> None:
        """Wait here for the next bytes; each queue is in the order in which its connections run out of time."""
        if conn.waits_in is not None:
            conn.waits_in.remove(conn)
        conn.waits_in = queue
        conn.timeout = time.monotonic() + seconds
        queue.append(conn)

    def _leave(self, conn: Connection) -> None:
        self.poller.unregister(conn.sock)
        if conn.waits_in is not None:
            conn.waits_in.remove(conn)
            conn.waits_in = None

    def _hand_over(self, conn: Connection) -> None:
        """Let a thread read all that came, by gunicorn's own reader, and answer it."""
        held, conn.held = conn.held, b""
        self._leave(conn)
        self._with_parser(conn)
        conn.parser.unreader.unread(held)
        conn.data_ready = True
        self.enqueue_req(conn)

    def _to_thread(self, conn: Connection, work: Callable[[], bool]) -> None:
        self._leave(conn)
        self._with_parser(conn)
        done = self.tpool.submit(work)
        done.add_done_callback(lambda future: self.method_queue.defer(self.finish_request, conn, future))

    def _with_parser(self, conn: Connection) -> None:
        if conn.parser is None:
            conn.parser = http.get_parser(self.cfg, conn.sock, conn.client)

    def _end(self, conn: Connection) -> None:
        """Say that nothing follows, and let the other side close: closed with bytes unread, it would lose the answer."""
        try:
            conn.sock.shutdown(SHUT_WR)
        except OSError:
            self._close(conn)
            return
        conn.leaving = True
        self._wait_in(conn, self.pending_conns, PATIENCE)

    def _close(self, conn: Connection) -> None:
        self._leave(conn)
        self.nr_conns -= 1
        conn.close()


def _is_ordinary(cfg: Any) -> bool:
    """Whether what is asked of gunicorn is no more than what is done here too."""
    return not (
        cfg.is_ssl
        or cfg.proxy_protocol != "off"
        or cfg.http2_cleartext in ("upgrade", "prior-knowledge", "both")
        or cfg.secure_scheme_headers
        or cfg.accesslog
        or cfg.statsd_host
        or cfg.casefold_http_method
        or os.environ.get("SCRIPT_NAME")
        or cfg.protocol != "http"
        or 0 < cfg.limit_request_fields < MOST_FIELDS
    )


def _longest_head(cfg: Any) -> int:
    """No line in a head of this length is longer than gunicorn takes; 0 is no limit there."""
    limits: list[int] = [cfg.limit_request_line, cfg.limit_request_field_size]
    return min(_LONGEST_HEAD, *(each for each in limits if each > 0))
