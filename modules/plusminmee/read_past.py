"""Days and moments that somebody says have been: what was checked, discussed, settled or seen.

Owns: that they are past, and not so long ago that it must be a slip. Does not own how a day is written (typed.py).
"""

from datetime import date, datetime, time, timedelta

from look.language import BRUSSELS
from look.language import gettext as _
from modules.plusminmee.retention import today
from modules.plusminmee.typed import TypedError, read_day

EARLIEST = date(2015, 1, 1)
SEEN_WITHIN = timedelta(days=31)


def read_past_day(typed: str, *, earliest: date = EARLIEST, missing: str = "") -> date | None:
    """As typed.read_day, and not in the future, nor before `earliest`.

    Raises:
        TypedError: no such day.
    """
    day = read_day(typed, missing=missing)
    if day is not None and not earliest <= day <= today():
        raise TypedError(_("Kijk deze datum na: ze ligt te ver terug of in de toekomst."))
    return day


def read_seen_at(typed: str) -> datetime:
    """A day and an hour as a browser sends them (2026-11-17T21:30), or as people write them (17-11-2026 21:30). An hour alone is
    today's, and empty is now.

    Raises:
        TypedError: no moment, still to come, or more than a month ago.
    """
    now = datetime.now(BRUSSELS)
    if not typed.strip():
        return now
    day, _between, hour = typed.strip().replace("T", " ").rpartition(" ")
    try:
        moment = datetime.combine(read_day(day) or today(), time.fromisoformat(hour), BRUSSELS)
    except ValueError:
        raise TypedError(_("Dit is geen moment. Schrijf dag en uur, zoals 31-12-2026 21:30.")) from None
    if not now - SEEN_WITHIN <= moment <= now:
        raise TypedError(_("Kies een moment van de voorbije maand, tot nu."))
    return moment
