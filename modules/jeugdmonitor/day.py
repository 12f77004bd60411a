"""Which day it is for a municipality.

Owns: that it is the day in Brussels. A moment is never kept of a respondent; a day is all that the rules need.
"""

from datetime import date, datetime

from look.language import BRUSSELS


def today() -> date:
    """The day in Brussels."""
    return datetime.now(BRUSSELS).date()
