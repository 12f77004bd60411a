"""A WSGI application that takes part in answering at once, for the tests of the worker: `gunicorn tests.serving.small_app:app`.

/at-once        answered at once             /slow?seconds=N  waits for a thread, and there for N seconds
/held?FILE      waits for a thread, and there until FILE exists
/echo           its body, by a thread        /large           8 MiB, at once
/raises         fails, at once               /late            fails after something was changed
/split          a header that would not stay on its line
Every answer says in X-Thread which thread gave it, and in X-Times how often the application was asked for it,
in X-Cleans-Up whether Python looks for what can go.
"""

import gc
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serving.at_once import about_to_wait, changed, may_wait, take_part

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LARGE = 8 * 1024 * 1024


class SmallApp:
    """One instance a worker."""

    def __init__(self) -> None:
        self.extensions: dict[str, Any] = {}
        take_part(self.extensions)
        self._asked = 0

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        self._asked += 1
        path = environ["PATH_INFO"]
        headers = [
            ("X-Thread", "the worker's" if threading.current_thread() is threading.main_thread() else "a pool's"),
            ("X-At-Once", "no" if may_wait() else "yes"),
            ("X-Times", str(self._asked)),
            ("X-Cleans-Up", "yes" if gc.isenabled() else "no"),
        ]
        if path == "/slow":
            about_to_wait()
            time.sleep(float(environ["QUERY_STRING"].partition("=")[2]))
        elif path == "/held":
            about_to_wait()
            _wait_for(Path(environ["QUERY_STRING"]))
        elif path == "/raises":
            raise RuntimeError("a mistake")
        elif path == "/late":
            changed()
            raise RuntimeError("a mistake")
        elif path == "/split":
            headers.append(("X-Split", "one\r\nX-Other: two"))
        if path == "/echo":
            about_to_wait()
            body = environ["wsgi.input"].read()
        else:
            body = bytes(LARGE) if path == "/large" else b"here you are"
        headers.append(("Content-Length", str(len(body))))
        start_response("200 OK", headers)
        return [body]


def _wait_for(file: Path) -> None:
    until = time.monotonic() + 15
    while not file.exists():
        if time.monotonic() > until:
            raise TimeoutError(file)
        time.sleep(0.02)


app = SmallApp()
