"""The form of a round: what was typed, what is wrong with it, what it is worth.

Owns: reading it as a whole, so that nothing typed is lost and every mistake is told at once. Does not own the page
(round_pages.py) nor the questions (question_pages.py).
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from look.language import gettext as _
from modules.jeugdmonitor.model import LONGEST_TITLE, OLDEST, YOUNGEST

LONGEST_INTRODUCTION = 600
LONGEST_PERIOD = timedelta(days=366)
_UNSEEN = ("Cc", "Cf", "Cs", "Co")


@dataclass(frozen=True)
class Plan:
    """What a coordinator plans: everything of a round but its questions."""

    title: str
    introduction: str
    lowest_age: int
    highest_age: int
    first_day: date
    last_day: date
    with_codes: bool


def read_plan(posted: Mapping[str, str], today: date) -> tuple[Plan | None, list[tuple[str, str]]]:
    """The plan, or None with what is wrong: (field, sentence), in the order of the form."""
    errors: list[tuple[str, str]] = []
    title = read_line(posted.get("title", ""))
    if not title:
        errors.append(("title", _("Geef de bevraging een titel.")))
    elif len(title) > LONGEST_TITLE:
        errors.append(("title", _("Deze titel is te lang. Hou het bij %(most)s tekens.", most=LONGEST_TITLE)))
    introduction = read_text(posted.get("introduction", ""))
    if len(introduction) > LONGEST_INTRODUCTION:
        errors.append(
            ("introduction", _("Deze tekst is te lang. Hou het bij %(most)s tekens.", most=LONGEST_INTRODUCTION))
        )
    ages = [_age(posted.get(name, "")) for name in ("lowest_age", "highest_age")]
    if ages[0] is None:
        errors.append(("lowest_age", _("Kies de jongste leeftijd.")))
    if ages[1] is None:
        errors.append(("highest_age", _("Kies de oudste leeftijd.")))
    if None not in ages and (ages[0] or 0) > (ages[1] or 0):
        errors.append(("highest_age", _("De oudste leeftijd komt voor de jongste. Kijk beide na.")))
    first, last, wrong = _period(posted, today)
    errors += wrong
    if errors or first is None or last is None or ages[0] is None or ages[1] is None:
        return None, errors
    return Plan(title, introduction, ages[0], ages[1], first, last, bool(posted.get("with_codes"))), []


def read_last_day(typed: str, first_day: date, today: date) -> tuple[date | None, str]:
    """The last day of a period, or None with the sentence that says what is wrong."""
    last = _day(typed)
    if last is None:
        return None, _("Vul de laatste dag in.")
    if last < first_day:
        return None, _("De laatste dag komt voor de eerste. Kijk beide na.")
    if last < today:
        return None, _("De laatste dag is al voorbij.")
    if last - first_day > LONGEST_PERIOD:
        return None, _("Een bevraging loopt hoogstens een jaar.")
    return last, ""


def read_line(typed: str) -> str:
    """One line: NFC, single spaces, without signs that nobody sees."""
    return " ".join(_seen(unicodedata.normalize("NFC", typed)).split())


def read_text(typed: str) -> str:
    """A text of more lines, cleaned the same way."""
    return "\n".join(
        _seen(line).rstrip() for line in unicodedata.normalize("NFC", typed).replace("\r\n", "\n").strip().split("\n")
    )


def _seen(text: str) -> str:
    return "".join(sign for sign in text if sign in "\t" or unicodedata.category(sign) not in _UNSEEN)


def _period(posted: Mapping[str, str], today: date) -> tuple[date | None, date | None, list[tuple[str, str]]]:
    first = _day(posted.get("first_day", ""))
    wrong = [] if first else [("first_day", _("Vul de eerste dag in."))]
    last, why = read_last_day(posted.get("last_day", ""), first or today, today)
    return first, last, [*wrong, ("last_day", why)] if why else wrong


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None


def _age(typed: str) -> int | None:
    typed = typed.strip()
    age = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else -1
    return age if YOUNGEST <= age <= OLDEST else None
