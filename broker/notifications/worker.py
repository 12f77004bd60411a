"""Worker: the process that delivers, seals the audit and does the housekeeping, until it is told to stop.

Owns the loop and its patience: a locked database or a silent mail server is waited out, never a reason to end.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

import structlog
from sqlalchemy.exc import DBAPIError

from broker import audit, clock
from broker.database import db, perform
from broker.errors import BusyError
from broker.installation import Installation
from broker.notifications.deliver import Delivery
from broker.notifications.housekeeping import Housekeeping
from broker.notifications.lanes import Lanes
from broker.notifications.tell_checkpoint import tell_checkpoint
from broker.notifications.ways_out import open_post

PAUSE_SECONDS = 0.5
_ROUND_SECONDS = 1.0
_HOUSE = "house"
_PAUSE_AFTER_TROUBLE = 5.0
_CHECKPOINT_SECONDS = 3600.0
_SEAL_BATCH = 500

_log = structlog.get_logger("poortwachter.worker")


class Worker:
    """One worker of one installation. Needs an application context around it."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._lanes = Lanes(installation, open_post(installation.settings))
        self._housekeeping = Housekeeping.begin()
        self._sealed_all_at: datetime | None = None
        self._next_checkpoint = 0.0
        self._next_round = 0.0

    def run(self, wait: Callable[[float], bool]) -> None:
        """Work until `wait(seconds)`, which sleeps, answers that it is time to stop.

        The housekeeping has a thread of its own, as each lane has: a long job holds up no message.
        """
        _log.info("worker_started")
        pause = 0.0
        try:
            while not wait(pause):
                try:
                    self.look_once()
                    pause = PAUSE_SECONDS
                except (BusyError, DBAPIError) as error:
                    _log.warning("worker_waits_for_database", error=type(error).__name__)
                    pause = _PAUSE_AFTER_TROUBLE
                finally:
                    db.session.remove()
        finally:
            self._lanes.stop()
        _log.info("worker_stopped")

    def look_once(self) -> None:
        """Start what is due, without waiting for any of it."""
        if monotonic() >= self._next_round and self._lanes.start(_HOUSE, self._keep_house):
            self._next_round = monotonic() + _ROUND_SECONDS
        self._lanes.start_due()

    def work_once(self, stop: Callable[[], bool] = lambda: False) -> Delivery:
        """Housekeeping that is due, then everything that is due to leave, then the seals of what happened meanwhile."""
        self._housekeeping.run_due()
        delivery = self._lanes.deliver_all(stop)
        self._seal()
        self._tell_checkpoint()
        return delivery

    def _keep_house(self) -> None:
        self._housekeeping.run_due()
        self._seal()
        self._tell_checkpoint()

    def _seal(self) -> None:
        """Seal what is new; the whole table is looked through at the start and once an hour."""
        now = clock.now()
        whole = self._sealed_all_at is None or now - self._sealed_all_at > timedelta(hours=1)
        since = None if whole else now - timedelta(hours=2)
        while perform(audit.seal_events, since, _SEAL_BATCH) == _SEAL_BATCH:
            pass
        if whole:
            self._sealed_all_at = now

    def _tell_checkpoint(self) -> None:
        if monotonic() >= self._next_checkpoint:
            self._next_checkpoint = monotonic() + _CHECKPOINT_SECONDS
            tell_checkpoint(self._installation)
