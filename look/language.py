"""The two languages of every screen and mail: gettext over Dutch msgids, and Flemish dates and hours.

Owns the choice of language of the current context and the translations in memory (parsed once, from .po files).
Does not know requests, cookies or persons: whoever does, calls `use_language` or `use_language_source`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.messages.pofile import read_po

LANGUAGES = ("nl", "en")
"""What we speak; the first is what a msgid is written in and what anybody gets who asked for something else."""

BRUSSELS = ZoneInfo("Europe/Brussels")

_LOCALES = {"nl": "nl_BE", "en": "en_GB"}
_source: ContextVar[Callable[[], str] | None] = ContextVar("look_language_source", default=None)
_single: dict[str, str] = {}
_plural: dict[str, tuple[str, ...]] = {}


def current_language() -> str:
    """The language of the current context: "nl" or "en"."""
    source = _source.get()
    language = source() if source else LANGUAGES[0]
    return language if language in LANGUAGES else LANGUAGES[0]


@contextmanager
def use_language_source(source: Callable[[], str]) -> Iterator[None]:
    """Within the block the language is what `source` answers, each time it is asked."""
    before = _source.get()
    _source.set(source)
    try:
        yield
    finally:
        # Not reset(token): Flask may close a request in another context than the one that opened it.
        _source.set(before)


@contextmanager
def use_language(language: str) -> Iterator[None]:
    """Within the block every sentence, date and hour is in `language`; Dutch for a language we do not have."""
    with use_language_source(lambda: language):
        yield


def load_translations(*paths: Path) -> None:
    """Add the English of these .po files to what is known. Fuzzy and empty entries stay Dutch.

    Raises FileNotFoundError for a file that is not there.
    """
    for path in paths:
        single, plural = _read(path)
        _single.update(single)
        _plural.update(plural)


@cache
def _read(path: Path) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """The sentences of one file, and those with a form for one and for many; read once a process."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale="en")
    single: dict[str, str] = {}
    plural: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        if not message.id or message.fuzzy:
            continue
        if isinstance(message.id, tuple):
            forms = tuple(message.string) if isinstance(message.string, tuple) else ()
            if len(forms) == len(message.id) and all(forms):
                plural[message.id[0]] = forms
        elif message.string:
            single[str(message.id)] = str(message.string)
    return single, plural


def gettext(msgid: str, **facts: object) -> str:
    """The sentence in the current language; with `facts`, its `%(name)s` places are filled in."""
    sentence = sentence_of(msgid)
    return sentence % facts if facts else sentence


def ngettext(one: str, many: str, n: int, **facts: object) -> str:
    """`one` for exactly one, else `many`, in the current language; `%(n)s` and `facts` are filled in."""
    return plural_of(one, many, n) % {"n": n, **facts}


def sentence_of(msgid: str) -> str:
    """The sentence in the current language, its places still open."""
    return _single.get(msgid, msgid) if current_language() == "en" else msgid


def plural_of(one: str, many: str, n: int) -> str:
    """The form for `n` in the current language, its places still open."""
    forms = _plural.get(one, (one, many)) if current_language() == "en" else (one, many)
    return forms[0] if n == 1 else forms[-1]


def written_date(day: date) -> str:
    """ "dinsdag 17 november 2026", "Tuesday 17 November 2026". A moment counts as its day in Brussels."""
    return format_date(_brussels_day(day), "EEEE d MMMM y", locale=_locale())


def short_date(day: date) -> str:
    """ "17 november 2026", "17 November 2026"."""
    return format_date(_brussels_day(day), "d MMMM y", locale=_locale())


def day_date(day: date) -> str:
    """ "dinsdag 17 november", "Tuesday 17 November": where the year goes without saying."""
    return format_date(_brussels_day(day), "EEEE d MMMM", locale=_locale())


def written_time(moment: datetime) -> str:
    """ "14.12 uur", "14:12"; Brussels time.

    Raises ValueError for a moment without a time zone.
    """
    if current_language() == "en":
        return format_datetime(_in_brussels(moment), "H:mm", tzinfo=BRUSSELS, locale=_locale())
    return format_datetime(_in_brussels(moment), "H.mm 'uur'", tzinfo=BRUSSELS, locale=_locale())


def written_moment(moment: datetime) -> str:
    """ "dinsdag 17 november 2026, 14.12 uur", "Tuesday 17 November 2026, 14:12"; Brussels time."""
    return f"{written_date(moment)}, {written_time(moment)}"


def _locale() -> str:
    return _LOCALES[current_language()]


def _in_brussels(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("A moment without a time zone cannot be written")
    return moment.astimezone(BRUSSELS)


def _brussels_day(day: date) -> date:
    return _in_brussels(day).date() if isinstance(day, datetime) else day
