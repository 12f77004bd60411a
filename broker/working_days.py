"""Working days in Belgium: Monday to Friday without the legal holidays (the `holidays` package). Ground, beside the clock."""

from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from broker.clock import end_of_day, local_date

if TYPE_CHECKING:
    import holidays


@cache
def _belgian_holidays() -> "holidays.HolidayBase":
    import holidays  # large, and seldom the first thing that is asked

    return holidays.country_holidays("BE")


def is_working_day(day: date) -> bool:
    """Neither a weekend day nor a legal holiday."""
    return day.weekday() < 5 and day not in _belgian_holidays()


def add_working_days(day: date, count: int) -> date:
    """The `count`-th working day after `day`."""
    while count > 0:
        day += timedelta(days=1)
        if is_working_day(day):
            count -= 1
    return day


def working_days_between(first: date, last: date) -> int:
    """How many working days lie after `first` up to and including `last`."""
    return sum(is_working_day(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))


def working_days_ago(instant: datetime, count: int) -> datetime:
    """The first instant of the day after which `count` working days have passed by now, today included: whatever began before
    it has waited longer than that many."""
    day = local_date(instant)
    while count > 0:
        if is_working_day(day):
            count -= 1
        day -= timedelta(days=1)
    return end_of_day(day)


def end_of_working_day(instant: datetime, count: int) -> datetime:
    """The end of the `count`-th working day after the day of `instant`."""
    return end_of_day(add_working_days(local_date(instant), count))
