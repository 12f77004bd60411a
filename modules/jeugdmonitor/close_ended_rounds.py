"""The clock of the Jeugdmonitor: after midnight in Brussels, the first request closes what ended the day before.

Owns: that it happens once a day in each process; health checks are requests too, so it never waits for a visitor. Does not own
closing (close_round.py): until it happens, a round whose last day is over takes no answers and shows none.
"""

import threading
from datetime import date

import structlog

from modules.jeugdmonitor.close_round import close_ended
from modules.jeugdmonitor.day import today
from modules.kit.database import BusyError, database

log = structlog.get_logger("modules.jeugdmonitor")


class Clock:
    """The day for which this process has closed what ended."""

    def __init__(self) -> None:
        self.done_for: date | None = None
        self.turn = threading.Lock()


def close_once_a_day(clock: Clock) -> None:
    """Close what ended before today, unless this process did so today; one request does it, the others go on."""
    day = today()
    if clock.done_for == day or not clock.turn.acquire(blocking=False):
        return
    try:
        closed = database().perform(close_ended, day)
        clock.done_for = day
        if closed:  # a line each morning would tell when the first visitor came
            log.info("rounds closed", rounds=closed)
    except BusyError:  # the next request tries again; nothing depends on which one it is
        log.warning("rounds not closed: database busy")
    finally:
        clock.turn.release()
