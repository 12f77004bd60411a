"""The one clock of the broker, and what a day is.

Owns: "now", and the translation between instants and days in Brussels. Every derived state (expired, claimed, waiting)
asks here, so that a test moves one clock. Does not own: how a date is written for people (`look.language`).
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")
_LAST_DAY_OF_ALL = date.max - timedelta(days=2)  # somebody may type the year 9999: too late, and no reason to fail


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def local_date(instant: datetime) -> date:
    """The day it is in Brussels at `instant`."""
    return instant.astimezone(BRUSSELS).date()


def start_of_day(day: date) -> datetime:
    """The instant at which `day` begins in Brussels."""
    return datetime.combine(day, time.min, BRUSSELS).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """The instant at which `day` is over in Brussels: a `valid_until` of that day, inclusive (decisions 20)."""
    return datetime.combine(min(day, _LAST_DAY_OF_ALL) + timedelta(days=1), time.min, BRUSSELS).astimezone(UTC)


def last_day(valid_until: datetime) -> date:
    """The last day on which something valid until `valid_until` still holds: the inverse of `end_of_day`."""
    return local_date(valid_until - timedelta(microseconds=1))
