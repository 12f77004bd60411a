"""Whether a round takes answers on this day.

Owns: that one rule, for pages and operations alike.
"""

from modules.jeugdmonitor.day import today
from modules.jeugdmonitor.errors import NotTakenError
from modules.jeugdmonitor.model import Round


def not_yet(round_: Round) -> bool:
    """Opened by its coordinator, but its first day is still to come."""
    return round_.state == "open" and today() < round_.first_day


def over(round_: Round) -> bool:
    """Closed, or past its last day and about to be."""
    return round_.state == "closed" or round_.last_day < today()


def require_taking(round_: Round) -> Round:
    """The round, when it takes answers now.

    Raises:
        NotTakenError: it does not.
    """
    if round_.state != "open" or not_yet(round_) or over(round_):
        raise NotTakenError
    return round_
