"""The fixed questions: enough of them, in both languages, and never another meaning under the same code."""

import hashlib
import json
from collections import Counter
from pathlib import Path

from look.language import use_language
from modules.jeugdmonitor.bank import ABOUT_YOU, BANK, THEMES, age_groups, bank_for_ages
from modules.jeugdmonitor.own_question import words_that_ask_who
from modules.jeugdmonitor.question import Question

ASKED = Path(__file__).parent / "asked_before.json"


def test_there_are_enough_questions_on_every_theme() -> None:
    assert len(BANK) >= 30
    themes = Counter(question.theme for question in BANK.values())
    assert set(themes) == {"living", "leisure", "school", "wellbeing", "participation"} == set(THEMES)
    assert min(themes.values()) >= 6
    assert len(bank_for_ages(6)) >= 30


def test_every_question_can_be_read_in_both_languages() -> None:
    for question in [*BANK.values(), *ABOUT_YOU.values()]:
        said = [question.prompt, *(option.words for option in question.options)]
        assert all(words.nl.strip() and words.en.strip() for words in said), question.code
        assert question.prompt.nl.endswith("?")
        assert len(question.options) >= 3 or question.kind == "one"
    with use_language("en"):
        assert str(BANK["living_like"].prompt) == "How do you like living in your municipality?"


def test_no_two_questions_and_no_two_answers_are_the_same() -> None:
    prompts = [question.prompt.nl for question in BANK.values()]
    assert len(set(prompts)) == len(prompts)
    for question in BANK.values():
        words = [option.words.nl for option in question.options]
        assert len(set(words)) == len(words), question.code


def test_the_words_are_short_and_address_a_child() -> None:
    for question in BANK.values():
        assert len(question.prompt.nl.split()) <= 16, question.prompt.nl
        assert not {"u", "uw"} & set(question.prompt.nl.lower().split())


def test_no_question_asks_who_a_child_is() -> None:
    """SV5: what is asked of a municipality holds for the bank too; "klas" stands in a question about belonging."""
    found = {code: words_that_ask_who(question.prompt.nl) for code, question in BANK.items()}
    assert {code: words for code, words in found.items() if words} == {
        "living_safe_day": ["straat"],
        "living_safe_dark": ["straat"],
        "living_traffic": ["straat"],
        "living_litter": ["straat"],
        "school_belong": ["klas"],
    }


def test_what_was_asked_once_keeps_its_meaning() -> None:
    """A question or answer that is worded otherwise gets a new code; the old one stays, retired. New codes are added here."""
    asked = json.loads(ASKED.read_text())
    assert {code: digest(question) for code, question in [*BANK.items(), *ABOUT_YOU.items()]} == asked


def test_a_round_is_offered_the_age_groups_that_it_is_about() -> None:
    assert [group.code for group in age_groups(8, 14)] == ["6-8", "9-11", "12-14"]
    assert [group.code for group in age_groups(12, 12)] == ["12-14"]
    assert [group.code for group in age_groups(6, 25)] == [option.code for option in ABOUT_YOU["age_group"].options]


def digest(question: Question) -> str:
    """Short for: exactly this question with exactly these answers, in Dutch."""
    said = [question.kind, question.prompt.nl, [[option.code, option.words.nl] for option in question.options]]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]
