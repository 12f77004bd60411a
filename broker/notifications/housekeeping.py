"""What the worker does beside delivering: jobs of the rooms above, registered by create_app, each at its own pace.

Owns the list and its clock. Does not own the jobs: each is an ordinary operation, run with `perform`, safe to run
twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

import structlog

Job = Callable[[], None]

_jobs: dict[str, tuple[float, Job]] = {}
_log = structlog.get_logger("poortwachter.housekeeping")


def register_housekeeping(name: str, every_seconds: float, job: Job) -> None:
    """Let every worker run `job` about each `every_seconds`; the same name again replaces the earlier one."""
    _jobs[name] = (every_seconds, job)


@dataclass
class Housekeeping:
    """The rounds of one worker."""

    _next: dict[str, float]

    @classmethod
    def begin(cls) -> "Housekeeping":
        """Everything is due at once: what was left undone while no worker ran comes first."""
        return cls({})

    def run_due(self) -> None:
        """Run what is due.

        A job that fails is logged and tried at its next turn: it must not keep mail from leaving.
        """
        for name, (every_seconds, job) in list(_jobs.items()):
            if monotonic() < self._next.get(name, 0.0):
                continue
            self._next[name] = monotonic() + every_seconds
            try:
                job()
            except Exception as error:  # noqa: BLE001 - whatever one job does, the others and the mail go on
                _log.error("housekeeping_failed", job=name, error=type(error).__name__)
