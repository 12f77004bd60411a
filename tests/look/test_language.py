"""The two languages: choice, translations, dates and hours."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from look.language import (
    current_language,
    day_date,
    gettext,
    load_translations,
    ngettext,
    short_date,
    use_language,
    written_date,
    written_moment,
    written_time,
)

MOMENT = datetime(2026, 11, 17, 13, 12, tzinfo=UTC)


def test_dutch_is_what_anybody_gets_who_asked_for_nothing_or_for_something_else() -> None:
    assert current_language() == "nl"
    with use_language("fr"):
        assert current_language() == "nl"


def test_dates_and_hours_are_written_the_flemish_way_in_brussels_time() -> None:
    assert written_date(date(2026, 11, 17)) == "dinsdag 17 november 2026"
    assert short_date(MOMENT) == "17 november 2026"
    assert day_date(MOMENT) == "dinsdag 17 november"
    assert written_time(MOMENT) == "14.12 uur"
    assert written_moment(MOMENT) == "dinsdag 17 november 2026, 14.12 uur"
    assert written_time(datetime(2026, 7, 1, 7, 5, tzinfo=UTC)) == "9.05 uur"


def test_a_moment_just_before_midnight_utc_is_the_next_day_in_brussels() -> None:
    assert short_date(datetime(2026, 12, 31, 23, 30, tzinfo=UTC)) == "1 januari 2027"


def test_english_dates_have_the_same_order() -> None:
    with use_language("en"):
        assert written_moment(MOMENT) == "Tuesday 17 November 2026, 14:12"


def test_a_moment_without_time_zone_is_not_written() -> None:
    with pytest.raises(ValueError, match="time zone"):
        written_time(datetime(2026, 11, 17, 13, 12))  # noqa: DTZ001


def test_sentences_get_their_english_and_their_facts(tmp_path: Path) -> None:
    po = tmp_path / "en.po"
    po.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
        'msgid "Proefzin voor %(name)s"\nmsgstr "Test sentence for %(name)s"\n\n'
        'msgid "1 proef"\nmsgid_plural "%(n)s proeven"\nmsgstr[0] "1 test"\nmsgstr[1] "%(n)s tests"\n\n'
        '#, fuzzy\nmsgid "Onzeker"\nmsgstr "Unsure"\n',
        encoding="utf-8",
    )
    load_translations(po)
    assert gettext("Proefzin voor %(name)s", name="Nele") == "Proefzin voor Nele"
    assert ngettext("1 proef", "%(n)s proeven", 0) == "0 proeven"
    with use_language("en"):
        assert gettext("Proefzin voor %(name)s", name="Nele") == "Test sentence for Nele"
        assert ngettext("1 proef", "%(n)s proeven", 1) == "1 test"
        assert ngettext("1 proef", "%(n)s proeven", 3) == "3 tests"
        assert gettext("Onzeker") == "Onzeker"
        assert gettext("Nergens vertaald") == "Nergens vertaald"
    assert current_language() == "nl"
