"""Lanes: every lane of the outbox runs in a thread of its own, so that a slow receiver holds up nobody else (threats BC4).

Owns the threads of one worker. At most one a lane, so that a lane keeps its order; at most AT_ONCE beside the one that
carries changes of rights, which never waits for a place. Does not own what a lane does (`deliver`).
"""

import threading
from collections.abc import Callable
from functools import partial
from time import monotonic

import structlog
from flask import current_app
from sqlalchemy.exc import DBAPIError

from broker.database import db
from broker.errors import BusyError
from broker.installation import Installation
from broker.notifications.deliver import Delivery, deliver_lane, lanes_with_work
from broker.notifications.post import Post
from broker.notifications.put_change import CHANGE

AT_ONCE = 32
_REST_SECONDS = 5.0

_log = structlog.get_logger("poortwachter.worker")


class Lanes:
    """The lanes of one worker. Needs an application context around it when it is made, and around `start_due`."""

    def __init__(self, installation: Installation, post: Post) -> None:
        self._installation = installation
        self._post = post
        self._app = current_app._get_current_object()  # type: ignore[attr-defined]  # werkzeug's proxies are not typed
        self._stopping = threading.Event()
        self._changed = threading.Condition()
        self._running: dict[str, threading.Thread] = {}
        self._resting: dict[str, float] = {}
        self._delivered = Delivery()

    def start_due(self) -> None:
        """Start every lane in which something is due, unless it runs already or there is no place for it now."""
        for lane in lanes_with_work():
            self.start(lane, partial(self._deliver, lane))

    def start(self, name: str, work: Callable[[], None]) -> bool:
        """Run `work` in a thread of this name; not when one runs, there is no place, or it rests after trouble."""
        with self._changed:
            taken = len(self._running) - (CHANGE in self._running)
            if name in self._running or (taken >= AT_ONCE and name != CHANGE):
                return False
            if monotonic() < self._resting.get(name, 0.0):
                return False
            thread = threading.Thread(target=self._run, args=(name, work), name=f"lane {name}")
            self._running[name] = thread
        thread.start()
        return True

    def deliver_all(self, stop: Callable[[], bool]) -> Delivery:
        """Deliver everything that is due: changes first, as they put messages into other lanes, then all lanes at once."""
        self._delivered = Delivery()
        self._deliver(CHANGE)
        for lane in lanes_with_work():
            while not stop() and not self.start(lane, partial(self._deliver, lane)):
                with self._changed:
                    if not self._running:
                        break  # it rests
                    self._changed.wait(timeout=1.0)
        self.wait_for_all()
        return self._delivered

    def stop(self) -> None:
        """Let each lane end after the message in hand, and wait for that."""
        self._stopping.set()
        self.wait_for_all()

    def wait_for_all(self) -> None:
        """Wait until no lane runs."""
        while True:
            with self._changed:
                threads = list(self._running.values())
            if not threads:
                return
            for thread in threads:
                thread.join()

    def _deliver(self, lane: str) -> None:
        delivery = deliver_lane(self._installation, self._post, lane, self._stopping.is_set)
        with self._changed:
            self._delivered.add(delivery)

    def _run(self, name: str, work: Callable[[], None]) -> None:
        try:
            with self._app.app_context():
                try:
                    work()
                finally:
                    db.session.remove()
        except (BusyError, DBAPIError) as error:
            self._resting[name] = monotonic() + _REST_SECONDS
            _log.warning("worker_waits_for_database", error=type(error).__name__, lane=name)
        except Exception as error:  # noqa: BLE001 - one lane's trouble is no other's, and must not end in silence
            self._resting[name] = monotonic() + _REST_SECONDS
            _log.error("lane_failed", error=type(error).__name__, lane=name)
        finally:
            with self._changed:
                del self._running[name]
                self._changed.notify_all()
