"""The fixed bank of questions, and the two things that answers are broken down by.

Owns: reading bank.yaml once, and which questions suit which ages. Pure: knows no page and no database. Does not own own
questions (own_question.py).
"""

from pathlib import Path
from typing import Any

import yaml

from modules.jeugdmonitor.question import Option, Question, Theme
from modules.kit.words import Words

_FILE = Path(__file__).parent / "bank.yaml"
_READ: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))


def _words(entry: dict[str, str]) -> Words:
    return Words(**entry)


def _options(entries: dict[str, dict[str, str]]) -> tuple[Option, ...]:
    return tuple(Option(code, _words(entry)) for code, entry in entries.items())


def _question(code: str, entry: dict[str, Any]) -> Question:
    scale = entry.get("scale")
    return Question(
        code=code,
        theme=entry["theme"],
        kind=entry.get("kind", "one"),
        prompt=_words(entry["prompt"]),
        options=_options(_READ["scales"][scale] if scale else entry["options"]),
        ordered=scale is not None,
        from_age=entry.get("from_age", 0),
        delicate=entry.get("delicate", False),
        retired=entry.get("retired", False),
        core=entry.get("core", False),
    )


THEMES: dict[str, Theme] = {
    code: Theme(code, _words(entry["for_children"]), _words(entry["for_coordinator"]))
    for code, entry in _READ["themes"].items()
}
"""In the order in which a form asks them."""

BANK: dict[str, Question] = {code: _question(code, entry) for code, entry in _READ["questions"].items()}
"""Every question that was ever asked, by its code, in the order in which a form asks them."""

ABOUT_YOU: dict[str, Question] = {
    code: Question(code, "about_you", "one", _words(entry["prompt"]), _options(entry["options"]))
    for code, entry in _READ["about_you"].items()
}
"""`age_group` and `gender`: asked last in every round; the columns of `responses`, and the only breakdowns."""


def bank_for_ages(lowest: int) -> list[Question]:
    """The questions that a round may choose from, when its youngest are `lowest` years old."""
    return [question for question in BANK.values() if not question.retired and question.from_age <= lowest]


def age_groups(lowest: int, highest: int) -> tuple[Option, ...]:
    """The age groups that have an age from `lowest` to `highest` in them."""

    def overlaps(option: Option) -> bool:
        first, last = (int(age) for age in option.code.split("-"))
        return first <= highest and lowest <= last

    return tuple(option for option in ABOUT_YOU["age_group"].options if overlaps(option))
