"""The tips, the work instructions and the release notes: complete, in both languages, and in our own words."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

import modules.plusminmee
from modules.plusminmee.manual import MANUAL, read_manual
from modules.plusminmee.release_notes import LATEST, RELEASES, Release, read_releases, unseen
from modules.plusminmee.tips import PAGES, TIPS, read_tips, tips_for
from modules.plusminmee.words import Entry, TextsError, Words

FOLDER = Path(modules.plusminmee.__file__).parent
BOTH = {"nl": "Ja", "en": "Yes"}


def words_of(file: str) -> list[dict[str, str]]:
    """Every text in both languages of a file."""

    def walk(value: Any) -> list[dict[str, str]]:
        if isinstance(value, dict):
            return [value] if set(value) == {"nl", "en"} else [each for inner in value.values() for each in walk(inner)]
        return [each for inner in value for each in walk(inner)] if isinstance(value, list) else []

    return walk(yaml.safe_load((FOLDER / file).read_text(encoding="utf-8")))


# Tips, as W17 places them


def test_there_are_eleven_tips_each_with_its_page() -> None:
    assert [(tip.page, tip.code) for tip in TIPS] == [
        ("sign_in", "credentials"),
        ("groups", "screenshots"),
        ("groups", "retention"),
        ("youngsters", "special_data"),
        ("photo", "photo"),
        ("identity_check", "no_bsn"),
        ("interventions", "needed"),
        ("messages", "attachment"),
        ("proposals", "method_only"),
        ("proposals", "monitoring"),
        ("professionals", "members"),
    ]


def test_each_tip_says_what_the_seed_warns_of() -> None:
    for page, word in {
        "sign_in": "niemand",
        "groups": "schermafdrukken",
        "youngsters": "godsdienst",
        "photo": "kentekens",
        "identity_check": "BSN",
        "interventions": "persoonsgegeven",
        "messages": "bijlage",
        "proposals": "1 of 3 maanden",
        "professionals": "beheerder",
    }.items():
        assert any(word in tip.text.nl for tip in TIPS if tip.page == page)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_of_the_list_has_its_tips(page: Any) -> None:
    assert tips_for(page)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"page": "nowhere"}, "must be one of"),
        ({"text": {"nl": "Ja"}}, "en must be a text"),
        ({"code": "credentials"}, "a code twice"),
        ({"colour": "red"}, "nobody reads: colour"),
    ],
)
def test_a_wrong_tip_stops_the_start(change: dict[str, Any], told: str) -> None:
    read = yaml.safe_load((FOLDER / "tips.yaml").read_text(encoding="utf-8"))
    read["tips"][1] |= change
    with pytest.raises(TextsError, match=told):
        read_tips(Entry("tips.yaml", read))


def test_a_page_without_a_tip_stops_the_start() -> None:
    with pytest.raises(TextsError, match=r"no tip for sign_in, groups"):
        read_tips(Entry("tips.yaml", {"tips": [{"code": "photo", "page": "photo", "text": BOTH}]}))


# Work instructions


def test_every_heading_of_the_seed_has_a_chapter() -> None:
    titles = [chapter.title.nl for chapter in MANUAL.chapters]
    for heading in (
        "Inloggen",
        "De hoofdpagina",
        "Jeugdgroepen",
        "Methode",
        "Jongeren",
        "Identiteitscheck",
        "Interventies",
        "Berichten",
        "Methode voorstellen",
        "Logboek",
        "Professionals",
        "Uitnodigingen",
        "Mijn profiel",
        "Help, Werkinstructies en Release Notes",
        "Uitloggen",
        "Veilig omgaan met persoonsgegevens",
        "Een beveiligingsincident melden",
    ):
        assert heading in titles


def test_safe_handling_has_the_duties_of_users_and_five_of_beheerders_and_what_the_tool_does() -> None:
    handling = MANUAL.safe_handling
    assert handling.chapter in [chapter.code for chapter in MANUAL.chapters]
    assert len(handling.users) == 3
    assert len(handling.beheerders) == 5
    told = " ".join(measure.nl for measure in handling.measures)
    for measure in ("Europese Unie", "beveiligde ruimte", "verbinding", "twee manieren", "eigen groepen", "90 minuten"):
        assert measure in told


def test_every_tip_stands_in_the_manual_once() -> None:
    assert [tip.code for chapter in MANUAL.chapters for tip in chapter.tips] == [tip.code for tip in TIPS]


def test_a_code_can_stand_behind_the_hash_of_an_address() -> None:
    assert all(chapter.code.replace("-", "").isalpha() and chapter.code.islower() for chapter in MANUAL.chapters)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"chapters": [{"code": "a", "title": BOTH, "parts": [BOTH]}] * 2}, "a chapter twice"),
        ({"chapters": [{"code": "a", "title": BOTH, "parts": []}]}, r"parts must be a list"),
        ({"chapters": [{"code": "veilig", "title": BOTH, "parts": [BOTH], "tips": "x"}]}, "tips must be one of"),
        ({"chapters": [{"code": "a", "title": BOTH, "parts": [BOTH]}]}, "chapter is no chapter"),
        ({"safe_handling": {}}, "safe_handling must be a mapping"),
    ],
)
def test_a_wrong_manual_stops_the_start(change: dict[str, Any], told: str) -> None:
    read = yaml.safe_load((FOLDER / "manual.yaml").read_text(encoding="utf-8")) | change
    with pytest.raises(TextsError, match=told):
        read_manual(Entry("manual.yaml", read))


# Release notes


def notes(*versions: str) -> tuple[Release, ...]:
    """Versions, newest first."""
    return tuple(Release(version, date(2026, 11, 22), (Words(**BOTH),)) for version in versions)


def test_there_is_a_version_and_it_says_what_changed() -> None:
    assert RELEASES[0].version == LATEST
    assert all(release.changes for release in RELEASES)


def test_somebody_sees_what_came_after_the_last_version_they_saw() -> None:
    all_of_them = notes("1.10", "1.9", "1.0")
    assert [release.version for release in unseen("1.0", all_of_them)] == ["1.10", "1.9"]
    assert unseen("1.10", all_of_them) == ()
    assert unseen(LATEST) == ()


@pytest.mark.parametrize("last_seen", [None, "0.9", ""])
def test_who_is_new_sees_the_newest_alone(last_seen: str | None) -> None:
    assert [release.version for release in unseen(last_seen, notes("1.1", "1.0"))] == ["1.1"]


def release(version: object, day: object) -> dict[str, object]:
    """An entry of the file."""
    return {"version": version, "day": day, "changes": [BOTH]}


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (release("1.0", date(2026, 1, 1)), release("1.1", date(2026, 1, 1)), "must be newer"),
        (release("1.0", date(2026, 1, 1)), release("1.0", date(2026, 1, 1)), "must be newer"),
        (release("1.1", date(2026, 1, 1)), release("1.0", date(2026, 1, 2)), "must be newer"),
        (release(1.1, date(2026, 1, 1)), release("1.0", date(2026, 1, 1)), "version must be a text"),
        (release("one", date(2026, 1, 1)), release("1.0", date(2026, 1, 1)), "must look like"),
        (release("1.1", "today"), release("1.0", date(2026, 1, 1)), "must be a day"),
    ],
)
def test_versions_in_another_order_or_form_stop_the_start(
    first: dict[str, object], second: dict[str, object], told: str
) -> None:
    with pytest.raises(TextsError, match=told):
        read_releases(Entry("release_notes.yaml", {"releases": [first, second]}))


def test_ten_comes_after_nine() -> None:
    day = date(2026, 1, 1)
    read = read_releases(Entry("x", {"releases": [release("1.10", day), release("1.9", day)]}))
    assert [each.version for each in read] == ["1.10", "1.9"]


# All of them


@pytest.mark.parametrize("file", ["tips.yaml", "manual.yaml", "release_notes.yaml", "refusals.yaml"])
def test_no_text_is_left_in_the_other_language_or_speaks_otherwise_than_the_house(file: str) -> None:
    texts = words_of(file)
    assert texts
    for text in texts:
        assert text["nl"] != text["en"] or text["nl"] == "Professionals"
        for word in ("helaas", "oeps", "gelieve", "succesvol", "!", " je ", " jouw "):
            assert word not in text["nl"].lower()
